"""The package under test, and the program in it."""
import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ["BATON_PACKAGE_FOLDER"]).resolve()
ROOT = FOLDER / "root"
BATON = ROOT / "usr/bin/baton"
SHIPPED = ROOT / "etc/baton/baton.yaml"
PATIENCE_S = 60


def output(*command, **more):
    """Standard output; fails the test where the command fails or complains."""
    end = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE_S, check=False, **more)
    assert end.returncode == 0 and not end.stderr, f"{command}: {end.returncode}\n{end.stdout}{end.stderr}"
    return end.stdout


def deb():
    [file] = FOLDER.glob("baton_*.deb")
    return file


def section(text, title):
    found = re.search(rf"^{title}:\n(.*?)(?:^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^  (\S+)", found[1], re.MULTILINE) if found else []


def commands(path=()):
    """Each command as --help shows it: {path: its own options}, the program itself with the empty path."""
    text = output(BATON, *path, "--help")
    names = [name.split(",")[-1] for name in section(text, "Options")]
    found = {path: [name for name in names if name.startswith("--")]}
    for name in section(text, "Subcommands"):
        found.update(commands((*path, name)))
    return found
