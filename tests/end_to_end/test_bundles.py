"""The bundle: what export writes, what it refuses, and who may take it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maulstick.bundle.folder import read_manifest
from maulstick.files import write_whole
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.proxy import proxy
from maulstick.sandbox import apps, databases
from tests.end_to_end.projects import SERIES, Project, Ran, program, result

ELSEWHERE = """
default = "elsewhere"

[source]
database = "{source}"
media_root = "{media}"

[targets.elsewhere]
host = "direct"
site = "http://127.0.0.1:9"
environment = "nowhere.env"
"""
PROGRAMS = [shutil.which("psql"), None]


def _export(project: Project, *words: str) -> Ran:
    return project.invoke("export", *words)


def test_an_unknown_series_is_refused_with_the_nearest_one(fresh_once: Project) -> None:
    ran = _export(fresh_once, "--series", "embodimnt")
    assert ran.code == 3
    assert "series embodimnt: is not in the source" in ran.err
    assert 'hint: did you mean "embodiment"?' in ran.err
    assert not fresh_once.bundle.exists()


def test_the_sql_alone_goes_to_stdout(fresh_once: Project) -> None:
    ran = _export(fresh_once, *SERIES, "--out", "-")
    assert ran.code == 0
    assert ran.out.startswith("\\set ON_ERROR_STOP on\n-- maulstick: settings\n")
    assert ran.out.endswith("commit;\n")
    assert ran.err == ""
    assert not fresh_once.bundle.exists()


def test_the_same_content_gives_the_same_bytes(fresh_once: Project, tmp_path: Path) -> None:
    for name in ("one.sql", "two.sql"):
        assert _export(fresh_once, *SERIES, "--out", str(tmp_path / name)).code == 0
        fresh_once.local("vacuum full artworks")
        fresh_once.local("update media set tags = tags")
    assert (tmp_path / "one.sql").read_bytes() == (tmp_path / "two.sql").read_bytes()


def test_a_missing_picture_is_found_before_anything_is_written(fresh_once: Project) -> None:
    picture = fresh_once.media / "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
    hidden = picture.rename(picture.with_suffix(".hidden"))
    ran = _export(fresh_once, *SERIES)
    hidden.rename(picture)
    assert ran.code == 3
    assert "media /uploads/media/1763722108_d70e2e2341d3cccd.jpg: is missing under" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert not fresh_once.bundle.exists()


@pytest.mark.parametrize("key", ["..", "a/b", 'it\'s "x"', "two\nlines", "maré %s \\", " "])
def test_a_strange_key_is_only_unknown(fresh_once: Project, key: str) -> None:
    ran = _export(fresh_once, f"--series={key}")
    assert ran.code in (2, 3)
    assert "Traceback" not in ran.err
    assert "is not in the source" in ran.err


def test_a_key_with_quotes_and_accents_is_released_like_any_other(fresh: Project) -> None:
    key = 'it\'s “marée” "x" 100%'
    quoted = key.replace("'", "''")
    fresh.local(f"update series set slug = '{quoted}' where slug = 'embodiment'")
    fresh.local("delete from annotations")
    steps = ("--playbook", "content")
    ran = fresh.invoke("release", f"--series={key}", *steps)
    assert ran.code == 0, ran.err
    assert len(fresh.rows(f"select 1 from series where slug = '{quoted}'")) == 1


def test_a_bundle_edited_by_hand_is_refused(fresh: Project) -> None:
    assert _export(fresh, *SERIES).code == 0
    path = fresh.bundle / "release.sql"
    path.write_text(
        path.read_text().replace("-- maulstick: ledger\n", "drop table users;\n-- maulstick: ledger\n")
    )
    ran = fresh.invoke("apply", *SERIES, "--without-media")
    assert ran.code == 3
    assert "release.sql: holds more than Maulstick wrote, line" in ran.err


def test_a_bundle_that_another_version_exported_is_released_and_said(fresh: Project) -> None:
    assert _export(fresh, *SERIES).code == 0
    theirs = replace(read_manifest(fresh.bundle), sql_sha256="").sealed()
    write_whole(fresh.bundle / "manifest.json", theirs.blocks())
    ran = fresh.invoke("apply", *SERIES, "--without-media")
    assert (ran.code, ran.err.count("was exported by another version; its SQL is rewritten")) == (0, 1)


def test_a_bundle_of_the_sandbox_cannot_reach_another_target(released: Project, other: Project) -> None:
    source = released.address(databases.SOURCE)
    (other.folder / "inventory.toml").write_text(ELSEWHERE.format(source=source, media=released.media))
    assert released.invoke("export", *SERIES).code == 0
    shutil.copytree(released.sandbox / "releases", other.folder / "releases")
    (other.folder / "nowhere.env").write_text(f"DATABASE_URL={released.address(databases.PRODUCTION)}\n")
    for step in ("plan", "upload", "apply", "verify"):
        ran = other.invoke(step, *SERIES)
        assert ran.code == 2
        assert 'was made from the source "sandbox"; this target takes only "local"' in ran.err


def test_a_database_that_calls_itself_otherwise_is_refused(released: Project, other: Project) -> None:
    source = released.address(databases.SOURCE)
    (other.folder / "inventory.toml").write_text(ELSEWHERE.format(source=source, media=released.media))
    (other.folder / "nowhere.env").write_text(f"DATABASE_URL={released.address(databases.PRODUCTION)}\n")
    assert other.invoke("export", *SERIES).code == 0
    ran = other.invoke("apply", *SERIES, "--without-media")
    assert ran.code == 3
    assert 'this database calls itself "sandbox", not "elsewhere"' in ran.err


@pytest.mark.parametrize("psql", PROGRAMS, ids=["path", "wheel"])
def test_release_sql_applies_itself_through_psql(
    undisturbed: dict[str, Any], fresh: Project, psql: str | None
) -> None:
    assert fresh.invoke("export", *SERIES).code == 0
    ran = _psql(fresh, psql or str(program("psql")))
    assert ran.returncode == 0, ran.stderr
    again = result(fresh)
    same = ("series", "artworks", "media", "media_analyses", "annotations", "links", "notes", "base")
    assert {name: again[name] for name in same} == {name: undisturbed[name] for name in same}


def test_release_sql_through_psql_stops_at_a_conflict(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    released.rows("update artworks set year = 2 where slug = 'in-motion-v'")
    assert released.invoke("export", *SERIES).code == 0
    ran = _psql(released, str(program("psql")))
    assert ran.returncode == 3
    assert "refused, nothing was changed: artworks in-motion-v: year changed here and there" in ran.stderr
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(2,)]


def _psql(project: Project, psql: str) -> subprocess.CompletedProcess[str]:
    fly = Fly(str(project.sandbox / "bin" / "fly"), apps.SITE_APP)
    role, password = databases.PRODUCTION.role, project.state.secrets[databases.PRODUCTION.role]
    with proxy(fly, "olivia-art-portfolio-db.internal", 5432) as port:
        address = f"postgresql://{role}@127.0.0.1:{port}/{databases.PRODUCTION.name}"
        command = [psql, "-X", "-q", "-f", "release.sql", address]
        environment = {"PGPASSWORD": password, "LC_ALL": "C"}
        return subprocess.run(command, cwd=project.bundle, env=environment, capture_output=True, text=True)
