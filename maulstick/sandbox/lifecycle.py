"""The sandbox as a whole: started, repaired, set back to its first day, stopped, removed."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from maulstick.errors import usage
from maulstick.sandbox import (
    apps,
    checkout,
    cloud,
    content,
    databases,
    edge,
    media,
    objects,
    process,
    programs,
    servers,
)
from maulstick.sandbox import folder as folders
from maulstick.sandbox import state as states
from maulstick.sandbox.edition import edition
from maulstick.sandbox.state import Say, State

# What a sandbox whose state was deleted leaves behind; its passwords are lost.
WITHOUT_STATE = ("postgres", "storage", "fly")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs: what an inventory would say about its source and its target."""

    folder: Path
    source_database: str = field(repr=False)
    production_database: str = field(repr=False)
    media_root: Path
    checkout: Path
    site: str
    app: str
    database_app: str
    fly: Path


def up(folder: Path, *, say: Say) -> Sandbox:
    """Start what does not run and create what is missing; quick if there is nothing to do."""
    folder = folders.made(folder)
    with folders.locked(folder, say):
        before = known(folder)
        if before.content:
            what = "was made from your own files, and the inventory says nothing of them"
            hint = "maulstick sandbox.reset makes the gallery of it: all that it holds is lost"
            raise usage("sandbox", what, hint)
        state = _started(folder, before, say)
        if not state.ready:
            state = _first_day(folder, state, say)
        edge.up(folder)
        return _described(folder, state)


def reset(folder: Path, *, say: Say) -> Sandbox:
    """Set databases, bucket, checkout and cloud back to their first day; the servers keep running."""
    folder = folders.made(folder)
    with folders.locked(folder, say):
        before = known(folder)
        if before.content:
            before = replace(stop(folder), content="", ready=False)
        state = _first_day(folder, _started(folder, before, say), say)
        return _described(folder, state)


def down(folder: Path) -> None:
    """Stop every process of the sandbox; what it holds stays."""
    folder = folder.resolve()
    if folders.is_ours(folder):
        with folders.locked(folder, lambda _: None):
            stop(folder)


def remove(folder: Path) -> None:
    """Stop the sandbox and delete it, with what it keeps outside its folder."""
    folder = folder.resolve()
    if folders.is_ours(folder):
        with folders.locked(folder, lambda _: None):
            shutil.rmtree(stop(folder).home, ignore_errors=True)
            shutil.rmtree(folder)


def _started(folder: Path, known: State, say: Say) -> State:
    state = servers.up(folder, known, say)
    if not cloud.edge_is_ours(folder):
        state = servers.with_port(state, "site")
    cloud.write_fly(folder, state)
    ready = known.ready and _is_whole(folder, state, restarted=state != known)
    if (state, ready) == (known, known.ready):
        return known
    if ready:
        cloud.follow(folder, state)
    state = replace(state, ready=ready)
    states.save(folder, state)
    return state


def _first_day(folder: Path, state: State, say: Say) -> State:
    state = replace(state, ready=False)
    states.save(folder, state)
    cloud.create(folder, state)
    postgres, storage = servers.postgres_of(folder, state), servers.storage_of(folder, state)
    with ThreadPoolExecutor() as pool:
        filling = pool.submit(databases.restore, postgres, state.secrets, edition=edition())
        commit = checkout.restore(_checkout(folder))
        media.restore(content.MEDIA, _checkout(folder) / checkout.MEDIA_ROOT)
        objects.restore(storage, keys=content.production_objects(), media=content.MEDIA)
        filling.result()
    cloud.deploy(folder, _checkout(folder), commit)
    state = replace(state, ready=True)
    states.save(folder, state)
    say(f"site: as on its first day, {cloud.site(state)}")
    return state


def stop(folder: Path) -> State:
    """Stop every process; return and save the state without them."""
    state = known(folder)
    if (site := state.processes.get("site")) is not None:  # an author's own
        process.stop(site)
    cloud.down(folder)
    return servers.down(folder, state)


def known(folder: Path) -> State:
    """Return the state of a sandbox, a new one where there is none; one that was moved has no processes."""
    state = states.load(folder)
    home = programs.home(folder, programs.unprivileged())
    if state is None:
        cloud.down(folder)
        for place in (home, *(folder / name for name in WITHOUT_STATE)):
            shutil.rmtree(place, ignore_errors=True)
        state = states.fresh(folder, home)
    if state.folder != str(folder):
        # Moved or copied: the processes in its state may belong to another sandbox.
        shutil.rmtree(folder / "fly", ignore_errors=True)
        state = replace(state, folder=str(folder), home=str(home), processes={}, ready=False)
    return state


def _is_whole(folder: Path, state: State, *, restarted: bool) -> bool:
    parts = (apps.world_path(folder), _checkout(folder) / ".git", folder / "storage")
    if not all(part.exists() for part in parts):
        return False
    return not restarted or databases.exist(servers.postgres_of(folder, state))


def _described(folder: Path, state: State) -> Sandbox:
    postgres = servers.postgres_of(folder, state)
    source, production = (
        postgres.url(each.name, role=each.role, password=state.secrets[each.role]) for each in databases.BOTH
    )
    return Sandbox(
        folder=folder,
        source_database=source,
        production_database=production,
        media_root=_checkout(folder) / checkout.MEDIA_ROOT,
        checkout=_checkout(folder),
        site=cloud.site(state),
        app=apps.SITE_APP,
        database_app=apps.DATABASE_APP,
        fly=folder / "bin" / "fly",
    )


def _checkout(folder: Path) -> Path:
    return folder / "checkout"
