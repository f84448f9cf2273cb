"""A disk that takes nothing more: an error that says where, nothing half written, never a trace."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

import pytest

BOTH = "create table files (id bigserial primary key, slug text not null unique, path text, body text)"
LOCAL = """
insert into files (slug, path, body)
select 'one', '/uploads/one.txt', string_agg(md5(n::text), ' ') from generate_series(1, 4000) as n
"""
PLUGIN = """
from maulstick import Kind, MediaColumn, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("doc", table="files", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("files", key="slug", media=[MediaColumn("path")])
"""
MAKER = """
from maulstick import File, hookimpl


@hookimpl
def maulstick_export(subject, source):
    archive = source.folder / "archive.bin"
    archive.write_bytes(b"a" * 1_000_000)
    yield File(str(archive), key="downloads/archive.bin")
"""
EXPORT = ("export", "--doc", "one")
FULL = "cannot be written: no space left on device"
MAKE_ROOM = "hint: make room on its disk, then run the same command again"


@pytest.fixture
def small_disk():
    """Make a folder a disk of its own that has room for so much."""
    with ExitStack() as stack:

        def mounted(folder, size, *how):
            folder.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *how)), "tmpfs", str(folder)]
            if (
                not shutil.which("mount")
                or subprocess.run(command, capture_output=True, check=False).returncode
            ):
                pytest.skip("only root may mount a disk, and not everywhere")
            stack.callback(subprocess.run, ["umount", str(folder)], check=True)
            return folder

        yield mounted


@pytest.fixture
def site(other_site, storage):
    site = other_site(BOTH, local=LOCAL, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery")
    (site.folder / "media/uploads").mkdir()
    (site.folder / "media/uploads/one.txt").write_text("It burns by the door. " * 9_000)
    return site


def half_written(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_bundle_without_room_is_not_written_at_all(site, small_disk):
    disk = small_disk(site.folder / "releases", "64k")
    ran = site.invoke(*EXPORT)
    assert ran.code == 4, ran.said
    assert f"releases/doc/one: {FULL}\n  {MAKE_ROOM}" in ran.err
    assert "Traceback" not in ran.said
    assert half_written(disk) == []


def test_the_bundle_that_was_there_stays_whole(site, small_disk):
    disk = small_disk(site.folder / "releases", "300k")
    assert site.invoke(*EXPORT).code == 0
    before = {path: path.read_bytes() for path in half_written(disk)}
    site.run_dev("update files set body = body || body")
    ran = site.invoke(*EXPORT)
    assert (ran.code, FULL in ran.err) == (4, True), ran.said
    assert {path: path.read_bytes() for path in half_written(disk)} == before


def test_a_pack_without_room_says_so(site, small_disk):
    small_disk(site.folder / "releases/doc/one/media", "64k")
    ran = site.invoke(*EXPORT, "--pack")
    assert (ran.code, f"releases/doc/one/media: {FULL}" in ran.err) == (4, True), ran.said
    assert "Traceback" not in ran.said
    assert half_written(site.folder / "releases") == []


def test_a_disk_that_is_read_only_says_that(site, small_disk):
    small_disk(site.folder / "releases", "64k", "ro")
    ran = site.invoke(*EXPORT)
    assert ran.code == 4, ran.said
    assert "cannot be written: read-only file system" in ran.err
    assert "hint: its disk is mounted read-only" in ran.err


def test_rows_without_room_on_their_way_say_where(site, small_disk, tmp_path):
    disk = small_disk(tmp_path / "temporary", "64k")
    ran = site.invoke(*EXPORT, TMPDIR=str(disk))
    assert ran.code == 4, ran.said
    assert f"{disk}/maulstick-" in ran.err
    assert FULL in ran.err
    assert "TMPDIR=FOLDER names another one" in ran.err
    assert half_written(disk) == []


def test_a_plugin_that_finds_no_room_is_not_blamed_for_it(site, small_disk, tmp_path):
    site.plugin(MAKER, "maker.py")
    disk = small_disk(tmp_path / "temporary", "600k")
    ran = site.invoke(*EXPORT, TMPDIR=str(disk))
    assert ran.code == 4, ran.said
    assert f"plugins/maker.py maulstick_export: {FULL}" in ran.err
    assert half_written(disk) == []


def test_a_release_without_room_for_its_record_is_live_all_the_same(site, small_disk):
    disk = small_disk(site.folder / ".maulstick", "4k")
    ran = site.invoke("release", "--doc", "one", "--playbook", "content", "--skip", "verify")
    assert ran.code == 0, ran.said
    assert f"the record of this run cannot be saved: {FULL.partition(': ')[2]}" in ran.err
    assert site.rows("select slug from files") == [("one",)]
    assert [path.name for path in half_written(disk) if path.name != ".gitignore"] == []
    assert list(disk.glob("runs/*")) == []


def test_a_limit_of_the_shell_is_told_from_a_full_disk(site):
    command = ["sh", "-c", f"ulimit -f 16; exec {sys.executable} -m invoke {' '.join(EXPORT)}"]
    ran = subprocess.run(
        command, cwd=site.folder, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 4, ran.stderr
    assert "cannot be written: file too large" in ran.stderr
    assert "ulimit -f" in ran.stderr
    assert "Traceback" not in ran.stderr
