"""What somebody else on this machine could look at while all is typed: files, arguments, environments."""

from __future__ import annotations

import shutil
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.commands import INVOKE
from tests.end_to_end.direct import values, without_fly
from tests.end_to_end.fixtures import Days, make_fresh
from tests.end_to_end.projects import SERIES, Project, made

MARKED = {
    "FLY_API_TOKEN": "marked-fly-token",
    "GITHUB_TOKEN": "marked-github-token",
    "STUDIO_DATABASE": "postgres://me:marked-password@db.example.com/studio",
    "STUDIO_KEY": "marked-key",
    "MAULSTICK_LOGIN": "marked-login",
}
"""Secrets of the shell in which everything is typed."""
SEES = '#!/bin/sh\n{{ echo "$0 $*"; env; }} >> {seen}\nexec {real} "$@"\n'
TYPED = (
    ("doctor",),
    ("export", *SERIES),
    ("plan", *SERIES, "--out", "sealed.json"),
    ("release", *SERIES, "--trace-hooks"),
    ("--debug", "upload", *SERIES),
    ("rollback", "--last", "--yes"),
    ("report", "--format", "html"),
    ("report", "--format", "md"),
    ("report", "--format", "junit"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A project in which everything was typed, what was said, and what others saw of it."""

    project: Project
    said: dict[str, str]
    processes: str
    children: str

    @property
    def secrets(self) -> list[str]:
        """Return what nobody may see."""
        own = values(self.project, "olivia_art_portfolio")
        state = self.project.state.secrets
        return [*state.values(), own["AWS_SECRET_ACCESS_KEY"], own["DATABASE_URL"], *MARKED.values()]

    @property
    def files(self) -> list[Path]:
        """Return the files that commands have left in the project and in the folder for temporary ones."""
        ours = [path for path in self.project.folder.rglob("*") if path.is_file() and not path.is_symlink()]
        given = {"inventory.toml", ".env.live", ".env.staging", "fly", "git", "tasks.py", "seen"}
        return [path for path in ours if path.name not in given and "plugins" not in path.parts]


def _watched(command: list[str], project: Project, environment: dict[str, str]) -> tuple[str, str]:
    """Run a command under an open umask; return what it says, and the arguments of all that ran meanwhile."""
    with (project.folder / "said").open("w+") as out:
        process = subprocess.Popen(
            command,
            cwd=project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            umask=0,
        )
        ran: set[str] = set()
        while process.poll() is None:
            with suppress(psutil.Error):
                whole = psutil.Process(process.pid)
                ran |= {" ".join(one.cmdline()) for one in (whole, *whole.children(recursive=True))}
            time.sleep(0.05)
        out.seek(0)
        said = out.read()
    assert process.returncode in (0, 5), f"{command}: {said}"
    return said, "\n".join(ran)


@pytest.fixture(scope="module")
def seen(project: Project, days: Days, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Everything typed once, in a shell full of secrets, where whoever wants to may write and read files."""
    make_fresh(project, days)
    folder = tmp_path_factory.mktemp("seen")
    (folder / ".sandbox").symlink_to(project.sandbox)
    mine = without_fly(made(folder))
    inventory = mine.folder / "inventory.toml"
    text = inventory.read_text(encoding="utf-8")
    inventory.write_text(text.replace("[source]\n", f'[source]\nbundles = "{mine.folder}/releases"\n', 1))
    log = mine.folder / "bin" / "seen"
    (mine.folder / "bin" / "git").write_text(SEES.format(seen=log, real=shutil.which("git")))
    (mine.folder / "bin" / "git").chmod(0o755)
    environment = {**mine.shell, **MARKED, "TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir()
    said, ran = {}, []
    for words in TYPED:
        text, processes = _watched([*INVOKE, *words], mine, environment)
        said[" ".join(words)] = text
        ran.append(processes)
    (mine.folder / "said").unlink()
    return Seen(mine, said, "\n".join(ran), log.read_text(encoding="utf-8"))


def _leaks(seen: Seen, texts: dict[str, str]) -> list[str]:
    return [
        f"{secret} in {where}" for where, text in texts.items() for secret in seen.secrets if secret in text
    ]


def test_nothing_that_is_said_holds_a_secret(seen: Seen) -> None:
    assert _leaks(seen, seen.said) == []
    assert "hook maulstick_tables" in seen.said[" ".join(TYPED[3])]


def test_no_file_that_is_left_holds_a_secret(seen: Seen) -> None:
    texts = {str(path): path.read_bytes().decode(errors="replace") for path in seen.files}
    names = {path.name for path in seen.files}
    assert names >= {"release.sql", "manifest.json", "sealed.json", "report.json", "report.html"}
    assert _leaks(seen, texts) == []


def test_no_argument_of_a_process_is_a_secret(seen: Seen) -> None:
    assert "release" in seen.processes
    assert _leaks(seen, {"arguments": seen.processes}) == []


def test_no_child_gets_a_secret_that_it_has_no_use_for(seen: Seen) -> None:
    assert "git status" in seen.children
    assert _leaks(seen, {"git": seen.children}) == []


def test_under_an_open_umask_only_we_may_read_what_holds_content(seen: Seen) -> None:
    open_to_others = [str(path) for path in seen.files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []
    folders = [path for path in seen.project.folder.rglob("*") if path.is_dir() and not path.is_symlink()]
    ours = [path for path in folders if {"releases", ".maulstick"} & {*path.parts}]
    assert len(ours) > 4
    assert [str(path) for path in ours if stat.S_IMODE(path.stat().st_mode) & 0o022] == []


def test_the_folder_for_temporary_files_is_empty_again(seen: Seen) -> None:
    assert [*(seen.project.folder / "tmp").iterdir()] == []
