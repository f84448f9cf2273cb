"""The sandbox's starts, repairs, resets and ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sandboxes import (
    REMOVE,
    UP,
    bucket,
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

from maulstick.errors import Problem
from maulstick.sandbox import apps, content, lifecycle, process
from maulstick.sandbox.apps import SITE_APP

ROWS = "SELECT (SELECT count(*) FROM artworks), (SELECT count(*) FROM users), to_regnamespace('maulstick')"

MOVED = ("postgres", "storage", "site")


def seconds_of_up(folder: Path) -> float:
    began = time.monotonic()
    up(folder)
    return time.monotonic() - began


def part(folder: Path, name: str) -> process.Process:
    if name in ("postgres", "storage"):
        return state_of(folder).processes[name]
    world = apps.load(folder)
    found = world.edge if name == "edge" else world.apps[SITE_APP].machines[0].process
    assert found
    return found


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_first_start_ever_takes_less_than_15_seconds(first_start):
    assert first_start.seconds < 15


def test_a_start_when_all_runs_is_only_a_look(sandbox):
    assert seconds_of_up(sandbox.folder) < 0.3


def test_a_warm_start_takes_less_than_4_seconds(sandbox):
    lifecycle.down(sandbox.folder)
    assert seconds_of_up(sandbox.folder) < 4
    assert visit(sandbox) == 200


def test_the_source_is_reached_by_its_address(sandbox):
    with psycopg.connect(sandbox.source_database) as connection:
        query = "SELECT current_database(), rolsuper FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(query).fetchone() == ("olivia_dev", False)


def test_the_bucket_holds_what_production_had(sandbox):
    lifecycle.reset(sandbox.folder, say=quiet)
    assert set(keys(sandbox)) == set(content.production_objects())


def test_the_checkout_is_clean_and_ignores_the_media(sandbox):
    lifecycle.reset(sandbox.folder, say=quiet)
    assert git(sandbox, "status", "--porcelain") == ""
    assert "uploads" not in git(sandbox, "ls-files")
    assert any((sandbox.media_root / "uploads").rglob("*.jpg"))


def test_only_its_owner_can_read_a_sandbox(sandbox):
    files = (
        sandbox.folder / "state.json",
        apps.world_path(sandbox.folder),
        sandbox.folder / "storage" / "s3.json",
    )
    assert [mode(path) for path in files] == [0o600] * 3
    home = Path(state_of(sandbox.folder).home)
    assert [mode(path) for path in (sandbox.folder, home, sandbox.fly)] == [0o700] * 3


def test_its_fly_knows_folder_and_token(sandbox):
    done = subprocess.run(
        [sandbox.fly, "status", "--json", "--app", sandbox.app], capture_output=True, text=True
    )
    assert json.loads(done.stdout)["Name"] == sandbox.app


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
    assert visit(moved) == 200
    assert visit(moved, f"/media/{keys(moved)[0]}") == 200


def test_a_recycled_number_in_the_state_is_not_taken_for_a_server(sandbox):
    lifecycle.down(sandbox.folder)
    path = sandbox.folder / "state.json"
    stranger = {"pid": os.getpid(), "started": "1"}
    stale = json.loads(path.read_text()) | {"processes": {"postgres": stranger, "storage": stranger}}
    process.write_private(path, json.dumps(stale))
    assert visit(up(sandbox.folder)) == 200


def test_two_starts_at_once_make_one_sandbox(sandbox):
    lifecycle.down(sandbox.folder)
    both = [up_elsewhere(sandbox.folder) for _ in range(2)]
    assert [starting.communicate(timeout=30)[0].strip() for starting in both] == [sandbox.site] * 2
    assert len(process.running_in(sandbox.folder / "storage", "weed")) == 1


def test_down_leaves_no_process(sandbox):
    lifecycle.down(sandbox.folder)
    assert processes_of(sandbox.folder, Path(state_of(sandbox.folder).home)) == []


def test_what_was_changed_survives_down_and_up(sandbox):
    with production(sandbox) as connection:
        connection.execute("UPDATE artworks SET title = 'Edited'")
    lifecycle.down(sandbox.folder)
    with production(up(sandbox.folder)) as connection:
        assert connection.execute("SELECT DISTINCT title FROM artworks").fetchall() == [("Edited",)]


def test_reset_restores_the_rows(sandbox):
    lifecycle.reset(sandbox.folder, say=quiet)
    with production(sandbox) as connection:
        before = connection.execute(ROWS).fetchone()
        connection.execute("TRUNCATE users, artworks CASCADE; CREATE SCHEMA maulstick")
    lifecycle.reset(sandbox.folder, say=quiet)
    with production(sandbox) as connection:
        assert connection.execute(ROWS).fetchone() == before


def test_reset_restores_the_bucket(sandbox):
    storage, (key, *_) = bucket(sandbox), content.production_objects()
    storage.put_object(Bucket="olivia-art-portfolio", Key="uploads/more.jpg", Body=b"more")
    storage.put_object(Bucket="olivia-art-portfolio", Key=key, Body=b"other", CacheControl="no-store")
    lifecycle.reset(sandbox.folder, say=quiet)
    found = storage.head_object(Bucket="olivia-art-portfolio", Key=key)
    assert "CacheControl" not in found
    assert found["ContentLength"] == (sandbox.media_root / key).stat().st_size
    assert set(keys(sandbox)) == set(content.production_objects())


def test_reset_restores_checkout_and_media(sandbox):
    lifecycle.reset(sandbox.folder, say=quiet)
    commit, uploads = git(sandbox, "rev-parse", "HEAD"), sandbox.media_root / "uploads"
    before = {path: path.read_bytes() for path in uploads.rglob("*") if path.is_file()}
    (sandbox.checkout / "fly.toml").write_text("app = 'another'")
    (sandbox.checkout / "untracked").touch()
    git(sandbox, "commit", "--all", "--message", "another")
    first, second, *_ = before
    first.unlink()
    second.write_bytes(b"another")
    (uploads / "stray.jpg").touch()
    lifecycle.reset(sandbox.folder, say=quiet)
    assert (git(sandbox, "rev-parse", "HEAD"), git(sandbox, "status", "--porcelain")) == (commit, "")
    assert {path: path.read_bytes() for path in uploads.rglob("*") if path.is_file()} == before


def test_reset_takes_no_more_than_three_seconds(sandbox):
    began = time.monotonic()
    lifecycle.reset(sandbox.folder, say=quiet)
    assert time.monotonic() - began < 3
    assert visit(sandbox) == 200


@pytest.mark.parametrize("seconds", [0.6, 1.6, 3.6])
def test_a_first_start_that_was_killed_is_finished_by_the_next(new_folder, seconds):
    starting = up_elsewhere(new_folder)
    time.sleep(seconds)
    starting.kill()
    starting.communicate()
    assert visit(up(new_folder)) == 200


def test_a_copied_sandbox_leaves_the_original_alone(sandbox, new_folder):
    server = part(sandbox.folder, "postgres")
    shutil.copyfile(sandbox.folder / "state.json", new_folder / "state.json")
    copy = up(new_folder)
    assert copy.site != sandbox.site
    assert process.alive(server)
    assert (visit(copy), visit(sandbox)) == (200, 200)


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "novel.txt").touch()
    with pytest.raises(Problem, match="is not a sandbox's folder"):
        up(tmp_path)


def test_remove_leaves_nothing(new_folder):
    up(new_folder)
    home = Path(state_of(new_folder).home)
    lifecycle.remove(new_folder)
    assert not new_folder.exists()
    assert not home.exists()
    assert processes_of(new_folder, home) == []


def test_an_ordinary_user_can_start_it_too(nobody, first_start):
    folder = nobody.home / "sandbox"
    shutil.copytree(first_start.sandbox.folder / "media", folder / "media")
    (folder / "lock").touch()
    nobody.own(folder)
    site = nobody.python(UP, folder).strip()
    assert visit(replace(first_start.sandbox, site=site)) == 200
    assert Path(state_of(folder).home) == folder / "postgres"
    nobody.python(REMOVE, folder)
    assert (folder.exists(), processes_of(folder)) == (False, [])
