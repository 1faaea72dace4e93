"""The chart as tests see it: what helm makes of given values. By hand, after scripts/chart-tools and a release build:
build/tools/python/bin/python tests/deploy/deployment_test.py"""
import os
import pathlib
import subprocess

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
CHART = TOP / "deploy" / "helm" / "baton"
HELM = os.environ.get("BATON_HELM", TOP / "build/tools/bin/helm")
BATON = os.environ.get("BATON_PROGRAM", TOP / "build/release/baton")


def helm(*arguments, values=None):
    """The end of a call of helm that knows of no cluster. Values are a map; strings keep their type."""
    command = [HELM, *map(str, arguments)]
    text = ""
    if values is not None:
        command += ["--values", "-"]
        text = yaml.safe_dump(values, allow_unicode=True)
    environment = {"HOME": os.environ.get("HOME", "/nonexistent"), "KUBECONFIG": "/nonexistent"}
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, env=environment, check=False)


def render(values=None, kubernetes="1.30.0", chart=CHART, more=()):
    """The objects that `helm template baton` prints, in its order."""
    end = helm("template", "baton", chart, "--kube-version", kubernetes, *more, values=values or {})
    if end.returncode != 0:
        raise AssertionError(end.stderr)
    return [one for one in yaml.safe_load_all(end.stdout) if one is not None]


def refusal(values):
    """helm's message about values that it must refuse."""
    end = helm("template", "baton", CHART, values=values)
    if end.returncode == 0:
        raise AssertionError(f"not refused: {values}")
    return end.stderr


def the(kind, objects):
    """The one object of this kind."""
    found = [one for one in objects if one["kind"] == kind]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects of kind {kind}")
    return found[0]


def pod_of(objects):
    return the("Deployment", objects)["spec"]["template"]


def container_of(objects):
    containers = pod_of(objects)["spec"]["containers"]
    if len(containers) != 1:
        raise AssertionError(f"{len(containers)} containers")
    return containers[0]


def config_with(**sections):
    """Text for config.yaml: a configuration that the chart accepts, with these sections in the place of its own."""
    config = {
        "repository": {"url": "${REPOSITORY_URL}"},
        "server": {"listen": "0.0.0.0:8080"},
        "jobs": {"a": {"steps": [{"name": "s", "sql": {"statement": "select 1"}}]}},
    }
    config.update(sections)
    return yaml.safe_dump(config)
