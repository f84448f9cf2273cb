"""Before the first release to a target a dump of its tables can be kept."""

from __future__ import annotations

import subprocess

from maulstick.sandbox.postgres import Postgres
from tests.end_to_end.projects import program
from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite

OTHERS = "create table users (id bigint primary key, email text);"
THERE = "insert into artworks (slug, title) values ('vase', 'Vase')"
FIRST = "this is the first release to live: --dump keeps a dump of its tables first"
STEPS = ("--only=export", "--only=plan", "--only=apply")


def test_a_dump_of_the_tables_is_kept_and_brings_them_back(
    other_site: MakeSite, storage: str, server: Postgres
) -> None:
    site = other_site(ARTWORKS + OTHERS, local=LAMP, live=THERE, plugin=PLUGIN, storage=storage)
    words = ("release", "--artwork", "lamp", *STEPS)
    assert FIRST not in site.invoke(*words, "--check").err
    ran = site.invoke(*words, "--dump")
    assert ran.code == 0, ran.err
    (file,) = site.folder.glob(".maulstick/dumps/live-*.dump")
    assert f" in .maulstick/dumps/{file.name}\n" in ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    listed = subprocess.check_output([program("pg_restore"), "--list", file], text=True)
    assert [line.split()[-2] for line in listed.splitlines() if "TABLE DATA" in line] == ["artworks"]
    site.run_live("truncate artworks")
    address = server.url(site.live.info.dbname)
    subprocess.run([program("pg_restore"), "--data-only", "--dbname", address, file], check=True)
    assert site.rows("select slug from artworks") == [("vase",)]
    site.run_live("drop schema maulstick cascade")
    assert FIRST not in site.invoke(*words).err
    site.run_live("drop schema maulstick cascade; delete from artworks where slug = 'lamp'")
    file.unlink()
    assert FIRST in site.invoke(*words).err
    assert FIRST not in site.invoke(*words).err
