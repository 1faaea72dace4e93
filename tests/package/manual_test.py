"""The manual pages: roff without a warning; every command and option of --help, and every key of the schema, stands there."""
import json
import re
import subprocess
import unittest

from unpacked import BATON, ROOT, commands, output

PAGE = ROOT / "usr/share/man/man1/baton.1.gz"
CONFIGURATION = ROOT / "usr/share/man/man5/baton.yaml.5.gz"


def rendered(page):
    environment = {"MANWIDTH": "200", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    return output("man", "--warnings", "--encoding=UTF-8", "--local-file", page, env=environment)


def keys(schema, path=""):
    """Each map of known keys: {its path: its keys}."""
    found = {}
    if schema.get("properties"):
        found[path] = set(schema["properties"])
    for key, below in schema.get("properties", {}).items():
        found.update(keys(below, f"{path}.{key}".lstrip(".")))
    for one in schema.get("anyOf", []):
        found.update(keys(one, path))
    if isinstance(schema.get("additionalProperties"), dict):
        found.update(keys(schema["additionalProperties"], path + ".NAME"))
    if isinstance(schema.get("items"), dict):
        found.update(keys(schema["items"], path + "[]"))
    return found


class Manual(unittest.TestCase):
    def test_formatted_then_no_warning(self):
        for page in (PAGE, CONFIGURATION):
            text = subprocess.run(["gzip", "-cd", page], capture_output=True, check=True).stdout
            end = subprocess.run(["groff", "-ww", "-z", "-man", "-Tutf8", "-k"], input=text, capture_output=True, check=False)
            self.assertEqual((end.returncode, end.stderr), (0, b""), page)

    def test_every_key_of_the_schema_then_in_its_part(self):
        schema = keys(json.loads(output(BATON, "schema")))
        self.assertGreater(len(schema), 20)
        text = rendered(CONFIGURATION)
        self.assertNotIn("`", text)
        for path, wanted in schema.items():
            part = re.search(rf"^{re.escape(path or 'KEYS')}\n(.*?)^\S", text, re.MULTILINE | re.DOTALL)
            self.assertTrue(part, path)
            self.assertEqual(set(re.findall(r"^       (\w+) \(", part[1], re.MULTILINE)), wanted, path)

    def test_its_parts_then_those_that_every_page_has(self):
        titles = re.findall(r"^(\S.*)$", rendered(PAGE), re.MULTILINE)
        wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]
        self.assertEqual(titles[1:-1], wanted)

    def test_every_command_of_help_then_it_has_its_options(self):
        text = rendered(PAGE)
        listed = commands()
        self.assertGreater(len(listed), 20)
        for path, options in listed.items():
            if any(other[:-1] == path for other in listed if other):
                continue
            part = re.search(rf"^   baton {' '.join(path)}\n(.*?)(?=^\S|^   \S)", text, re.MULTILINE | re.DOTALL)
            self.assertTrue(part, path)
            entries = re.findall(r"^       (?:-\S, )?(--[a-z-]+)", part[1], re.MULTILINE)
            self.assertEqual(entries, [one for one in options if one != "--help"], path)

    def test_the_programs_own_options_then_in_their_part(self):
        part = re.search(r"^OPTIONS\n(.*?)^\S", rendered(PAGE), re.MULTILINE | re.DOTALL)
        for option in commands()[()]:
            self.assertIn(option, part[1])


if __name__ == "__main__":
    unittest.main()
