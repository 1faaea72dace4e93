"""docs/kubernetes.md: its configurations are valid, the chart takes its values, Baton and helm know its commands."""
import json
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import yaml

from chart import BATON, CHART, TOP, helm, pod_of, refusal, render
from configuration_test import lay_out

TEXT = (TOP / "docs/kubernetes.md").read_text()
ENVIRONMENT = {"REPOSITORY_URL": "postgresql://127.0.0.1:1/etl", "WAREHOUSE_PASSWORD": "p"}
AWAY = 75


def blocks(language, title=""):
    found = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [block for block in found if block.startswith(title)]


def console_lines():
    return [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]


def baton_commands():
    """Each `baton …` of the text, of consoles and in backquotes, as arguments."""
    inline = [code for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S))]
    found = set()
    for code in inline + console_lines():
        command = re.search(r"(?:^|-- |\s)baton ((?:[a-z]+)(?: .*)?)$", code)
        if command and "helm " not in code:
            found.add(command[1])
    return sorted(found)


class Document(unittest.TestCase):
    def test_its_configurations_then_baton_finds_no_mistake(self):
        files = blocks("yaml", "# baton.yaml")
        self.assertEqual(len(files), 2)
        for text in files:
            objects = render({"config": {"yaml": text}})
            with tempfile.TemporaryDirectory() as folder:
                end = subprocess.run([BATON, "validate"], env={**lay_out(objects, folder), **ENVIRONMENT},
                                     capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(end.returncode, 0, end.stderr)

    def test_its_values_then_the_chart_takes_them(self):
        values = blocks("yaml", "# values.yaml")
        self.assertEqual(len(values), 4)
        self.assertEqual(len(blocks("yaml")), 6)
        for text in values:
            with self.subTest(text):
                render(yaml.safe_load(text))

    def test_its_values_named_in_the_text_then_the_chart_has_them(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        table = TEXT[TEXT.index("## Values that matter"):TEXT.index("## What a rolling update does")]
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
            for name in re.findall(r"`([A-Za-z]+)", row):
                self.assertTrue(name in values or name in ("replica", "server", "repository", "config"), name)

    def test_its_helm_commands_then_helm_knows_them(self):
        lines = [line for line in console_lines() if line.startswith("helm ")]
        self.assertEqual(len(lines), 1)
        for line in lines:
            words = shlex.split(line)
            self.assertEqual(words[:5], ["helm", "upgrade", "--install", "baton", "deploy/helm/baton"])
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "baton.yaml"
                file.write_text(blocks("yaml", "# baton.yaml")[0])
                options = [word.replace("=baton.yaml", f"={file}") for word in words[5:]]
                end = helm("template", "baton", CHART, *options)
                self.assertEqual(end.returncode, 0, end.stderr)
                self.assertIn('image: "registry.example/baton:', end.stdout)
                self.assertIn("      orders:\n", end.stdout)

    def test_its_baton_commands_then_right_usage(self):
        commands = baton_commands()
        self.assertIn("status", commands)
        self.assertIn("trigger orders --wait", commands)
        self.assertGreaterEqual(len(commands), 8)
        for command in commands:
            arguments = shlex.split(command.replace("JOB", "orders"))
            with self.subTest(command), tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "baton.yaml"
                file.write_text(blocks("yaml", "# baton.yaml")[0])
                end = subprocess.run([BATON, *arguments], env={**ENVIRONMENT, "BATON_CONFIG": str(file)}, cwd=folder,
                                     capture_output=True, text=True, timeout=60, check=False)
                self.assertIn(end.returncode, (0,) if arguments[0] == "validate" else (AWAY,), end.stderr)

    def test_wrong_usage_then_the_code_for_it(self):
        end = subprocess.run([BATON, "status", "--wach"], capture_output=True, text=True, timeout=60, check=False)
        self.assertNotIn(end.returncode, (0, AWAY))

    def test_its_images_then_the_dockerfile_has_them(self):
        stages = re.findall(r"^FROM .* AS (\w+)$", (TOP / "Dockerfile").read_text(), re.MULTILINE)
        lines = [shlex.split(line) for line in console_lines() if line.startswith("docker ")]
        self.assertEqual([line[1] for line in lines], ["build", "push", "build", "push"])
        for build, push in (lines[:2], lines[2:]):
            self.assertEqual((build[2], build[3], build[-1]), ("-t", push[2], "."))
            self.assertEqual(push[2].rpartition(":")[0], "registry.example/baton")
        self.assertEqual(stages[-1], "final")
        self.assertEqual(lines[2][4:6], ["--target", "slim"])
        self.assertIn("slim", stages)

    def test_missing_secret_then_the_document_says_how_pods_look(self):
        # A volume that is not optional is looked for before the container's environment is.
        pod = pod_of(render({"secret": {"existing": "db"}}))["spec"]
        [volume] = [one for one in pod["volumes"] if one["name"] == "secret"]
        self.assertNotIn("optional", volume["secret"])
        [row] = re.findall(r"^\| (.*) \| the Secret does not exist", TEXT, re.MULTILINE)
        self.assertIn("`ContainerCreating`", row)
        self.assertIn("`FailedMount`", row)

    def test_exit_code_137_then_memory_alone_since_a_short_grace_is_refused(self):
        self.assertIn("terminationGracePeriodSeconds", refusal({"terminationGracePeriodSeconds": 25}))
        [row] = re.findall(r"^\| exit code 137.*$", TEXT, re.MULTILINE)
        self.assertEqual(row.rsplit("|", 2)[1].strip(), "`resources.limits.memory`")

    def test_replaced_pods_then_values_and_document_agree_that_both_may_live(self):
        values = (CHART / "values.yaml").read_text()
        self.assertNotIn("ends before its successor", values)
        self.assertIn("may start while the old\n# one is still ending", values)
        self.assertIn("Kubernetes does not count pods that are still ending", TEXT)

    def test_its_policy_then_that_of_the_repository(self):
        policies = [json.loads(block) for block in blocks("json")]
        self.assertEqual(policies[0], json.loads((TOP / "deploy/iam/with-scan.json").read_text()))

    def test_its_default_timings_then_the_charts(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        startup = values["probes"]["startup"]
        self.assertIn("5 minutes are granted", TEXT)
        self.assertEqual(startup["periodSeconds"] * startup["failureThreshold"], 300)
        self.assertIn("`minReadySeconds` (5)", TEXT)
        self.assertEqual(values["minReadySeconds"], 5)

    def test_its_links_then_the_files_exist(self):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT):
            self.assertTrue((TOP / "docs" / link).exists(), link)
        for path in re.findall(r"`((?:deploy|docs|scripts)/[^` ]+)`", TEXT):
            self.assertTrue((TOP / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
