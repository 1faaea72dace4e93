"""baton.service: what systemd says of it, and that it fits the program."""
import configparser
import json
import re
import unittest

from unpacked import BATON, ROOT, SHIPPED, TOP, output

UNIT = ROOT / "lib/systemd/system/baton.service"


class OneValueEach(configparser.RawConfigParser):
    optionxform = staticmethod(str)


def service():
    unit = OneValueEach(strict=False, comment_prefixes=("#",), delimiters=("=",))
    unit.read(UNIT)
    return unit["Service"]


def exit_code(name):
    text = (TOP / "src/app/exit_code.h").read_text()
    return re.search(rf"\b{name} = (\d+)", text)[1]


def default_grace_s():
    schema = json.loads(output(BATON, "schema"))
    [replica] = [one for one in schema["properties"]["replica"]["anyOf"] if one["type"] == "object"]
    default = replica["properties"]["shutdown_grace"]["default"]
    assert default.endswith("s") and not default.endswith("ms"), default
    return int(default[:-1])


class Service(unittest.TestCase):
    def test_verified_then_systemd_finds_nothing_wrong(self):
        said = output("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={ROOT}", "baton.service")
        self.assertEqual(said, "")

    def test_its_exposure_then_low(self):
        output("systemd-analyze", "security", "--offline=true", "--threshold=20", UNIT)

    def test_p22_its_stop_then_the_program_alone_is_told_and_has_its_grace(self):
        self.assertEqual(service()["KillMode"], "mixed")
        self.assertNotIn("KillSignal", service())
        self.assertGreaterEqual(int(service()["TimeoutStopSec"]), default_grace_s() + 10)

    def test_its_restarts_then_not_where_a_person_must_act(self):
        self.assertEqual(service()["Restart"], "on-failure")
        self.assertEqual(service()["RestartPreventExitStatus"].split(), [exit_code("wrong_usage"), exit_code("wrong_config")])

    def test_its_paths_then_those_of_the_package(self):
        self.assertTrue((ROOT / service()["ExecStart"].split()[0].lstrip("/")).exists())
        self.assertEqual(service()["Environment"], "BATON_CONFIG=/etc/baton/baton.yaml")
        self.assertEqual(service()["WorkingDirectory"], "/var/lib/" + service()["StateDirectory"])
        for path in re.findall(r"sqlite:([^\"]*/)", SHIPPED.read_text()):
            self.assertEqual(path, service()["WorkingDirectory"] + "/")

    def test_its_user_then_the_one_that_is_made(self):
        made = (ROOT / "usr/lib/sysusers.d/baton.conf").read_text().split()
        self.assertEqual(made[:2], ["u", service()["User"]])


if __name__ == "__main__":
    unittest.main()
