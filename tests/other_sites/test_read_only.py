"""A database that its owner set to be only read is not written to, unless that is asked for."""

import pytest

from tests.other_sites.other_site import OtherSite

TABLE = "create table artworks (id bigserial primary key, slug text not null unique, title text)"
PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("artworks", key="slug")
"""
LAMP = ("--artwork", "lamp")
SAYS = "is set to be only read (default_transaction_read_only = on)"


@pytest.fixture
def site(other_site) -> OtherSite:
    made = other_site(TABLE, local="insert into artworks (slug) values ('lamp')", plugin=PLUGIN)
    ((name,),) = made.rows("select current_database()")
    made.run_live(f"alter database {name} set default_transaction_read_only = on")
    assert made.invoke("export", *LAMP).code == 0
    return made


@pytest.mark.parametrize("step", ["plan", "apply"])
def test_each_step_that_meets_it_refuses(site, step):
    typed = site.invoke(step, *LAMP, *(["--without-media"] if step == "apply" else []))
    assert (typed.code, SAYS in typed.said) == (3, True)
    assert "although_read_only" in typed.said
    assert site.rows("select count(*) from artworks") == [(0,)]


def test_the_doctor_says_it(site):
    typed = site.invoke("doctor")
    [line] = [line for line in typed.out.splitlines() if line.startswith("  database ..")]
    assert " fail " in line
    assert SAYS in line


def test_the_inventory_may_ask_for_it(site):
    inventory = site.folder / "inventory.toml"
    inventory.write_text(inventory.read_text() + "although_read_only = true\n")
    assert site.invoke("plan", *LAMP).code == 0
    assert site.invoke("apply", *LAMP, "--without-media").code == 0
    assert site.invoke("rollback", "--last").code == 0
    assert site.rows("select count(*) from artworks") == [(0,)]
