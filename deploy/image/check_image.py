#!/usr/bin/env python3
"""check_image.py TARGET FOLDER: starts the image that build_in_chroot.py made there, and sees that it does its work.

As uid 65532 on a read-only root, as pid 1: commands answer, jobs run and their zombies are reaped, probes answer, and
SIGTERM ends it in order. Exit 1, with what was expected, where something is not so.
"""
import json
import os
import pathlib
import re
import socket
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

here = pathlib.Path(__file__).resolve().parent
patience_s = 30

jobs = {
    "final": """
jobs:
  tick:
    schedule: { fixed_delay: 200ms }
    steps: [ { name: s, sql: { statement: "select 1" } } ]
  berlin:
    schedule: { cron: "0 0 3 * * *", zone: Europe/Berlin }
    steps: [ { name: s, sql: { statement: "select 1" } } ]
""",
    # What a command leaves behind becomes a child of pid 1.
    "slim": """
jobs:
  tick:
    schedule: { fixed_delay: 200ms }
    steps: [ { name: s, command: { argv: [ /bin/sh, -c, "(setsid sleep 0.1 &) ; exit 0" ] } } ]
""",
}
settings = """
repository: { url: "sqlite:${TMPDIR}/baton.db" }
locks: { lease: 3s, heartbeat: 1s, refresh: 200ms }
server: { listen: "127.0.0.1:0" }
"""


def expect(condition, what):
    if not condition:
        sys.exit(f"image: expected {what}")
    print(f"ok: {what}")


def start(image, folder, *arguments, **more):
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "python3", str(here / "start_in_root.py"),
               image, str(folder), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def answer(image, folder, *arguments):
    program = start(image, folder, *arguments)
    text, _ = program.communicate(timeout=patience_s)
    return program.returncode, text


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def state(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "gone"


def lines_until(program, pattern, seen):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        line = program.stdout.readline()
        if not line:
            break
        seen.append(line)
        if re.search(pattern, line):
            return line
    sys.exit(f"image: no line like {pattern!r} among:\n{''.join(seen)}")


def check_run(image, folder):
    program = start(image, folder, "run")
    seen = []
    for _ in range(5):
        lines_until(program, r"tick.*(completed|COMPLETED)", seen)
    init = children(program.pid)[0]
    expect(pathlib.Path(f"/proc/{init}/status").read_text().count("Uid:\t65532"), "the program runs as uid 65532")
    expect(b"baton" in pathlib.Path(f"/proc/{init}/cmdline").read_bytes(), "baton is pid 1 of its namespace")
    zombies = [pid for pid in children(init) if state(pid) == "Z"]
    expect(len(zombies) <= 1, f"what jobs leave behind is reaped (zombies: {zombies})")
    address = re.search(r"127\.0\.0\.1:\d+", "".join(seen))
    expect(address, "the log says where health and metrics are")
    for path in ("livez", "readyz", "metrics"):
        with urllib.request.urlopen(f"http://{address[0]}/{path}", timeout=patience_s) as page:
            expect(page.status == 200, f"/{path} answers")
    os.kill(init, signal.SIGTERM)
    text, _ = program.communicate(timeout=patience_s)
    expect(program.returncode == 0, f"SIGTERM ends it in order ({program.returncode})\n{text if program.returncode else ''}")


# A server whose certificate nobody has signed: it is refused as such only by who has the authorities' certificates.
def check_certificates(image, folder):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))

    def answer_all():
        while True:
            try:
                context.wrap_socket(server.accept()[0], server_side=True).close()
            except OSError:
                if server.fileno() < 0:
                    return

    threading.Thread(target=answer_all, daemon=True).start()
    url = f"https://127.0.0.1:{server.getsockname()[1]}"
    (folder / "tls.yaml").write_text(
        'repository: { url: "sqlite:${TMPDIR}/tls.db" }\nlocks: { store: dynamodb, dynamodb: { table: t, region: r, '
        f'endpoint: "{url}", accesskey: a, secretkey: b }} }}\n' + jobs["final"])
    code, text = answer(image, folder, "doctor", "--config", "/etc/baton/tls.yaml")
    server.close()
    expect(code != 0 and "self-signed" in text.replace("self signed", "self-signed"),
           f"certificates are checked against the authorities': {text.strip()}")


def check_read_only(image, folder):
    (folder / "written.yaml").write_text('repository: { url: "sqlite:/baton.db" }\n' + jobs["final"])
    code, text = answer(image, folder, "run", "--once", "tick", "--config", "/etc/baton/written.yaml")
    expect(code != 0, f"the root file system is read-only: {text.strip().splitlines()[-1]}")


def main(target, folder):
    image = str(pathlib.Path(folder) / (target + ".json"))
    root = json.loads(pathlib.Path(image).read_text())["root"]
    size = int(subprocess.run(["du", "-sm", root], capture_output=True, text=True).stdout.split()[0])
    print(f"image {target}: {size} MB")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        (folder / "baton.yaml").write_text(settings + jobs[target])
        code, text = answer(image, folder, "version")
        expect(code == 0 and text.startswith("baton "), f"`baton version` answers: {text.strip()}")
        code, text = answer(image, folder, "validate")
        expect(code == 0, f"`baton validate` finds the configuration right: {text.strip()}")
        code, text = answer(image, folder, "run", "--config", "/etc/baton/missing.yaml")
        expect(code == 78, f"a missing configuration is exit code 78: {text.strip()}")
        check_read_only(image, folder)
        check_certificates(image, folder)
        check_run(image, folder)


main(*sys.argv[1:])
