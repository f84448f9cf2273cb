"""What the doctor says of a project, and ways to spoil one and put it right again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

import jsonschema

from maulstick.sandbox import apps
from tests.checkout import ROOT
from tests.end_to_end.projects import Project, Ran

SCHEMA = json.loads((ROOT / "docs" / "doctor.schema.json").read_text(encoding="utf-8"))
IDENTITY = ("-c", "user.name=Studio", "-c", "user.email=studio@localhost")
FLY = """
default = "sandbox"

[source]
database = "{source}"
media_root = "{media}"
checkout = "{checkout}"

[targets.sandbox]
host = "fly"
app = "{app}"
site = "{site}"
fly = "{fly}"
addressing = "path"
{more}
"""
DIRECT = """
default = "sandbox"

[source]
database = "{source}"
media_root = "{media}"

[targets.sandbox]
host = "direct"
site = "{site}"
environment = "live.env"
addressing = "path"
"""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor said: an answer's word and text by its name."""

    ran: Ran
    answers: Mapping[str, Mapping[str, str]]

    def word(self, name: str) -> str:
        return self.answers[name]["word"]

    def says(self, name: str) -> str:
        return self.answers[name]["says"]

    def hint(self, name: str) -> str:
        return self.answers[name]["hint"]

    def names(self, *words: str) -> list[str]:
        """Return the names of the answers with one of the words."""
        return [name for name, answer in self.answers.items() if answer["word"] in words]


def ask(project: Project, *words: str) -> Diagnosis:
    """Ask the doctor; its answer must keep to its schema, and exit by its worst word."""
    ran = project.invoke("doctor", "--json", *words)
    assert ran.out, ran.err
    told = json.loads(ran.out)
    jsonschema.validate(told, SCHEMA)
    (target,) = told["targets"]
    answers = {answer["name"]: answer for answer in target["answers"]}
    assert len(answers) == len(target["answers"]) == sum(target["summary"].values())
    assert ran.code == (5 if target["summary"]["fail"] else 0)
    return Diagnosis(ran, answers)


def on_fly(project: Project, *, app: str = apps.SITE_APP, fly: Path | str = "", more: str = "") -> Project:
    """Write an inventory whose target is the sandbox's app, reached as a user reaches a real one."""
    fly = fly or project.sandbox / "bin" / "fly"
    _write(project, FLY, app=app, fly=fly, site=project.site, more=more)
    return project


def direct(project: Project, site: str, **changed: str) -> Project:
    """Write an inventory whose target is the sandbox's servers, reached without Fly."""
    env = {**environment(project), "DATABASE_URL": _production(project), **changed}
    lines = "".join(f"{name}='{value}'\n" for name, value in env.items())
    (project.folder / "live.env").write_text(lines, encoding="utf-8")
    _write(project, DIRECT, site=site)
    return project


def environment(project: Project) -> dict[str, str]:
    """Return the environment of the sandbox's app."""
    return dict(apps.load(project.sandbox).apps[apps.SITE_APP].env)


@contextmanager
def with_environment(project: Project, **changed: str | None) -> Iterator[None]:
    """Change variables of the app for the block; None takes one away."""
    before = environment(project)
    env = {name: value for name, value in {**before, **changed}.items() if value is not None}
    apps.change_app(project.sandbox, apps.SITE_APP, lambda app: replace(app, env=env))
    try:
        yield
    finally:
        apps.change_app(project.sandbox, apps.SITE_APP, lambda app: replace(app, env=before))


@contextmanager
def with_rows(project: Project, there: str, back: str, **side: Any) -> Iterator[None]:
    """Run a statement in production, or on the other side, and another one at the end."""
    project.rows(there, **side)
    try:
        yield
    finally:
        project.rows(back, **side)


@contextmanager
def with_files(folder: Path, files: Mapping[str, str], *, commit: bool = False) -> Iterator[None]:
    """Write files into a repository for the block; what was committed is taken out of its history again."""
    before = git(folder, "rev-parse", "HEAD")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    try:
        if commit:
            git(folder, "add", "--", *files)
            git(folder, "commit", "--quiet", "--message", "spoiled")
        yield
    finally:
        git(folder, "reset", "--quiet", "--hard", before)
        git(folder, "clean", "--quiet", "-d", "--force", "--", *files)


@contextmanager
def site_of(hours_ahead: float) -> Iterator[str]:
    """Run a site whose clock is wrong."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(time() + 3600 * hours_ahead, usegmt=True)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def git(folder: Path, *words: str) -> str:
    return subprocess.check_output(["git", *IDENTITY, *words], cwd=folder, text=True).strip()


def _production(project: Project) -> str:
    from maulstick.sandbox import databases

    return project.address(databases.PRODUCTION)


def _write(project: Project, text: str, **known: object) -> None:
    from maulstick.sandbox import databases

    places = {"media": project.media, "checkout": project.sandbox / "checkout"}
    inventory = text.format(source=project.address(databases.SOURCE), **places, **known)
    (project.folder / "inventory.toml").write_text(inventory, encoding="utf-8")
