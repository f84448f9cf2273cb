"""Releases from one database of a test to the other, by the plugins of a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.hosts.direct_host import DirectHost, DirectKeys
from maulstick.hosts.host import Place
from maulstick.hosts.kinds import own_kinds
from maulstick.plan.planner import make_plan
from maulstick.plan.rollback import Undone, rollback
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.project.targets import Source, Target
from maulstick.redact import Secret
from maulstick.release.context import ReleaseContext
from maulstick.release.progress import Progress
from maulstick.release.runner import perform
from maulstick.release.settings import Settings
from maulstick.testing.databases import Side

T = TypeVar("T")
STEPS = tuple(PlaybookStep(name, {}) for name in ("export", "apply"))
TARGET = Target(
    name="production",
    kind=own_kinds()["direct"],
    keys=DirectKeys(),
    source=None,
    site="",
    storage_quota=None,
    confirm=False,
    addressing="path",
    acl=None,
    database_user=None,
    plan_database=None,
)


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a subject's rows; `number` is the ledger's, None where nothing was written down."""

    number: int | None
    inserted: int
    updated: int
    kept: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Releases:
    """Both ends of a test's releases: the folder is for bundles, `media` holds the source's files."""

    plugins: Plugins
    source: Side
    production: Side
    media: Path
    bundles: Path

    def release(self, kind: str, key: str) -> Released:
        """Export and apply; what stops a release is raised as its Problem."""
        self.plugins.require_all()
        subject = Subject(self.plugins.kind(kind).name, key)
        source = Source("local", Secret(self.source.url), self.media, None, None, self.bundles)
        environment = {"DATABASE_URL": self.production.url}
        context = ReleaseContext(
            subject,
            Place(TARGET, source),
            DirectHost(TARGET, lambda _: None, lambda: environment),
            self.plugins,
            Console(quiet=True),
            Settings(without_media=True, operator="a test"),
            STEPS,
        )
        progress = Progress(context, self.plugins.steps())
        _shortly(lambda: perform(progress, STEPS[:1]))
        with connect(Secret(self.production.url), TARGET.name) as database:
            counts = make_plan(context.load_bundle(), database, TARGET.name).counts()
        _shortly(lambda: perform(progress, STEPS[1:]))
        actions = (counts[action] for action in ("insert", "update", "kept", "unchanged"))
        return Released(progress.number, *actions)

    def undo(self) -> Undone:
        """Undo the last release."""
        with connect(Secret(self.production.url), TARGET.name) as database:
            return _shortly(lambda: rollback(database, None, target=TARGET.name, left_out=(), rehearse=False))


def _shortly(act: Callable[[], T]) -> T:
    """Raise a problem without the frames of Maulstick: it says itself what is wrong; a plugin's own stay."""
    try:
        return act()
    except Problem as problem:
        if problem.code == Exit.PLUGIN:
            raise
        raise problem.with_traceback(None) from None
