"""What is written twice says the same: files made from others, values and their schema."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from chart import BATON, CHART, HELM, TOP

SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def manifests(top, *arguments):
    environment = {**os.environ, "BATON_HELM": str(HELM)}
    return subprocess.run([top / "scripts/manifests", *arguments], capture_output=True, text=True, timeout=120,
                          env=environment, check=False)


def keys_of(text):
    """Path of each key of values.yaml → whether a comment stands above it."""
    found, path, block, before = {}, [], None, ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if block is not None and (indent > block or not line.strip()):
            continue
        block = None
        key = re.match(r"( *)([A-Za-z]+):(.*)", line)
        if key:
            path = path[:indent // 2] + [key[2]]
            found[".".join(path)] = before.strip().startswith("#")
            if key[3].strip() == "|":
                block = indent
        before = line
    return found


def properties_of(schema, path=""):
    """Path of each property of the schema → the property."""
    found = {}
    for name, one in schema.get("properties", {}).items():
        found[path + name] = one
        found.update(properties_of(one, path + name + "."))
    return found


class MadeFiles(unittest.TestCase):
    def test_source_tree_then_up_to_date(self):
        end = manifests(TOP, "--check")
        self.assertEqual(end.returncode, 0, end.stdout + end.stderr)

    def test_changed_source_then_out_of_date_until_written_again(self):
        for changed in ("deploy/prometheus/alerts.yml", "deploy/helm/baton/templates/service.yaml"):
            with self.subTest(changed), tempfile.TemporaryDirectory() as folder:
                top = pathlib.Path(folder)
                shutil.copytree(TOP / "deploy", top / "deploy")
                (top / "scripts").mkdir()
                shutil.copy(TOP / "scripts/manifests", top / "scripts/manifests")
                self.assertEqual(manifests(top, "--check").returncode, 0)
                with (top / changed).open("a") as file:
                    file.write("\n# changed\n")
                end = manifests(top, "--check")
                self.assertEqual(end.returncode, 1)
                self.assertIn("not up to date: run scripts/manifests", end.stderr)
                self.assertEqual(manifests(top).returncode, 0)
                self.assertEqual(manifests(top, "--check").returncode, 0)


class Values(unittest.TestCase):
    def test_each_value_then_a_comment_above_it(self):
        keys = keys_of((CHART / "values.yaml").read_text())
        self.assertGreater(len(keys), 60)
        self.assertEqual([key for key, is_said in keys.items() if not is_said], [])

    def test_each_value_then_the_schema_describes_it(self):
        properties = properties_of(SCHEMA)
        for key in keys_of((CHART / "values.yaml").read_text()):
            self.assertIn(key, properties)
        self.assertEqual([key for key, one in properties.items() if not one.get("description")], [])

    def test_each_key_of_the_schema_then_it_has_a_value(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        optional = re.compile(r"probes\.[a-z]+\.|resources\.claims$")
        for key in properties_of(SCHEMA):
            node = values
            if optional.match(key):
                continue
            for name in key.split("."):
                self.assertIn(name, node, key)
                node = node[name]

    def test_maps_of_the_schema_then_no_unknown_keys(self):
        def check(schema, path):
            if schema.get("type") == "object" and "properties" in schema:
                self.assertIs(schema.get("additionalProperties"), False, path)
            for name, one in schema.get("properties", {}).items():
                check(one, f"{path}.{name}")
        check(SCHEMA, "")


class Versions(unittest.TestCase):
    def setUp(self):
        text = (TOP / "CMakeLists.txt").read_text()
        self.program = re.search(r"^project\(baton VERSION ([0-9.]+)", text, re.MULTILINE)[1]

    def test_chart_then_its_versions_are_the_programs(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (self.program, self.program))

    def test_plain_manifests_then_their_image_is_the_programs(self):
        images = re.findall(r"image: \"(.*)\"", (TOP / "deploy/kubernetes/baton.yaml").read_text())
        self.assertEqual(images, [f"baton:{self.program}"])

    @unittest.skipUnless("BATON_PROGRAM" in os.environ, "no program is given")
    def test_given_program_then_it_says_the_same(self):
        end = subprocess.run([BATON, "version"], capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(end.stdout, f"baton {self.program}\n")

    def test_document_then_it_builds_this_version(self):
        said = re.findall(r"/baton:([0-9.]+[0-9])", (TOP / "docs/kubernetes.md").read_text())
        self.assertGreater(len(said), 0)
        self.assertEqual(set(said), {self.program})


class PlainManifests(unittest.TestCase):
    def test_they_have_no_checksum_then_they_promise_no_rolling_of_pods(self):
        text = (TOP / "deploy/kubernetes/baton.yaml").read_text()
        self.assertIn("kubectl rollout restart", text.splitlines()[0])
        for word in ("checksum", "rolls the pods"):
            self.assertNotIn(word, text)
        [deployment] = [one for one in yaml.safe_load_all(text) if one["kind"] == "Deployment"]
        self.assertNotIn("annotations", deployment["spec"]["template"]["metadata"])


if __name__ == "__main__":
    unittest.main()
