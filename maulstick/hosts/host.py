"""How a target is reached: started where it is to be, then opened by its kind of host."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.errors import Exit, Problem
from maulstick.hosts.environment import Once
from maulstick.project.declarations import Outcome
from maulstick.project.targets import Host as Host
from maulstick.project.targets import LocalSource, Say, Target


@dataclass(frozen=True, slots=True)
class PulledFrom:
    """Where a pull comes from: a target and the way to it, and the local source as it was before.

    With `theirs`, columns that production owns come home too.
    """

    target: Target
    host: Host
    source: LocalSource
    theirs: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A target, the source that its releases are made from, and the project's folder.

    Of a pull the local database is the target, and its source is what it is `pulled` from. Of a
    rehearsal the target's database is a copy: `copied` says what came into it, and what it lacks.
    """

    target: Target
    source: LocalSource
    folder: Path = Path()
    pulled: PulledFrom | None = None
    copied: Outcome | None = None

    @property
    def is_copy(self) -> bool:
        """Whether this is a copy of the target's database."""
        return self.copied is not None

    @property
    def is_live(self) -> bool:
        """Whether this is the target itself, whose plugins and visitors hear of what happens."""
        return self.pulled is None and not self.is_copy


def place_of(target: Target, folder: Path, say: Say) -> Place:
    """Find where a release goes and comes from; a target with a source of its own is started."""
    if target.source is None and target.kind.start is not None:
        target = target.kind.start(target, folder, say)
        if target.source is not None:
            return Place(target, target.source, folder)
    if target.source is None:
        what = f'host = "{target.host}" brought no source'
        raise Problem(f"targets/{target.name}", what, "its start(…) returns one", code=Exit.PLUGIN)
    source = target.source
    plain = Once(say).plain(source.database, f"source {source.name}")
    return Place(target, replace(source, database=plain), folder)


def open_host(target: Target, stack: ExitStack, say: Say) -> Host:
    """Return the way to a target; nothing is asked of it until it is needed."""
    return target.kind.open(target, stack, say)
