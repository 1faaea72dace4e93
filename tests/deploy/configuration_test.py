"""The configuration in the pods: Baton finds no mistake in it, and runs by it as a pod does."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request
import uuid

import yaml

from chart import BATON, TOP, container_of, render, the
from matrix import MATRIX, environment_of

PATIENCE_S = 60


def lay_out(objects, folder, change=lambda text: text):
    """The files of the ConfigMap in a folder; what a pod's environment says of them."""
    for name, text in the("ConfigMap", [one for one in objects if "dashboard" not in one["metadata"]["name"]])["data"].items():
        (pathlib.Path(folder) / name).write_text(change(text))
    said = {one["name"]: one.get("value", "") for one in container_of(objects)["env"]}
    config = pathlib.PurePosixPath(said["BATON_CONFIG"])
    [mount] = [one for one in container_of(objects)["volumeMounts"] if one["name"] == "config"]
    assert str(config.parent) == mount["mountPath"]
    return {**said, "BATON_CONFIG": f"{folder}/{config.name}"}


def server_url():
    return os.environ.get("BATON_TEST_POSTGRES") or pathlib.Path(os.environ["BATON_POSTGRES_URL_FILE"]).read_text().strip()


class Validated(unittest.TestCase):
    def validate(self, objects, values):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**lay_out(objects, folder), **environment_of(values)}
            return subprocess.run(
                [BATON, "validate"], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def test_any_values_then_baton_finds_no_mistake(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                end = self.validate(render(values), values)
                self.assertEqual(end.returncode, 0, end.stdout + end.stderr)
                self.assertIn("is valid", end.stdout)

    def test_plain_manifests_then_baton_finds_no_mistake(self):
        objects = list(yaml.safe_load_all((TOP / "deploy/kubernetes/baton.yaml").read_text()))
        end = self.validate(objects, {})
        self.assertEqual(end.returncode, 0, end.stdout + end.stderr)

    def test_key_that_baton_does_not_know_then_its_place_in_the_text_of_the_values(self):
        values = {"config": {"yaml": 'jobz: 1\n' + MATRIX["properties"]["config"]["yaml"] +
                                     "repository: { url: postgresql://db/etl }\n"}}
        end = self.validate(render(values), values)
        self.assertEqual(end.returncode, 78)
        self.assertIn("baton.yaml:1:1: unknown key `jobz`", end.stderr)


class Database:
    """A database of its own on the tests' server."""

    def __init__(self):
        self.name = "t_" + uuid.uuid4().hex[:16]
        self.server = server_url()
        self.url = self.server[:self.server.rindex("/") + 1] + self.name

    def __enter__(self):
        self.query(f"CREATE DATABASE {self.name}")
        return self

    def __exit__(self, *_):
        self.query(f"DROP DATABASE {self.name} WITH (FORCE)")

    def query(self, sql, url=None):
        command = ["psql", "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, url or self.server]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout.strip()


class Pod:
    """A process as the rendered container describes it, but for paths and the port."""

    def __init__(self, objects, folder, environment):
        self.container = container_of(objects)
        config = pathlib.Path(folder) / "config"
        config.mkdir()
        listening = lambda text: text.replace("0.0.0.0:8080", "127.0.0.1:0")
        self.environment = {**lay_out(objects, config, listening), **environment}
        config.chmod(0o555)
        self.root = pathlib.Path(folder) / "rootfs"
        self.root.mkdir()
        self.root.chmod(0o555)
        self.log = pathlib.Path(folder) / "log"

    def __enter__(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [BATON, *self.container["args"]], env=self.environment, cwd=self.root, stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def until(self, what):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"it did not come to that; its log:\n{self.log.read_text()}")

    def port(self):
        found = self.until(lambda: re.search(r"metrics and health at http://127\.0\.0\.1:(\d+)", self.log.read_text()))
        return int(found.group(1))

    def answers(self, probe):
        path = self.container[probe]["httpGet"]["path"]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}", timeout=PATIENCE_S) as answer:
                return answer.status == 200
        except OSError:
            return False

    def command(self, *arguments):
        return subprocess.run([BATON, *arguments], env=self.environment, cwd=self.root, capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)


class Run(unittest.TestCase):
    def test_default_values_and_a_database_then_a_replica_that_is_ready_and_ends_well(self):
        with Database() as database, tempfile.TemporaryDirectory() as folder:
            with Pod(render(), folder, {"REPOSITORY_URL": database.url}) as pod:
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    pod.until(lambda: pod.answers(probe))
                done = "SELECT count(*) FROM datasync.batch_job_execution WHERE status = 'COMPLETED'"
                pod.until(lambda: database.query(done, database.url) != "0")
                status = pod.command("status")
                self.assertEqual(status.returncode, 0, status.stderr)
                self.assertIn("hello", status.stdout)
                pod.process.send_signal(signal.SIGTERM)
                self.assertEqual(pod.process.wait(timeout=PATIENCE_S), 0, pod.log.read_text())
            self.assertEqual(list(pod.root.iterdir()), [])

    def test_database_is_away_then_the_pod_lives_and_is_not_ready(self):
        with tempfile.TemporaryDirectory() as folder:
            with Pod(render(), folder, {"REPOSITORY_URL": "postgresql://127.0.0.1:1/etl"}) as pod:
                pod.until(lambda: pod.answers("startupProbe"))
                self.assertTrue(pod.answers("livenessProbe"))
                self.assertFalse(pod.answers("readinessProbe"))
                pod.process.send_signal(signal.SIGTERM)
                self.assertEqual(pod.process.wait(timeout=PATIENCE_S), 0, pod.log.read_text())


if __name__ == "__main__":
    unittest.main()
