"""A target that asks shows what it asks about: rows with their columns, files, the rest counted."""

import os
import re
import subprocess
import sys

import pytest

ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
PLUGIN = """
from maulstick import Kind, MediaColumn, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    media = (MediaColumn("image"),)
    return [Table("series", key="slug"), Table("artworks", key="slug", via="series_id", media=media)]
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table artworks (id bigserial primary key, series_id bigint references series(id),
  slug text not null unique, title text, image text);
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into artworks (series_id, slug, title) values (1, 'lamp', 'Lamp'), (1, 'door', 'Door');
"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)
STEPS = ("--only=export", "--only=plan", "--only=upload", "--only=apply", "--only=publish")


@pytest.fixture
def site(other_site, storage):
    """A site that asks before it is changed, and that was released to once."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery")
    inventory = made.folder / "inventory.toml"
    inventory.write_text(inventory.read_text().replace("[targets.live]", "[targets.live]\nconfirm = true"))
    assert made.invoke("release", "--series", "nocturne", "--yes", *STEPS).code == 0
    return made


def answered(site, answer, *words):
    """Type a command on a terminal, answer its question, and return the exit code and what was seen."""
    command = [sys.executable, "-c", ON_A_TERMINAL, sys.executable, "-m", "invoke", *words]
    shell = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}
    ran = subprocess.run(
        command, cwd=site.folder, env=shell, input=f"{answer}\n", capture_output=True, text=True, timeout=600
    )
    return ran.returncode, ran.stdout.replace("\r", "")


def test_the_question_comes_after_rows_columns_and_files(site):
    (site.folder / "media" / "fan.png").write_bytes(PNG)
    site.run_dev("update artworks set title = 'Lamp, lit' where slug = 'lamp'")
    site.run_dev("insert into artworks (series_id, slug, title, image) values (1, 'fan', 'Fan', '/fan.png')")
    code, seen = answered(site, "n", "release", "--series", "nocturne", *STEPS)
    asked = seen[: seen.index("release series nocturne to live? [y/N]")]
    assert code == 130, seen
    for line in (
        "series nocturne to live:",
        "+ upload fan.png (69 bytes)",
        "+ insert artworks fan",
        'title "Fan"',
        "~ update artworks lamp",
        'title: update: base "Lamp", local "Lamp, lit", production "Lamp"',
    ):
        assert line in asked
    assert "public" not in asked
    assert site.rows("select title from artworks where slug = 'lamp'") == [("Lamp",)]
    code, seen = answered(site, "y", "apply", "--series", "nocturne", "--without-media")
    assert code == 0, seen
    assert site.rows("select count(*) from artworks") == [(3,)]


def test_a_page_of_rows_is_shown_and_the_rest_counted(site):
    site.run_dev(
        "insert into artworks (series_id, slug) select 1, 'n' || n from generate_series(1, 500) as n"
    )
    site.run_dev("update artworks set title = 'new' where slug in ('lamp', 'door')")
    _, seen = answered(site, "n", "release", "--series", "nocturne", *STEPS)
    asked = seen[seen.index("series nocturne to live:") : seen.index("? [y/N]")]
    assert asked.count("+ insert artworks") == 10
    assert "~ update artworks lamp" in asked
    assert "… and more rows: 490 insert" in asked
    assert len(asked.splitlines()) < 50


def test_rows_to_delete_are_shown_and_apply_alone_shows_its_rows_too(site):
    site.run_dev("delete from artworks where slug = 'door'")
    _, seen = answered(site, "n", "release", "--series", "nocturne", "--prune", *STEPS)
    assert "- delete artworks door" in seen[: seen.index("? [y/N]")]
    site.run_dev("update artworks set title = 'dim' where slug = 'lamp'")
    assert site.invoke("export", "--series", "nocturne").code == 0
    _, seen = answered(site, "n", "apply", "--series", "nocturne")
    assert 'local "dim", production "Lamp"' in seen[: seen.index("? [y/N]")]


def test_each_step_that_may_change_something_is_asked_about(site):
    site.run_dev("update artworks set title = 'lit' where slug = 'lamp'")
    words = ("release", "--series", "nocturne", "--confirm-each", *STEPS)
    code, seen = answered(site, "y\ny\nn", *words)
    assert code == 130, seen
    asked = re.findall(r"(release|upload|apply)[: ][^\n?]*\? \[y/N\]", seen)
    assert asked == ["release", "upload", "apply"]  # the first is the target's own
    assert "stopped at your word" in seen
    assert "--start-at apply goes on from here" in seen
    assert site.rows("select title from artworks where slug = 'lamp'") == [("Lamp",)]
    code, seen = answered(site, "y\ny\ny", *words)
    assert code == 0, seen
    assert site.rows("select title from artworks where slug = 'lamp'") == [("lit",)]


def test_who_is_asked_before_a_first_release_is_offered_a_dump(site):
    site.run_live("drop schema maulstick cascade")
    site.run_dev("update artworks set title = 'Lamp, lit' where slug = 'lamp'")
    words = ("release", "--series", "nocturne", "--take", "local", *STEPS)
    code, seen = answered(site, "y\nn", *words)
    assert code == 130, seen
    assert "first release to live: keep a dump of its tables first? [y/N]" in seen
    assert "dump of 2 tables of live: " in seen
    assert len([*site.folder.glob(".maulstick/dumps/live-*.dump")]) == 1
    assert site.rows("select title from artworks where slug = 'lamp'") == [("Lamp",)]
