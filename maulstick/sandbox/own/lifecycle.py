"""An author's own sandbox as a whole: started, made anew; it is stopped and removed as any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from maulstick.errors import usage
from maulstick.sandbox import databases, lifecycle, objects, servers
from maulstick.sandbox import folder as folders
from maulstick.sandbox import state as states
from maulstick.sandbox.own import site
from maulstick.sandbox.own.files import BUCKET, LOCAL, PRODUCTION, OwnFiles, addresses, environment, passwords
from maulstick.sandbox.state import Say, State

RESET = "maulstick sandbox.reset"


@dataclass(frozen=True, slots=True)
class OwnSandbox:
    """A sandbox that runs: its two databases, its files, its site ("" for none) and what that one is told."""

    folder: Path
    source_database: str = field(repr=False)
    production_database: str = field(repr=False)
    media_root: Path
    site: str
    environment: Mapping[str, str] = field(repr=False)


def up(folder: Path, files: OwnFiles, *, say: Say) -> OwnSandbox:
    """Start what does not run and make what is missing; quick if there is nothing to do."""
    folder = folders.made(folder)
    with folders.locked(folder, say):
        known = lifecycle.known(folder)
        if known.ready and not known.content:
            what = f"holds the gallery, and not {files.names}"
            raise usage("sandbox", what, f"{RESET} makes it anew: all that it holds is lost")
        if known.ready and known.content != files.digest():
            say(f"sandbox: was made from another {files.names}: {RESET} makes it anew")
        return _ready(folder, files, known, say)


def reset(folder: Path, files: OwnFiles, *, say: Say) -> OwnSandbox:
    """Make both databases from the files again, and empty the bucket."""
    folder = folders.made(folder)
    with folders.locked(folder, say):
        known = lifecycle.known(folder)
        # The gallery's storage does not let everybody read, and its site is another.
        known = site.down(folder, known) if known.content else lifecycle.stop(folder)
        return _ready(folder, files, replace(known, ready=False), say)


def _ready(folder: Path, files: OwnFiles, known: State, say: Say) -> OwnSandbox:
    state = known if known.ready else replace(known, content=files.digest())
    state = servers.up(folder, state, say)
    both = files.databases()
    if not state.ready or not databases.exist(servers.postgres_of(folder, state), both):
        state = _made(folder, files, state, say)
    state = site.up(folder, files, state, say)
    known_addresses = addresses(folder, state)
    return OwnSandbox(
        folder=folder,
        source_database=known_addresses[LOCAL],
        production_database=known_addresses[PRODUCTION],
        media_root=files.media or folder / "media",
        site=site.address(state),
        environment=environment(folder, state),
    )


def _made(folder: Path, files: OwnFiles, state: State, say: Say) -> State:
    state = replace(site.down(folder, state), ready=False, content=files.digest())
    states.save(folder, state)
    postgres = servers.postgres_of(folder, state)
    databases.restore(postgres, passwords(state), edition=state.content, both=files.databases())
    objects.restore(servers.storage_of(folder, state), keys=(), media=folder, bucket=BUCKET)
    (folder / "media").mkdir(exist_ok=True)
    state = replace(state, ready=True)
    states.save(folder, state)
    say(f"databases: made from {files.names}")
    return state
