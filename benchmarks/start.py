"""Measure commands that have nothing to do, against `ansible-playbook --check` and `pyinfra --dry`.

Each of the peers looks at as many things as a release has steps, on this machine, and finds them as they
should be. They are installed by pip into an environment of their own, which lasts as long as the program.
Ours goes to the sandbox, whose stand-in for `fly` is a program in Python too: its time is in ours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import command
import project
from command import Took

PEERS = ("ansible-core", "pyinfra")
STEPS = 7
SUBJECT = ("--series", "embodiment")
Command = Callable[[], Took]


def install(folder: Path) -> Path:
    """Install the peers and return the folder of their programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    quiet = ["-q", "--disable-pip-version-check"]
    subprocess.run([str(folder / "bin" / "pip"), "install", *quiet, *PEERS], check=True)
    return folder / "bin"


def peers(programs: Path, folder: Path) -> Mapping[str, Command]:
    """Write what the peers run, and return how each is typed."""
    for step in range(STEPS):
        (folder / f"step-{step}").mkdir()
    tasks = "".join(
        f"    - ansible.builtin.file: {{path: {folder}/step-{step}, state: directory}}\n"
        for step in range(STEPS)
    )
    head = "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n"
    (folder / "playbook.yml").write_text(head + tasks)
    lines = "".join(f"files.directory(path={str(folder / f'step-{step}')!r})\n" for step in range(STEPS))
    (folder / "deploy.py").write_text(f"from pyinfra.operations import files\n{lines}")
    own = ["-e", f"ansible_python_interpreter={programs / 'python'}"]
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    words = {
        "ansible-playbook --check": ["ansible-playbook", "--check", "-i", "localhost,", *own, "playbook.yml"],
        "pyinfra --dry": ["pyinfra", "--dry", "-y", "@local", "deploy.py"],
    }
    typed = {name: [str(programs / given[0]), *given[1:]] for name, given in words.items()}
    return {name: lambda given=given: command.run(given, folder, path) for name, given in typed.items()}


def ours(typed: project.Project) -> Mapping[str, Command]:
    """Release a series to the sandbox, and return what has nothing to do from then on."""
    typed.invoke("release", "--yes", *SUBJECT)
    return {
        "invoke --list": lambda: typed.invoke("--list"),
        "plan": lambda: typed.invoke("plan", *SUBJECT),
        "release": lambda: typed.invoke("release", "--yes", *SUBJECT),
    }


def main() -> None:
    """Write the median of each command, and the ratios of its processor time to the peers'."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="tries of each command")
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory(prefix="maulstick-") as name:
        folder, sandbox = Path(name), project.of_sandbox(Path(name))
        others = peers(install(folder / "peers"), _fresh(folder / "steps"))
        try:
            found = _measured({**ours(sandbox), **others}, repeat)
        finally:
            sandbox.invoke("sandbox.down")
    sys.stdout.write(f"{'':28}{'seconds':>10}{'CPU':>10}{'MB':>10}")
    sys.stdout.write("".join(f"{f'/ {other}':>28}" for other in others) + "\n")
    for said, took in found.items():
        ratios = "".join(f"{took.processor / found[other].processor:>28.2f}" for other in others)
        cells = (took.seconds, took.processor, took.megabytes)
        sys.stdout.write(f"{said:28}" + "".join(f"{one:>10.2f}" for one in cells) + ratios + "\n")


def _measured(commands: Mapping[str, Command], repeat: int) -> dict[str, Took]:
    for run in commands.values():
        run()
    tries = {name: [run() for _ in range(repeat)] for name, run in commands.items()}
    return {name: command.median(found) for name, found in tries.items()}


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
