"""A staging that is made anew from production brings production's ledger, and gets its own name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from maulstick.sandbox.postgres import Postgres
from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite
from tests.other_sites.other_site import NOBODY, OtherSite

STAGING = f"""
[targets.staging]
host = "direct"
site = "{NOBODY}"
environment = ".env.staging"
addressing = "path"
"""
RENAME = ("ledger.rename", "--target", "staging", "--was", "live")
NAME = "select target from maulstick.ledger"


@dataclass(frozen=True, slots=True)
class Copied:
    """A site that was released once, and the name of a database that was copied from its live one."""

    site: OtherSite
    server: Postgres
    live: str
    staging: str

    def name_of(self, database: str) -> str:
        """Return what a database calls itself."""
        with self.server.connect(database) as connection:
            ((name,),) = connection.execute(NAME.encode()).fetchall()
        return str(name)


@pytest.fixture
def copied(other_site: MakeSite, server: Postgres, storage: str) -> Iterator[Copied]:
    """A site whose staging was made from its live database after a release."""
    site = other_site(ARTWORKS, local=LAMP, plugin=PLUGIN, storage=storage)
    for words in (("export",), ("apply", "--without-media")):
        assert site.invoke(*words, "--artwork", "lamp").code == 0
    site.run_live("insert into maulstick.object values ('a', 'b', 1, 'c', now(), '{}')")
    live = site.live.info.dbname
    site.live.close()
    staging = f"{live}_staging"
    with server.connect() as connection:
        connection.execute(f"create database {staging} template {live}".encode())
    with (site.folder / "inventory.toml").open("a") as file:
        file.write(STAGING)
    environment = (site.folder / ".env.live").read_text()
    (site.folder / ".env.staging").write_text(environment.replace(f"/{live}", f"/{staging}"))
    yield Copied(site, server, live, staging)
    with server.connect() as connection:
        connection.execute(f"drop database {staging} with (force)".encode())


def test_the_refusal_names_the_command_that_names_the_copy(copied: Copied) -> None:
    site = copied.site
    site.run_dev("update artworks set title = 'Lamp 2'")
    target = ("--artwork", "lamp", "--target", "staging")
    assert site.invoke("export", *target).code == 0
    for words in (
        ("plan", *target),
        ("apply", *target, "--without-media"),
        ("rollback", "--last", *target[2:]),
    ):
        ran = site.invoke(*words)
        assert ran.code == 3
        assert 'this database calls itself "live", not "staging"' in ran.err
        assert "invoke ledger.rename --target staging --was live" in ran.err
    assert "invoke ledger.rename --target staging --was live" in site.invoke("doctor", *target[2:]).out


def test_the_copy_gets_its_name_and_is_released_to(copied: Copied) -> None:
    ran = copied.site.invoke(*RENAME, "--yes")
    assert ran.code == 0, ran.err
    assert 'staging: this database calls itself "staging" now, and no longer "live"' in ran.out
    assert (copied.name_of(copied.staging), copied.name_of(copied.live)) == ("staging", "live")
    with copied.server.connect(copied.staging) as staging:
        assert staging.execute("select count(*) from maulstick.object").fetchall() == [(0,)]
    copied.site.run_dev("update artworks set title = 'Lamp 2'")
    target = ("--artwork", "lamp", "--target", "staging")
    for words in (("export",), ("apply", "--without-media")):
        assert copied.site.invoke(*words, *target).code == 0
    again = copied.site.invoke(*RENAME, "--yes")
    assert (again.code, again.out) == (0, 'staging: unchanged, this database calls itself "staging"\n')


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (RENAME, 2, "asks before it is changed, and nobody is there to answer"),
        ((*RENAME[:3], "--yes"), 2, "--was: is missing"),
        (("ledger.rename", "--was", "live", "--yes"), 2, "--target: is missing"),
        ((*RENAME[:3], "--was", "staging", "--yes"), 2, "is the name that it would get"),
        ((*RENAME[:3], "--was", "other", "--yes"), 3, 'calls itself "live", not "other"'),
        (("ledger.rename", "--target", "live", "--was", "staging", "--yes"), 0, "unchanged"),
    ],
)
def test_nothing_is_renamed_by_accident(copied: Copied, words: tuple[str, ...], code: int, says: str) -> None:
    ran = copied.site.invoke(*words)
    assert ran.code == code, ran.said
    assert says in ran.said
    assert (copied.name_of(copied.staging), copied.name_of(copied.live)) == ("live", "live")


def test_the_real_one_is_not_renamed_though_the_copys_address_is_wrong(copied: Copied) -> None:
    folder = copied.site.folder
    (folder / ".env.staging").write_text((folder / ".env.live").read_text())
    ran = copied.site.invoke(*RENAME, "--yes")
    assert ran.code == 3
    assert 'this is the database of "live" itself' in ran.err
    assert copied.name_of(copied.live) == "live"


def test_nothing_is_renamed_where_the_other_does_not_answer(copied: Copied) -> None:
    file = copied.site.folder / ".env.live"
    file.write_text(file.read_text() + f"DATABASE_URL=postgresql://{os.urandom(4).hex()}@127.0.0.1:9/x\n")
    ran = copied.site.invoke(*RENAME, "--yes")
    assert ran.code != 0
    assert "cannot be reached" in ran.err
    assert copied.name_of(copied.staging) == "live"


def test_a_name_that_no_target_has_any_more_is_replaced(copied: Copied) -> None:
    with copied.server.connect(copied.staging) as staging:
        staging.execute("update maulstick.ledger set target = 'production'")
    ran = copied.site.invoke("ledger.rename", "--target", "staging", "--was", "production", "--yes")
    assert ran.code == 0, ran.err
    assert 'no target is called "production"' in ran.err
    assert copied.name_of(copied.staging) == "staging"
