"""The package: what it holds and needs, and that the program in it runs."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from unpacked import BATON, ROOT, SHIPPED, TOP, deb, output

DOCUMENTS = "usr/share/doc/baton/"
FILES = {
    "etc/baton/baton.yaml",
    "lib/systemd/system/baton.service",
    "usr/bin/baton",
    "usr/lib/sysusers.d/baton.conf",
    "usr/share/bash-completion/completions/baton",
    "usr/share/fish/vendor_completions.d/baton.fish",
    "usr/share/man/man1/baton.1.gz",
    "usr/share/man/man5/baton.yaml.5.gz",
    "usr/share/zsh/vendor-completions/_baton",
    DOCUMENTS + "README.md",
    DOCUMENTS + "changelog.Debian.gz",
    DOCUMENTS + "changelog.gz",
    DOCUMENTS + "copyright",
}


def field(name):
    return output("dpkg-deb", "--field", deb(), name).strip()


def control_file(name):
    return output("dpkg-deb", "--info", deb(), name)


class Control(unittest.TestCase):
    def test_its_version_then_the_programs(self):
        self.assertEqual(output(BATON, "version"), f"baton {field('Version').rsplit('-', 1)[0]}\n")

    def test_its_dependencies_then_what_the_image_takes_too(self):
        wanted = {re.sub(r"-fmt\d+$", "", re.split(r"[ :(]", one)[0]) for one in field("Depends").split(", ")}
        lines = (TOP / "deploy/image/runtime-packages.txt").read_text().splitlines()
        of_image = {line for line in lines if line and not line.startswith("#")}
        self.assertEqual(wanted - {"libc6", "libgcc-s1", "systemd"}, of_image)

    def test_its_configuration_then_dpkg_keeps_changes_of_it(self):
        self.assertEqual(control_file("conffiles"), "/etc/baton/baton.yaml\n")

    def test_its_scripts_then_a_shell_takes_them_and_nothing_is_started(self):
        for name in ("postinst", "prerm", "postrm"):
            text = control_file(name)
            output("sh", "-n", input=text)
            for word in (" enable", " start ", " restart"):
                self.assertNotIn(word, re.sub(r"^ *#.*", "", text, flags=re.MULTILINE), name)


class Contents(unittest.TestCase):
    def test_its_files_then_these_and_documents(self):
        files = {str(one.relative_to(ROOT)) for one in ROOT.rglob("*") if not one.is_dir()}
        self.assertEqual({one for one in files if not one.startswith(DOCUMENTS + "docs/")}, FILES)
        self.assertIn(DOCUMENTS + "docs/install.md", files)

    def test_its_documents_then_link_to_what_is_there(self):
        links = 0
        for document in (ROOT / DOCUMENTS).rglob("*.md"):
            for target in re.findall(r"\[[^\][]+\]\(([^()#]*)[^()]*\)", document.read_text()):
                if target and "://" not in target and not target.startswith("mailto:"):
                    self.assertTrue((document.parent / target).exists(), f"{document}: {target}")
                    links += 1
        self.assertGreater(links, 30)

    def test_its_owners_and_modes_then_roots_and_plain(self):
        for line in output("dpkg-deb", "--contents", deb()).splitlines():
            mode, owner = line.split()[:2]
            wanted = "drwxr-xr-x" if mode.startswith("d") else "-rwxr-xr-x" if line.endswith("/baton") and "bin" in line else "-rw-r--r--"
            self.assertEqual((mode, owner), (wanted, "root/root"), line)

    def test_its_program_then_stripped(self):
        self.assertNotIn(".symtab", output("readelf", "--sections", "--wide", BATON))


class Configuration(unittest.TestCase):
    def test_as_shipped_then_valid(self):
        self.assertIn("is valid: 1 job", output(BATON, "validate", "--config", SHIPPED))

    def test_its_example_in_comments_then_valid_too(self):
        before, example = SHIPPED.read_text().split("  # A load")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "baton.yaml"
            file.write_text(before + "  # A load" + example.replace("\n  # ", "\n  "))
            self.assertIn("is valid: 2 jobs", output(BATON, "validate", "--config", file))

    def test_its_job_then_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "baton.yaml"
            file.write_text(SHIPPED.read_text().replace("/var/lib/baton", folder))
            for _ in range(2):
                end = subprocess.run([BATON, "run", "--once", "greet", "--config", file], capture_output=True, text=True,
                                     timeout=60, check=False)
                self.assertEqual(end.returncode, 0, end.stderr)
                self.assertIn("greet COMPLETED", end.stdout)


if __name__ == "__main__":
    unittest.main()
