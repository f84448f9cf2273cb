"""A studio with its site's repository: who exports there, what lies at the origin, and who clones it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.sandbox import cloud, databases, lifecycle
from tests.checkout import ROOT
from tests.end_to_end.projects import SERIES, Project, Ran, made

INVENTORY = """
default = "production"

[source]
name = "studio"
database = "{database}"
media_root = "{media}"
bundles = "releases"

[targets.production]
host = "fly"
app = "{app}"
site = "{site}"
addressing = "path"
confirm = true
database_user = "maulstick"
plan_database = "${{MAULSTICK_PLAN_DATABASE}}"
"""
NOWHERE = {"database": "postgresql://127.0.0.1:1/nowhere", "media": "nowhere"}
"""The source as the repository has it: nobody but the studio reaches it."""
PLANNER = "maulstick_plan:choose%20one"
PLAN_DATABASE = (
    f"postgres://{PLANNER}@{cloud.PRIVATE_NAMES[0]}:5432/{databases.PRODUCTION.name}?sslmode=disable"
)
FLYCTL = """\
#!/bin/sh
echo "$FLY_API_TOKEN $1 $2" >> {calls}
case "$FLY_API_TOKEN $1" in
  "release-token "*|"plan-token proxy"|"plan-token status") ;;
  "plan-token "*) echo 'Error: You are not authorized to do this' >&2; exit 1 ;;
  *) echo "Error: no access token available. Please login with 'flyctl auth login'" >&2; exit 1 ;;
esac
unset FLY_API_TOKEN
exec {fly} "$@"
"""
"""What CI has on its PATH: the plan's token looks and opens a proxy, and can do nothing else."""
IDENTITY = ("-c", "user.name=Studio", "-c", "user.email=studio@localhost", "-c", "init.defaultBranch=main")


def git(folder: Path, *words: str) -> str:
    command = ["git", *IDENTITY, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone of the repository, in which commands are typed."""

    project: Project

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def bundle(self) -> Path:
        return self.folder / "releases" / "series" / "embodiment"

    def invoke(self, *words: str) -> Ran:
        return self.project.invoke(*words)

    def git(self, *words: str) -> str:
        return git(self.folder, *words)

    def commit(self, *names: str, says: str = "another") -> str:
        """Commit what lies in the clone under these names, deletions too, and return the commit."""
        self.git("add", "--all", "--", *names)
        self.git("commit", "--quiet", "--message", says)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True, slots=True)
class Studio:
    """The studio's own clone, which reaches the source, the origin, and the sandbox that is production."""

    here: Clone
    origin: Path
    sandbox: Project
    calls_file: Path

    def export(self, statement: str, *subject: str) -> None:
        """Change the source and export."""
        self.sandbox.local(statement)
        ran = self.here.invoke("export", *(subject or SERIES), "--inventory", "studio.toml")
        assert ran.code == 0, ran.err

    @property
    def path(self) -> str:
        """Return the PATH on which `flyctl` is."""
        return self.here.project.environment["PATH"]

    def calls(self, token: str) -> list[str]:
        """Return what `flyctl` was called with under a token, each behind its name."""
        found = self.calls_file.read_text().splitlines()
        return [call for call in found if call.startswith(f"{token} ")]

    def clone(
        self, folder: Path, *, ref: str = "main", environment: Mapping[str, str] | None = None
    ) -> Clone:
        """Clone the origin as CI does."""
        git(folder.parent, "clone", "--quiet", str(self.origin), str(folder))
        git(folder, "checkout", "--quiet", "--detach", ref if ref != "main" else "origin/main")
        found = {**self.here.project.environment, **(environment or {})}
        return Clone(Project(folder, found))

    def moved_to(self, folder: Path) -> Studio:
        """Copy the studio and its origin: what is committed there is nobody else's."""
        shutil.copytree(self.origin.parent, folder, symlinks=True)
        here = Clone(replace(self.here.project, folder=folder / "studio"))
        here.git("remote", "set-url", "origin", str(folder / "origin.git"))
        return replace(self, here=here, origin=folder / "origin.git")


def founded(folder: Path, sandbox: Project) -> Studio:
    """Make the studio's repository with a first bundle, and release that to production."""
    box = lifecycle.up(sandbox.folder / ".sandbox", say=lambda _: None)
    programs = folder / "programs"
    programs.mkdir(parents=True)
    (programs / "flyctl").write_text(FLYCTL.format(fly=box.fly, calls=folder / "calls"))
    (programs / "flyctl").chmod(0o755)
    (folder / "studio").mkdir()
    project = made(folder / "studio")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "FLY_API_TOKEN": "release-token",
        "MAULSTICK_PLAN_DATABASE": PLAN_DATABASE,
    }
    here = Clone(replace(project, environment=environment))
    known = {"app": box.app, "site": box.site}
    (project.folder / "inventory.toml").write_text(INVENTORY.format(**known, **NOWHERE))
    own = {"database": box.source_database, "media": box.media_root}
    (project.folder / "studio.toml").write_text(INVENTORY.format(**known, **own))
    (project.folder / ".gitignore").write_text("studio.toml\n__pycache__/\n")
    (project.folder / "requirements.txt").write_text("maulstick\n")
    git(folder, "init", "--quiet", "--bare", "origin.git")
    here.git("init", "--quiet")
    here.git("remote", "add", "origin", str(folder / "origin.git"))
    _release(here, sandbox)
    here.commit(".", says="the site's releases")
    here.git("push", "--quiet", "origin", "HEAD:main")
    return Studio(here, folder / "origin.git", sandbox, folder / "calls")


def _release(here: Clone, sandbox: Project) -> None:
    """Give production its two small roles, and release what the studio has."""
    section = (ROOT / "docs" / "safety.md").read_text().split("\n## Least rights\n")[1].split("\n## ")[0]
    for block in re.findall(r"```sql\n(.*?)```", section, flags=re.DOTALL):
        sandbox.rows(block)
    ran = here.invoke("release", *SERIES, "--inventory", "studio.toml", "--playbook", "content", "--yes")
    assert ran.code == 0, ran.err
