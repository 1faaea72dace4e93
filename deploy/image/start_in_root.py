#!/usr/bin/env python3
"""start_in_root.py IMAGE.json CONFIG ARGUMENT…: starts an image's program as a container would.

Pid 1 of its own pid namespace, the image's user, no privileges to gain, the root file system read-only, /tmp a tmpfs,
CONFIG (a folder) at /etc/baton. To be called below `unshare --mount --pid --fork`.
"""
import ctypes
import json
import os
import subprocess
import sys

NO_NEW_PRIVS = 38  # PR_SET_NO_NEW_PRIVS


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def main(image, config_folder, *arguments):
    with open(image) as file:
        config = json.load(file)
    root = config["root"]
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    for folder in ("proc", "dev"):  # a runtime makes them
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    mount("-t", "proc", "proc", root + "/proc")
    mount("--bind", config_folder, root + "/etc/baton")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root + "/tmp")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", root + "/dev")
    os.mknod(root + "/dev/null", 0o20666, os.makedev(1, 3))
    os.mknod(root + "/dev/urandom", 0o20666, os.makedev(1, 9))
    os.chmod(root + "/dev/null", 0o666)
    mount("-o", "remount,ro,bind", root)
    os.chroot(root)
    os.chdir(config["workdir"])
    user, group = (int(part) for part in config["user"].split(":"))
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    ctypes.CDLL(None).prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    command = config["entrypoint"] + (list(arguments) or config["cmd"])
    os.execve(command[0], command, {"PATH": "/usr/bin:/bin", "HOSTNAME": "pod-1", "TMPDIR": "/tmp"})


main(*sys.argv[1:])
