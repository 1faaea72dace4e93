"""The completions, each asked as its shell would ask it: commands, options, values, files and jobs."""
import os
import pathlib
import pty
import select
import shlex
import tempfile
import time
import unittest

from unpacked import PATIENCE_S, ROOT, commands, output

JOBS = "jobs:\n" + "".join(f'  {name}: {{ steps: [ {{ name: s, sql: {{ statement: "select 1" }} }} ] }}\n'
                           for name in ("orders", "order lines", "vendors"))
PATH = f"{ROOT}/usr/bin:/usr/bin:/bin"
# Readline's: --option=value is three words.
ASK_BASH = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _baton; printf "%s\\n" "${COMPREPLY[@]}"'


class Shell(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        (pathlib.Path(self.folder) / "baton.yaml").write_text(JOBS)
        (pathlib.Path(self.folder) / "other.yaml").write_text(JOBS.replace("vendors", "suppliers"))
        self.more = {"cwd": self.folder, "env": {"PATH": PATH, "HOME": self.folder, "LC_ALL": "C.UTF-8"}}


class Bash(Shell):
    script = ROOT / "usr/share/bash-completion/completions/baton"

    def ask(self, *words):
        text = output("bash", "--norc", "-c", ASK_BASH, self.script, "baton", *words, **self.more)
        return sorted(line for line in text.splitlines() if line)

    def test_its_script_then_bash_takes_it(self):
        output("bash", "-n", self.script)
        self.assertIn("complete -F _baton baton", output("bash", "--norc", "-c", f"source {shlex.quote(str(self.script))}; complete -p"))

    def test_every_command_of_help_then_it_and_its_options(self):
        listed = commands()
        for path, options in listed.items():
            self.assertEqual(self.ask(*path, "--"), sorted({*options, *listed[()]}), path)
            below = sorted(other[-1] for other in listed if other and other[:-1] == path)
            if below:
                self.assertEqual(self.ask(*path, ""), below, path)

    def test_the_beginning_of_a_command_then_the_rest(self):
        self.assertEqual(self.ask("sta"), ["status"])
        self.assertEqual(self.ask("--json", "--config", "run", "sta"), ["status"], "a value is no command")
        self.assertEqual(self.ask("status", "--js"), ["--json"])
        self.assertEqual(self.ask("rejects", "ex"), ["export"])

    def test_jobs_then_those_of_the_configuration(self):
        self.assertEqual(self.ask("explain", ""), ["order\\ lines", "orders", "vendors"])
        self.assertEqual(self.ask("explain", "v"), ["vendors"])
        self.assertEqual(self.ask("explain", '"order '), ["order lines"])
        self.assertEqual(self.ask("explain", "order\\ l"), ["order\\ lines"])
        self.assertEqual(self.ask("explain", "vendors", ""), [], "one is enough")
        self.assertEqual(self.ask("run", "--once", "vendors", "orde"), ["order\\ lines", "orders"], "here are more")
        self.assertEqual(self.ask("run", "--wait", "5s", "ven"), ["vendors"])
        self.assertEqual(self.ask("rejects", "list", "ven"), ["vendors"])

    def test_jobs_of_another_configuration_then_its_own(self):
        self.assertEqual(self.ask("--config", "other.yaml", "stop", "s"), ["suppliers"])
        self.assertEqual(self.ask("stop", "--config", "=", "other.yaml", "s"), ["suppliers"])

    def test_jobs_of_a_wrong_configuration_then_none_and_no_word(self):
        self.assertEqual(self.ask("--config", "missing.yaml", "stop", ""), [])

    def test_values_then_choices_and_files(self):
        self.assertEqual(self.ask("rejects", "export", "--format", ""), ["jsonl", "raw"])
        self.assertEqual(self.ask("rejects", "export", "--format", "="), ["jsonl", "raw"])
        self.assertEqual(self.ask("rejects", "export", "--format", "=", "r"), ["raw"])
        self.assertEqual(self.ask("--config", "o"), ["other.yaml"])
        self.assertEqual(self.ask("completion", ""), ["bash", "fish", "zsh"])
        self.assertEqual(self.ask("pause", "--for", ""), [])


class Fish(Shell):
    script = ROOT / "usr/share/fish/vendor_completions.d/baton.fish"

    def ask(self, line):
        asked = f"source {shlex.quote(str(self.script))}; complete -C {shlex.quote(line)}"
        text = output("fish", "--no-config", "-c", asked, **self.more)
        return sorted(one.split("\t")[0] for one in text.splitlines())

    def test_every_command_of_help_then_it_and_its_options(self):
        listed = commands()
        for path, options in listed.items():
            self.assertEqual(self.ask(" ".join(["baton", *path, "--"])), sorted({*options, *listed[()]}), path)
            below = sorted(other[-1] for other in listed if other and other[:-1] == path)
            if below:
                self.assertEqual(self.ask(" ".join(["baton", *path, ""])), below, path)

    def test_jobs_then_those_of_the_configuration(self):
        self.assertEqual(self.ask("baton explain "), ["order lines", "orders", "vendors"])
        self.assertEqual(self.ask("baton --config other.yaml stop s"), ["suppliers"])
        self.assertEqual(self.ask("baton stop --config=other.yaml s"), ["suppliers"])
        self.assertEqual(self.ask("baton --config missing.yaml stop "), [])

    def test_values_then_choices_and_files(self):
        self.assertEqual(self.ask("baton rejects export --format "), ["jsonl", "raw"])
        self.assertEqual(self.ask("baton --config o"), ["other.yaml"])
        self.assertEqual(self.ask("baton completion "), ["bash", "fish", "zsh"])


class Zsh(Shell):
    """zsh completes at a terminal only. What it lists is asked for: a single match it would type, letter by letter."""
    script = ROOT / "usr/share/zsh/vendor-completions/_baton"
    prepare = ("PS1=; fpath=({} $fpath); autoload -U compinit; compinit -u -D; "
               "zstyle ':completion:*' list-colors ''; print rea''dy\n")

    def setUp(self):
        super().setUp()
        environment = {**self.more["env"], "TERM": "dumb", "COLUMNS": "200"}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(self.folder)
            os.execve("/usr/bin/zsh", ["zsh", "-f", "-i"], environment)
        self.addCleanup(self.end)
        self.type(self.prepare.format(shlex.quote(str(self.script.parent))))
        self.read_until("ready\r\n")

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def read_until(self, *words):
        text, deadline = "", time.monotonic() + PATIENCE_S
        while not all(word in text for word in words):
            ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, f"not all of {words} in {text!r}")
            text += os.read(self.terminal, 65536).decode(errors="replace")
        return text

    def expect(self, line, *words):
        self.type(f"{line}\t")
        self.read_until(*words)
        self.type("\x15")  # Ctrl-U: a new line

    def test_its_script_then_zsh_takes_it(self):
        output("zsh", "-f", "-n", self.script)

    def test_every_command_of_help_then_it_and_its_options(self):
        listed = commands()
        for path, options in listed.items():
            # The line itself is echoed: what must be seen is a name with the column of descriptions after it.
            self.expect(" ".join(["baton", *path, "--"]), *(f"{one} " for one in {*options, *listed[()]}))
            below = [other[-1] for other in listed if other and other[:-1] == path]
            if below:
                self.expect(" ".join(["baton", *path, ""]), *(f"{one}  " for one in below))

    def test_jobs_then_those_of_the_configuration(self):
        self.expect("baton explain ", "order\\ lines", "orders", "vendors")
        self.expect("baton --config other.yaml stop ", "order\\ lines", "suppliers")
        self.expect("baton run --once --config=other.yaml orders ", "order\\ lines", "suppliers")

    def test_values_then_choices_and_files(self):
        self.expect("baton rejects export --format ", "jsonl", "raw")
        self.expect("baton completion ", "bash", "fish", "zsh")
        self.expect("baton --config ", "baton.yaml", "other.yaml")


if __name__ == "__main__":
    unittest.main()
