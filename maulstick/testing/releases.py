"""Releases from one database of a test to the other, by the plugins of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.hosts.direct_host import DirectHost, DirectKeys
from maulstick.hosts.host import Place
from maulstick.hosts.kinds import own_kinds
from maulstick.plan.planner import make_plan
from maulstick.plan.rollback import released, rollback
from maulstick.plan.undone import Undone
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Check, Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.project.targets import LocalSource, Target
from maulstick.redact import Secret
from maulstick.release.context import ReleaseContext
from maulstick.release.progress import Progress
from maulstick.release.runner import perform
from maulstick.release.settings import ReleaseSettings
from maulstick.release.step_results import VerifyResult
from maulstick.testing.databases import Side
from maulstick.testing.site import Site
from maulstick.testing.storage import Bucket

T = TypeVar("T")
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
    """What became of a subject's rows; `number` is the ledger's, None where nothing was written down.

    `checks` are the answers of the live site, where there is one.
    """

    number: int | None
    inserted: int
    updated: int
    kept: int
    unchanged: int
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Releases:
    """Both ends of a test's releases: the folder is for bundles, `media` holds the source's files.

    Files are uploaded where there is a `bucket`, and the live site is asked where there is a `site`.
    """

    plugins: Plugins
    source: Side
    production: Side
    media: Path
    bundles: Path
    bucket: Bucket | None = None
    site: Site | None = None

    def release(self, kind: str, key: str) -> Released:
        """Take a subject through the steps; what stops a release is raised as its Problem."""
        self.plugins.require_all()
        subject = Subject(self.plugins.kind(kind).name, key)
        source = LocalSource("local", Secret(self.source.url), self.media, None, None, self.bundles)
        environment = {"DATABASE_URL": self.production.url}
        if self.bucket is not None:
            environment |= self.bucket.environment
        target = replace(TARGET, site=self.site.url if self.site else "")
        steps = [PlaybookStep(name, {"timeout": 5} if name == "verify" else {}) for name in self._steps()]
        context = ReleaseContext(
            subject,
            Place(target, source),
            DirectHost(target, lambda _: None, lambda: environment),
            self.plugins,
            Console(quiet=True),
            ReleaseSettings(without_media=self.bucket is None, operator="a test"),
            tuple(steps),
        )
        progress = Progress(context, self.plugins.steps())
        _shortly(lambda: perform(progress, steps[:1]))
        with connect(Secret(self.production.url), TARGET.name) as database:
            counts = make_plan(context.load_bundle(), database, TARGET.name).counts()
        _shortly(lambda: perform(progress, steps[1:]))
        verified = progress.earlier.last(VerifyResult)
        return Released(
            progress.number,
            inserted=counts["insert"],
            updated=counts["update"],
            kept=counts["kept"],
            unchanged=counts["unchanged"],
            checks=tuple(verified.checks) if verified else (),
        )

    def _steps(self) -> Iterator[str]:
        yield "export"
        if self.bucket is not None:
            yield "upload"
        yield from ("apply", "publish")
        if self.site is not None:
            yield "verify"

    def undo(self) -> Undone:
        """Undo the last release, whole: also what has made its rows public."""
        with connect(Secret(self.production.url), TARGET.name) as database:
            number = released(database)
            return _shortly(
                lambda: rollback(database, number, target=TARGET.name, left_out=(), rehearse=False)
            )


def _shortly(act: Callable[[], T]) -> T:
    """Raise a problem without the frames of Maulstick: it says itself what is wrong; a plugin's own stay."""
    try:
        return act()
    except Problem as problem:
        if problem.code == Exit.PLUGIN:
            raise
        raise problem.with_traceback(None) from None
