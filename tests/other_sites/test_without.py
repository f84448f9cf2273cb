"""Rows that a release leaves out: they, and what only they bring, stay behind until they go."""

from __future__ import annotations

import json

import pytest

from maulstick.cli.completion import values_of
from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import NOBODY, OtherSite
from tests.other_sites.test_page_trees import BOTH, LIVE, LOCAL, PATHS, TEAM
from tests.other_sites.test_page_trees import PLUGIN as PAGES

PLUGIN = """
from maulstick import Kind, MediaColumn, Page, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    yield Table("series", key="slug")
    yield Table("artworks", key="slug", via="series_id")
    yield Table("notes", key=("artwork_id", "place"), via="artwork_id")
    yield Table("pictures", key="url", media=[MediaColumn("url")])


@hookimpl
def maulstick_pages(subject, rows):
    for row in rows["artworks"]:
        yield Page("/" + row["slug"], texts=(row["title"],))
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table pictures (id bigserial primary key, url text not null unique);
create table artworks (id bigserial primary key, series_id bigint not null references series(id),
  slug text not null unique, title text not null, picture_id bigint references pictures(id),
  pair_id bigint references artworks(id));
create table notes (id bigserial primary key, artwork_id bigint not null references artworks(id),
  place integer not null, words text, unique (artwork_id, place));
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into pictures (url) values ('/lamp.svg'), ('/door.svg');
insert into artworks (series_id, slug, title, picture_id)
  values (1, 'lamp', 'Lamp', 1), (1, 'door', 'Door', 2);
insert into notes (artwork_id, place, words) values (1, 1, 'lit'), (2, 1, 'shut'), (2, 2, 'ajar');
"""
BARE = PLUGIN.replace(', media=[MediaColumn("url")]', "")
BARE_STEPS = ("--only=export", "--only=plan", "--only=apply", "--without-media")
NOCTURNE = ("--series", "nocturne")
STEPS = ("--only=export", "--only=plan", "--only=upload", "--only=apply")
DOOR = ("--without", "artworks:door")
ALSO = 'notes:["door","1"], notes:["door","2"], pictures:/door.svg'


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site that nothing was released to."""
    made = other_site(
        TABLES, local=ROWS, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery", site=NOBODY
    )
    for name in ("lamp", "door"):
        (made.folder / "media" / f"{name}.svg").write_text(
            f"<svg xmlns='http://www.w3.org/2000/svg' id='{name}'/>"
        )
    return made


def there(site: OtherSite) -> list[str]:
    """Return the titles of the artworks, and the words of the notes, that production has."""
    return [row[0] for row in site.rows("select title from artworks union all select words from notes")]


def test_a_row_stays_behind_with_what_only_it_brings_until_it_goes(site: OtherSite) -> None:
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR, "--json")
    assert ran.code == 0, ran.err
    assert f"left out of series nocturne: artworks:door; with that: {ALSO}" in ran.err
    assert there(site) == ["Lamp", "lit"]
    [release] = json.loads(ran.out)["releases"]
    assert release["left_out"] == ["artworks:door", *ALSO.split(", ")]
    assert [file["key"] for file in release["media"]] == ["lamp.svg"]
    status = site.invoke("status")
    assert "ahead" in status.out
    assert "left out of release 1: artworks:door" in status.out
    assert "left out: artworks:door" in site.invoke("history", "--release", "1").out
    again = site.invoke("release", *NOCTURNE, *STEPS, *DOOR)
    assert (again.code, again.last.split(" (")[0]) == (
        0,
        "nothing to release: live is in step but for 4 rows left out",
    )
    assert "1 artworks" not in (site.folder / "releases/series/nocturne/manifest.json").read_text()
    ran = site.invoke("release", *NOCTURNE, *STEPS)
    assert (ran.code, sorted(there(site))) == (0, ["Door", "Lamp", "ajar", "lit", "shut"]), ran.err
    assert "left out" not in site.invoke("status").out


def test_an_update_that_is_left_out_leaves_columns_and_base_as_they_are(site: OtherSite) -> None:
    assert site.invoke("release", *NOCTURNE, *STEPS).code == 0
    site.run_dev("update artworks set title = title || ', new'")
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR, "--prune")
    assert ran.code == 2, ran.err  # nothing is gone: what is left out is not deleted
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR)
    assert ran.code == 0, ran.err
    assert site.rows("select title from artworks order by 1") == [("Door",), ("Lamp, new",)]
    assert "to update" in ran.err
    assert "gone" not in ran.err
    plan = json.loads(site.invoke("plan", *NOCTURNE, "--json").out)["plans"][0]
    [change] = plan["changes"]
    cell = {"action": "update", "base": "Door", "local": "Door, new", "production": "Door"}
    assert (change["key"], change["columns"]) == ({"slug": "door"}, {"title": cell})
    assert site.invoke("rollback", "--last").code == 0
    assert site.rows("select title from artworks order by 1") == [("Door",), ("Lamp",)]


def test_a_row_that_another_needs_is_refused_by_name(site: OtherSite) -> None:
    site.run_dev("update artworks set pair_id = 2 where slug = 'lamp'")
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR)
    assert (ran.code, there(site)) == (3, [])
    assert "artworks door" in ran.err or "artworks:door" in ran.err
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR, "--without", "artworks:lamp")
    assert (ran.code, there(site)) == (0, []), ran.err


def test_a_sealed_plan_keeps_what_it_leaves_out(site: OtherSite) -> None:
    assert site.invoke("export", *NOCTURNE).code == 0
    note = ("--without", 'notes:["door","2"]')
    assert site.invoke("plan", *NOCTURNE, *note, "--out", "plan.json").code == 0
    ran = site.invoke("apply", "--plan", "plan.json", *note)
    assert (ran.code, "does not go with --plan" in ran.err) == (2, True)
    ran = site.invoke("apply", "--plan", "plan.json", "--without-media")
    assert ran.code == 0, ran.err
    assert sorted(there(site)) == ["Door", "Lamp", "lit", "shut"], ran.err


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("artworks:dor", 'artworks has no row "dor" here\n  hint: did you mean "door"?'),
        ("artwork:door", 'no table of this release is called "artwork"\n  hint: did you mean "artworks"?'),
        ("series:nocturne", "is series nocturne itself"),
        ("door", "is not TABLE:KEY"),
        ("artworks:a:b\tc", 'artworks has no row "a:b\\tc" here'),
        ('notes:["door",3]', 'notes has no row "["door",3]" here\n  hint: did you mean "["door",'),
        ("notes:door", 'notes has no row "door" here'),
        (":door", "is not TABLE:KEY"),
        ("artworks:", "is not TABLE:KEY"),
    ],
)
def test_a_row_that_cannot_be_left_out_is_a_usage_problem(site: OtherSite, row: str, says: str) -> None:
    ran = site.invoke("release", *NOCTURNE, *STEPS, "--without", row)
    assert (ran.code, there(site)) == (2, [])
    assert says in ran.err


@pytest.mark.parametrize("typed", ['["door", "2"]', '["door",2]', '[ "door" , "2" ]'])
def test_a_key_of_several_parts_may_be_typed_loosely(site: OtherSite, typed: str) -> None:
    ran = site.invoke("release", *NOCTURNE, *STEPS, "--without", f"notes:{typed}")
    assert ran.code == 0, ran.err
    assert sorted(there(site)) == ["Door", "Lamp", "lit", "shut"]


def test_a_key_of_odd_characters_is_left_out_as_it_is_shown(site: OtherSite) -> None:
    odd = "a:b: c=\t'\"{{x}} %s\\ö"
    site.dev.execute("update artworks set slug = %s where slug = 'door'", [odd])
    ran = site.invoke("release", *NOCTURNE, *STEPS, "--without", f"artworks:{odd}")
    assert (ran.code, there(site)) == (0, ["Lamp", "lit"]), ran.err
    shown = ran.err.split("left out of series nocturne: ")[1].split("; with that")[0]
    ran = site.invoke("release", *NOCTURNE, *STEPS, "--without", shown)
    assert (ran.code, there(site)) == (0, ["Lamp", "lit"]), ran.err


def test_rows_that_travel_by_a_plain_column_go_with_theirs(other_site: MakeSite) -> None:
    """A reference to a key is one too, not only one to an id."""
    notes = "artwork_id bigint not null references artworks(id)"
    plugin = BARE.replace(
        'key=("artwork_id", "place"), via="artwork_id"', 'key=("artwork", "place"), via="artwork"'
    )
    made = other_site(
        TABLES.replace(notes, "artwork text not null references artworks(slug)").replace(
            "unique (artwork_id, place)", "unique (artwork, place)"
        ),
        local=ROWS.replace("(artwork_id, place", "(artwork, place").replace(
            "(1, 1, 'lit'), (2, 1, 'shut'), (2, 2,", "('lamp', 1, 'lit'), ('door', 1, 'shut'), ('door', 2,"
        ),
        plugin=plugin,
    )
    ran = made.invoke("release", *NOCTURNE, *BARE_STEPS, *DOOR)
    assert ran.code == 0, ran.err
    assert ALSO in ran.err
    assert sorted(there(made)) == ["Lamp", "lit"]
    ran = made.invoke("release", *NOCTURNE, *BARE_STEPS)
    assert (ran.code, sorted(there(made))) == (0, ["Door", "Lamp", "ajar", "lit", "shut"]), ran.err


def test_a_tree_is_left_out_from_a_row_downwards(other_site: MakeSite) -> None:
    """The table of the subjects itself holds rows that may stay behind: only the subject may not."""
    made = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PAGES)
    steps = ("--page", "about", *BARE_STEPS)
    ran = made.invoke("release", *steps, "--without", 'pages:[null,"about"]')
    assert (ran.code, "is page about itself" in ran.err) == (2, True), ran.err
    ran = made.invoke("release", *steps, "--without", f"pages:{TEAM}")
    assert ran.code == 0, ran.err
    assert made.rows(PATHS)[0][0] == "about"
    assert not [path for path, _ in made.rows(PATHS) if path.startswith("about/")]
    ran = made.invoke("release", *steps)
    assert ran.code == 0, ran.err
    assert [path for path, _ in made.rows(PATHS)][:3] == ["about", "about/team", "about/team/anna"]


def test_a_playbook_leaves_rows_out(site: OtherSite) -> None:
    book = (
        'name = "{}"\nsays = "all but what is not ready"\nwithout = ["artworks:{{{{ draft }}}}"]\n'
        '[vars]\ndraft = "door"\n'
        + "".join(f'[[step]]\nname = "{name}"\n' for name in ("export", "plan", "upload", "apply"))
    )
    for name in ("nightly", "other"):
        (site.folder / "playbooks" / f"{name}.toml").write_text(book.format(name))
    by = ("release", *NOCTURNE, "--playbook", "nightly")
    assert "without artworks:door" in site.invoke(*by, "--list-steps").out
    ran = site.invoke(*by, "--set", "draft=dor")
    assert (ran.code, there(site)) == (2, [])
    assert "playbooks/nightly.toml/without: artworks:dor: artworks has no row" in ran.err
    assert 'did you mean "door"?' in ran.err
    ran = site.invoke(*by)
    assert (ran.code, there(site)) == (0, ["Lamp", "lit"]), ran.err
    assert "left out of release 1: artworks:door" in site.invoke("status").out
    assert site.invoke("plan", *NOCTURNE, "--out", "plan.json").code == 0
    ran = site.invoke("release", "--playbook", "nightly", "--plan", "plan.json")
    assert (ran.code, there(site)) == (2, ["Lamp", "lit"])
    assert "artworks:door stays behind, and the sealed plan releases it" in ran.err
    assert site.invoke("plan", *NOCTURNE, *DOOR, "--out", "plan.json").code == 0
    ran = site.invoke("release", "--playbook", "nightly", "--plan", "plan.json")
    assert (ran.code, there(site)) == (0, ["Lamp", "lit"]), ran.err
    (site.folder / "playbooks" / "nightly.toml").write_text(book.format("nightly").replace("artworks:", ""))
    ran = site.invoke(*by)
    assert ran.code == 2, ran.err


def test_rows_are_completed_as_they_are_left_out(site: OtherSite) -> None:
    words = ["maulstick", "release", "--series", "nocturne", "--without", ""]
    rows = [
        "artworks:door",
        "artworks:lamp",
        'notes:["door","1"]',
        'notes:["door","2"]',
        'notes:["lamp","1"]',
    ]
    assert sorted(values_of(site.folder, words) or ()) == [*rows, "pictures:/door.svg", "pictures:/lamp.svg"]
    site.run_dev("delete from notes")
    assert len(values_of(site.folder, words) or ()) == 7  # for a minute
    assert not values_of(site.folder, ["maulstick", "release", "--without", ""])
    assert not values_of(site.folder, ["maulstick", "release", "--series", "nocturn", "--without", ""])


def test_a_decision_about_a_row_that_is_left_out_has_its_turn_later(site: OtherSite) -> None:
    assert site.invoke("release", *NOCTURNE, *STEPS).code == 0
    site.run_dev("update artworks set title = 'Ours' where slug = 'door'")
    site.run_live("update artworks set title = 'Theirs' where slug = 'door'")
    place = site.folder / "decisions" / "series"
    place.mkdir(parents=True)
    (place / "nocturne.toml").write_text(
        'version = 1\nsubject = "series nocturne"\n[[decision]]\ntarget = "live"\ntable = "artworks"\n'
        'key = "door"\ncolumn = "title"\nlocal = "Ours"\nproduction = "Theirs"\ntake = "local"\n'
    )
    ran = site.invoke("release", *NOCTURNE, *STEPS, *DOOR)
    assert ran.code == 0, ran.err
    assert "not part of this bundle" not in ran.err
    assert ("Theirs",) in site.rows("select title from artworks")
    ran = site.invoke("release", *NOCTURNE, *STEPS)
    assert (ran.code, "as decided in decisions/" in ran.err) == (0, True), ran.err
    assert ("Ours",) in site.rows("select title from artworks")
