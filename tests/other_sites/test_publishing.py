"""Rows go in hidden, and are made public last: by the release, by the same command again, or by an admin."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.magazine import NIGHT, PLUGIN, Magazine, kinds, magazine, public
from tests.other_sites.other_site import OtherSite


@pytest.fixture
def web() -> Iterator[Magazine]:
    with Magazine().running() as started:
        yield started


@pytest.fixture
def site(other_site: MakeSite, storage: str, web: Magazine) -> OtherSite:
    """A magazine that nothing was released to."""
    return magazine(other_site, storage, web)


def test_rows_go_in_hidden_and_are_made_public_last(site: OtherSite, web: Magazine) -> None:
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 0, ran.said
    assert "6 to insert; 3 rows go in hidden, then are published" in ran.err
    assert "6 inserted, 3 rows hidden" in ran.err
    assert "3 rows public, 4 checks before" in ran.err
    assert "moonlight" not in ran.said
    assert (public(site), kinds(site)) == (["door", "lamp", "lit"], ["release", "publish"])
    assert sorted(path for path in web.asked if "/preview" in path) == ["/preview/door", "/preview/lamp"]
    site.run_dev("update essays set title = title || '!', published = true")
    ran = site.invoke("release", *NIGHT)  # what is public stays so while it is edited
    assert "3 to update; 1 row goes in hidden, then is published" in ran.err
    assert "3 updated, 1 row hidden" in ran.err
    assert public(site) == ["door", "draft", "lamp", "lit"]
    again = site.invoke("release", *NIGHT)
    assert "nothing to release: live is in step" in again.last
    assert "in step" in site.invoke("status").out


def test_a_preview_that_is_wrong_leaves_the_rows_hidden(site: OtherSite, web: Magazine) -> None:
    web.wrong = "On nothing"
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 5, ran.said
    assert "publish: 2 of 4 checks wrong; nothing was made public" in ran.err
    stands = "live: release 1 is there, 3 rows written but hidden; invoke publish makes them public"
    assert stands in ran.err
    assert (public(site), kinds(site)) == ([], ["release"])
    assert "3 rows hidden" in site.invoke("status").out
    web.wrong = ""
    assert site.invoke("verify", "--book", "night").code == 0  # as visitors see it: not at all
    assert site.invoke("publish", "--book", "night").code == 0
    assert public(site) == ["door", "lamp", "lit"]


def test_what_visitors_see_wrong_is_hidden_again(site: OtherSite, web: Magazine) -> None:
    site.run_live(
        "insert into books (slug) values ('day');"
        "insert into essays (book_id, slug, title) values (1, 'noon', 'At noon')"
    )
    web.wrong_for_visitors = True
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 5, ran.said
    assert "release 3: release 2 of book night: 3 hidden again" in ran.err
    assert "live: release 1 is there, 3 rows written but hidden again" in ran.err
    assert (public(site), kinds(site)) == ([], ["release", "publish", "rollback"])
    assert len(site.rows("select * from essays")) == 4
    web.wrong_for_visitors = False
    ran = site.invoke("release", *NIGHT)
    assert (ran.code, public(site)) == (0, ["door", "lamp", "lit"]), ran.said
    web.wrong_for_visitors = True
    site.run_dev("update essays set published = true")
    ran = site.invoke("release", *NIGHT, "--undo-if-wrong")
    assert ran.code == 5, ran.said
    assert public(site) == ["door", "lamp", "lit"]
    ran = site.invoke("rollback", "--release", "1", "--check")
    assert ran.code == 0, ran.said


def test_a_run_that_dies_before_publishing_is_taken_up_by_the_same_command(site: OtherSite) -> None:
    site.run_live(
        "create function busy() returns trigger language plpgsql as $$"
        "begin raise exception 'the publisher sleeps'; end $$;"
        "create trigger busy before update on essays for each row execute function busy()"
    )
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 4, ran.said
    assert "3 rows written but hidden; invoke publish makes them public" in ran.err
    assert (public(site), kinds(site)) == ([], ["release"])
    rehearsed = site.invoke("rollback", "--release", "1", "--check")
    assert "6 deleted" in rehearsed.out
    site.run_live("drop trigger busy on essays; update essays set published = true where slug = 'door'")
    ran = site.invoke("release", *NIGHT)  # an admin has published one meanwhile
    assert ran.code == 0, ran.said
    assert "2 rows hidden" in ran.err
    assert (public(site), kinds(site)[-1]) == (["door", "lamp", "lit"], "publish")
    site.run_live("update essays set published = false where slug = 'door'")
    ran = site.invoke("release", *NIGHT)
    assert (ran.code, public(site)) == (0, ["lamp", "lit"]), ran.said  # what an admin hid is kept


def test_a_rollback_undoes_both_as_one(site: OtherSite) -> None:
    site.run_live(
        "insert into books (slug) values ('night');"
        "insert into essays (book_id, slug, title) values (1, 'lamp', 'On lamps')"
    )
    before = site.rows("select * from essays")
    assert site.invoke("release", *NIGHT).code == 0
    ran = site.invoke("rollback", "--last")
    assert (ran.code, public(site)) == (0, []), ran.said
    assert site.invoke("publish", "--book", "night").code == 0
    site.run_live(
        "create function busy() returns trigger language plpgsql as $$"
        "begin raise exception 'stays'; end $$;"
        "create trigger busy before delete on notes for each row execute function busy()"
    )
    ran = site.invoke("rollback", "--release", "1")
    assert (ran.code, public(site)) == (4, ["door", "lamp", "lit"]), ran.said
    site.run_live("drop trigger busy on notes")
    ran = site.invoke("rollback", "--release", "1")
    assert ran.code == 0, ran.said
    assert site.rows("select * from essays") == before


def test_rows_stay_hidden_where_that_was_typed(site: OtherSite) -> None:
    ran = site.invoke("release", *NIGHT, "--hidden")
    assert ran.code == 0, ran.said
    assert "3 rows go in hidden, and stay so (--hidden)" in ran.err
    assert "--hidden leaves its rows hidden" in ran.err
    assert ran.last.startswith("release 1: live is in step but for 3 rows hidden"), ran.out
    assert public(site) == []
    site.run_dev("insert into essays (book_id, slug, title, published) values (1, 'new', 'On news', true)")
    assert site.invoke("export", "--book", "night").code == 0
    ran = site.invoke("publish", "--book", "night")
    assert ran.code == 3, ran.said
    assert "essays new: insert" in ran.err
    assert site.invoke("plan", "--book", "night", "--out", "plan.json").code == 0
    ran = site.invoke("release", "--plan", "plan.json", *NIGHT[2:])
    assert (ran.code, public(site)) == (0, ["door", "lamp", "lit", "new"]), ran.said
    assert site.invoke("release", "--plan", "plan.json", *NIGHT[2:]).code == 3


def test_a_script_publishes_at_once_or_leaves_hidden(site: OtherSite) -> None:
    if (psql := shutil.which("psql")) is None:
        pytest.skip("psql is not on PATH")
    assert site.invoke("export", "--book", "night").code == 0
    script = site.folder / "releases/book/night/release.sql"
    live = dict(line.split("=", 1) for line in (site.folder / ".env.live").read_text().splitlines())
    for hidden, seen in (("on", []), ("", ["door", "lamp", "lit"])):
        options = {"PGOPTIONS": f"-c maulstick.target=live -c maulstick.hidden={hidden}"}
        words = (psql, "-X", "-q", "-f", str(script), live["DATABASE_URL"])
        subprocess.run(words, check=True, capture_output=True, env={**os.environ, **options})
        assert public(site) == seen
    assert "nothing to release" in site.invoke("release", *NIGHT).last


def test_a_column_that_can_hide_no_row_is_refused(site: OtherSite) -> None:
    for declared, says in (
        ('publish="title"', "essays.title: is text: which of its values hide a row?"),
        ('publish="updated_at"', "essays.updated_at: is never null: no row could be hidden"),
        ('publish="publised"', "essays.publised: no such column in the source database"),
        ('publish="published", theirs="published"', "essays.published: is in the key, production's own, or"),
    ):
        site.plugin(PLUGIN.replace('publish="published"', declared, 1))
        ran = site.invoke("export", "--book", "night")
        assert (ran.code, says in ran.err) == (6, True), ran.said


def test_a_pull_brings_no_hidden_row_home_as_hidden(site: OtherSite) -> None:
    assert site.invoke("release", *NIGHT, "--hidden").code == 0
    site.run_live("update essays set title = 'On every door' where slug = 'door'")
    ran = site.invoke("pull", "--book", "night", "--yes")
    assert ran.code == 0, ran.said
    there = site.dev.execute(
        "select title, published from essays where slug <> 'draft' order by 1"
    ).fetchall()
    assert there == [("On every door", True), ("On lamps", True)]
    assert site.invoke("release", "--all", *NIGHT[2:]).code == 0
    assert public(site) == ["door", "lamp", "lit"]


def test_a_row_that_is_left_out_stays_hidden_until_it_goes(site: OtherSite, web: Magazine) -> None:
    web.wrong = "On nothing"
    assert site.invoke("release", *NIGHT).code == 5
    web.wrong = ""
    ran = site.invoke("publish", "--book", "night", "--without", "essays:lamp")
    assert ran.code == 0, ran.said
    assert "left out of book night: essays:lamp" in ran.err
    assert {"door", "lamp"} & {*public(site)} == {"door"}
    ran = site.invoke("publish", "--book", "night")
    assert (ran.code, public(site)) == (0, ["door", "lamp", "lit"]), ran.said
    site.run_dev(
        "delete from notes; delete from essays where slug = 'lamp'; update essays set title = title || '!'"
    )
    ran = site.invoke("release", *NIGHT, "--prune", "--without", "essays:lamp")
    assert (ran.code, "lamp" in public(site)) == (0, True), ran.said
