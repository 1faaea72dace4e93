#!/usr/bin/env python3
"""build_in_chroot.py TARGET FOLDER: carries out the Dockerfile's steps up to TARGET without a Docker engine.

Each stage is a folder below FOLDER; `FROM debian:12-slim` is what debootstrap makes, `FROM scratch` is empty. It knows what
our Dockerfile uses: FROM … AS, WORKDIR, COPY [--from], RUN, USER, ENTRYPOINT, CMD; anything else is an error, so that no
step is left out silently. Prints the target's root and its configuration as JSON. Takes root and a mirror of Debian's.
"""
import fnmatch
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

source = pathlib.Path(__file__).resolve().parents[2]


def instructions():
    text = (source / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, rest = line.split(None, 1)
            yield word, rest


def stages():
    found = []
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.split()
            found.append({"name": name, "base": base, "steps": []})
        else:
            found[-1]["steps"].append((word, rest))
    return found


def debian(folder):
    base = folder / "debian"
    subprocess.run([str(source / "scripts/debian-root"), "make", str(base)], check=True, stdout=sys.stderr)
    return base


def ignored():
    lines = (source / ".dockerignore").read_text().split()
    return lambda folder, names: [n for n in names if pathlib.Path(folder) == source and
                                  any(fnmatch.fnmatch(n, line) for line in lines)]


def in_root(root, command):
    subprocess.run([str(source / "scripts/debian-root"), "run", str(root), "sh", "-c", command], check=True,
                   stdout=sys.stderr)


def copy(rest, root, workdir, roots):
    words = shlex.split(rest)
    origin, skipped = source, ignored()
    if words[0].startswith("--from="):
        origin, skipped = roots[words.pop(0).split("=")[1]], None
    *what, where = words
    target = root / (pathlib.PurePosixPath(workdir) / where).relative_to("/")
    for name in what:
        path = origin / name.lstrip("/")
        if path.is_dir():
            shutil.copytree(path, target, symlinks=True, ignore=skipped, dirs_exist_ok=True)
        else:
            into = target / path.name if where.endswith("/") else target
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, into)


def make(stage, folder, roots):
    root = folder / stage["name"]
    if stage["base"] == "scratch":
        root.mkdir()
    else:
        assert stage["base"] == "debian:12-slim", stage["base"]
        subprocess.run(["cp", "-a", str(debian(folder)), str(root)], check=True)
    config, workdir = {"workdir": "/"}, "/"
    for word, rest in stage["steps"]:
        print(f"{stage['name']}: {word} {rest}", file=sys.stderr, flush=True)
        if word == "WORKDIR":
            config["workdir"] = workdir = rest
            (root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            copy(rest, root, workdir, roots)
        elif word == "RUN":
            in_root(root, f"cd {shlex.quote(workdir)} && {rest}")
        elif word in ("ENTRYPOINT", "CMD"):
            config[word.lower()] = json.loads(rest)
        elif word == "USER":
            config["user"] = rest
        else:
            sys.exit(f"Dockerfile: {word} is not known here; teach build_in_chroot.py what it does")
    roots[stage["name"]] = root
    return {"root": str(root), **config}


def main(target, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [stage for stage in stages() if stage["name"] in ("build", target)]
    roots = {}
    for stage in wanted:
        done = folder / (stage["name"] + ".json")
        if done.exists():
            roots[stage["name"]] = folder / stage["name"]
            continue
        shutil.rmtree(folder / stage["name"], ignore_errors=True)
        done.write_text(json.dumps(make(stage, folder, roots)))
    print((folder / (target + ".json")).read_text())


main(*sys.argv[1:])
