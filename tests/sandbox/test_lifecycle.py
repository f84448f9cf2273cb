"""The sandbox's starts, repairs, resets and ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from maulstick.errors import Problem
from maulstick.sandbox import apps, content, lifecycle, process, servers
from maulstick.sandbox.apps import SITE_APP
from maulstick.sandbox.lifecycle import Sandbox
from tests.sandbox.sandboxes import (
    REMOVE,
    UP,
    bucket,
    files,
    git,
    keys,
    processes_of,
    production,
    quiet,
    state_of,
    up,
    up_elsewhere,
    visit,
)

BUCKET = "olivia-art-portfolio"
MOVED = ("postgres", "storage", "site")
ROWS = "SELECT (SELECT count(*) FROM artworks), (SELECT count(*) FROM users), to_regnamespace('maulstick')"
STRANGER = {"pid": os.getpid(), "started": "1"}


@dataclass(frozen=True, slots=True)
class Again:
    """A sandbox after `down` and `up`, with what was left between them and how long the second took."""

    sandbox: Sandbox
    left: list[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class FirstDay:
    """What a sandbox holds on its first day."""

    rows: tuple[object, ...] | None
    commit: str
    media: dict[Path, bytes]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A sandbox that was spoilt in every way and then reset."""

    sandbox: Sandbox
    before: FirstDay
    seconds: float


@pytest.fixture(scope="module")
def restarted(first_start):
    """Stopped, its state then naming a stranger's process for each server, and started again."""
    sandbox = up(first_start.sandbox.folder)
    with production(sandbox) as connection:
        connection.execute("UPDATE artworks SET title = 'Edited'")
    lifecycle.down(sandbox.folder)
    left = processes_of(sandbox.folder, Path(state_of(sandbox.folder).home))
    path = sandbox.folder / "state.json"
    stale = {"processes": {"postgres": STRANGER, "storage": STRANGER}}
    process.write_private(path, json.dumps(json.loads(path.read_text()) | stale))
    began = time.monotonic()
    return Again(up(sandbox.folder), left, time.monotonic() - began)


@pytest.fixture(scope="module")
def spoilt(first_start):
    sandbox = lifecycle.reset(first_start.sandbox.folder, say=quiet)
    before = first_day(sandbox)
    with production(sandbox) as connection:
        connection.execute("TRUNCATE users, artworks CASCADE; CREATE SCHEMA maulstick")
    storage, key = bucket(sandbox), content.production_objects()[0]
    storage.put_object(Bucket=BUCKET, Key="uploads/more.jpg", Body=b"more")
    storage.put_object(Bucket=BUCKET, Key=key, Body=b"other", CacheControl="no-store")
    (sandbox.checkout / "fly.toml").write_text("app = 'another'")
    git(sandbox, "commit", "--all", "--message", "another")
    (sandbox.checkout / "untracked").touch()
    first, second, *_ = before.media
    first.unlink()
    second.write_bytes(b"another")
    (sandbox.media_root / "uploads" / "stray.jpg").touch()
    began = time.monotonic()
    return Spoilt(lifecycle.reset(sandbox.folder, say=quiet), before, time.monotonic() - began)


def first_day(sandbox):
    with production(sandbox) as connection:
        rows = connection.execute(ROWS).fetchone()
    return FirstDay(rows, git(sandbox, "rev-parse", "HEAD"), files(sandbox.media_root / "uploads"))


def part(folder, name):
    if name in ("postgres", "storage"):
        return state_of(folder).processes[name]
    world = apps.load(folder)
    return world.edge if name == "edge" else world.apps[SITE_APP].machines[0].process


def mode(path):
    return path.stat().st_mode & 0o777


def test_the_first_start_ever_is_timed(first_start):
    print(f"first start ever: {first_start.seconds:.1f} s")
    assert first_start.seconds > 0


def test_a_start_when_all_runs_is_only_a_look(sandbox):
    before, began = processes_of(sandbox.folder), time.process_time()
    up(sandbox.folder)
    assert time.process_time() - began < 3  # a tenth of a second on a quiet machine
    assert processes_of(sandbox.folder) == before


def test_the_source_is_reached_by_its_address(sandbox):
    with psycopg.connect(sandbox.source_database) as connection:
        query = "SELECT current_database(), rolsuper FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(query).fetchone() == ("olivia_dev", False)


def test_only_its_owner_can_read_a_sandbox(sandbox):
    files = (
        sandbox.folder / "state.json",
        apps.world_path(sandbox.folder),
        sandbox.folder / "storage/s3.json",
    )
    assert [mode(path) for path in files] == [0o600] * 3
    home = Path(state_of(sandbox.folder).home)
    assert [mode(path) for path in (sandbox.folder, home, sandbox.fly)] == [0o700] * 3


def test_its_fly_knows_folder_and_token(sandbox):
    command = [sandbox.fly, "status", "--json", "--app", sandbox.app]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["Name"] == sandbox.app


def test_down_leaves_no_process(restarted):
    assert restarted.left == []


def test_a_warm_start_is_timed(restarted):
    print(f"warm start: {restarted.seconds:.1f} s")
    assert restarted.seconds > 0


def test_a_strangers_process_in_the_state_is_neither_used_nor_ended(restarted):
    assert STRANGER["pid"] not in {
        found.pid for found in state_of(restarted.sandbox.folder).processes.values()
    }
    assert visit(restarted.sandbox) == 200


def test_what_was_changed_survives_down_and_up(restarted):
    with production(restarted.sandbox) as connection:
        assert connection.execute("SELECT DISTINCT title FROM artworks").fetchall() == [("Edited",)]


@pytest.mark.parametrize("name", ["postgres", "storage", "edge", "site"])
def test_a_killed_part_is_repaired_by_the_next_start(sandbox, name):
    process.kill(part(sandbox.folder, name))
    up(sandbox.folder)
    assert process.alive(part(sandbox.folder, name))
    assert visit(sandbox) == 200


def test_a_taken_port_is_replaced_and_everything_follows(sandbox, taken):
    lifecycle.down(sandbox.folder)
    before = {state_of(sandbox.folder).ports[name] for name in MOVED}
    for port in before:
        taken(port)
    moved = up(sandbox.folder)
    assert before.isdisjoint(state_of(sandbox.folder).ports.values())
    assert (visit(moved), visit(moved, f"/media/{keys(moved)[0]}")) == (200, 200)


@pytest.mark.parametrize("name", ["storage.master", "postgres"])
def test_a_port_that_is_taken_at_the_last_moment_is_replaced(sandbox, taken, monkeypatch, name):
    lifecycle.down(sandbox.folder)
    port, placed = state_of(sandbox.folder).ports[name], servers._placed

    def lost(state, missing):
        found = placed(state, missing)
        if found.ports[name] == port:
            taken(port)
        return found

    monkeypatch.setattr(servers, "_placed", lost)
    assert visit(up(sandbox.folder)) == 200
    assert state_of(sandbox.folder).ports[name] != port


def test_two_starts_at_once_make_one_sandbox(sandbox):
    lifecycle.down(sandbox.folder)
    both = [up_elsewhere(sandbox.folder) for _ in range(2)]
    assert [starting.communicate(timeout=300)[0].strip() for starting in both] == [sandbox.site] * 2
    assert len(process.running_in(sandbox.folder / "storage", "weed")) == 1


def test_a_reset_is_timed(spoilt):
    print(f"reset: {spoilt.seconds:.1f} s")
    assert spoilt.seconds > 0
    assert visit(spoilt.sandbox) == 200


def test_reset_restores_rows_commit_and_media(spoilt):
    assert first_day(spoilt.sandbox) == spoilt.before


def test_reset_leaves_a_clean_checkout_that_ignores_the_media(spoilt):
    assert git(spoilt.sandbox, "status", "--porcelain") == ""
    assert "uploads" not in git(spoilt.sandbox, "ls-files")


def test_reset_restores_the_bucket(spoilt):
    key = content.production_objects()[0]
    found = bucket(spoilt.sandbox).head_object(Bucket=BUCKET, Key=key)
    assert "CacheControl" not in found
    assert found["ContentLength"] == (spoilt.sandbox.media_root / key).stat().st_size
    assert set(keys(spoilt.sandbox)) == set(content.production_objects())


@pytest.mark.parametrize("seconds", [0.6, 2.8])
def test_a_first_start_that_was_killed_is_finished_by_the_next(new_folder, seconds):
    starting = up_elsewhere(new_folder)
    time.sleep(seconds)
    starting.kill()
    starting.communicate()
    assert visit(up(new_folder)) == 200


def test_a_copied_sandbox_comes_and_goes_without_the_original(sandbox, new_folder):
    shutil.copyfile(sandbox.folder / "state.json", new_folder / "state.json")
    server, copy = part(sandbox.folder, "postgres"), up(new_folder)
    home = Path(state_of(new_folder).home)
    assert (visit(copy), visit(sandbox)) == (200, 200)
    lifecycle.remove(new_folder)
    assert (new_folder.exists(), home.exists(), processes_of(new_folder, home)) == (False, False, [])
    assert process.alive(server)


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "novel.txt").touch()
    with pytest.raises(Problem, match="is not a sandbox's folder"):
        up(tmp_path)


def test_an_ordinary_user_can_start_it_too(nobody, first_start):
    folder = nobody.home / "sandbox"
    folder.mkdir()
    (folder / "lock").touch()
    nobody.own(folder)
    site = nobody.python(UP, folder).strip()
    assert visit(replace(first_start.sandbox, site=site)) == 200
    assert Path(state_of(folder).home) == folder / "postgres"
    nobody.python(REMOVE, folder)
    assert (folder.exists(), processes_of(folder)) == (False, [])
