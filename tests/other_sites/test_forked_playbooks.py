"""Conditions and variables where several targets have their turn side by side: each has its own."""

from __future__ import annotations

import json

from tests.other_sites.conftest import MakeSite

TABLES = "create table posts (id bigserial primary key, slug text not null unique, title text);"
PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("post", table="posts", key="slug")]


@hookimpl
def maulstick_tables(subject):
    return [Table("posts", key="slug")]
"""
PLAYBOOK = """
name = "told"
says = "rows, and a word about them"
[vars]
word = "quiet"
loud = false
[[step]]
name = "export"
[[step]]
name = "plan"
[[step]]
name = "apply"
[[step]]
name = "tell"
step = "command"
run = "echo {{ word | quote }} > {{ target }}.txt"
when = "rows_changed and loud"
[[step]]
name = "hush"
step = "command"
run = "echo {{ word | quote }} > {{ target }}.txt"
when = "not loud"
"""
TWIN = """
[targets.live.vars]
loud = true

[targets.twin]
host = "direct"
site = "http://127.0.0.1:9"
environment = ".env.twin"
addressing = "path"
vars = { word = "calm" }
"""
WORDS = ("release", "--post", "hello", "--playbook", "told", "--target", "live,twin", "--forks", "2")


def test_each_target_that_is_forked_has_its_own_variables_and_conditions(other_site: MakeSite) -> None:
    site = other_site(TABLES, local="insert into posts (slug) values ('hello')", plugin=PLUGIN)
    twin = other_site(TABLES)
    (site.folder / ".env.twin").write_bytes((twin.folder / ".env.live").read_bytes())
    (site.folder / "inventory.toml").open("a").write(TWIN)
    (site.folder / "playbooks" / "told.toml").write_text(PLAYBOOK)
    ran = site.invoke(*WORDS, "--set", "word=heard", "--json")
    assert ran.code == 0, ran.err
    steps = {
        release["target"]: {step["name"]: step["word"] for step in release["steps"]}
        for release in json.loads(ran.out)["releases"]
    }
    assert (steps["live"]["tell"], steps["live"]["hush"]) == ("done", "skipped")
    assert (steps["twin"]["tell"], steps["twin"]["hush"]) == ("skipped", "done")
    assert [site.rows("select slug from posts"), twin.rows("select slug from posts")] == [[("hello",)]] * 2
    told = [(site.folder / f"{name}.txt").read_text() for name in ("live", "twin")]
    assert told == ["heard\n", "heard\n"]  # what is typed is for all
    assert site.invoke(*WORDS).code == 0
    assert (site.folder / "live.txt").read_text() == "heard\n"  # no row has changed: nothing was told
    assert (site.folder / "twin.txt").read_text() == "calm\n"
