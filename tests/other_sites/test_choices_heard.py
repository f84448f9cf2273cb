"""What is typed and decides nothing is an error; what was deleted there comes back by name."""

import pytest

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    return [Table("series", key="slug"), Table("artworks", key="slug", via="series_id", theirs=("status",))]
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table artworks (id bigserial primary key, series_id bigint references series(id),
  slug text not null unique, title text, status text not null default 'new');
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into artworks (series_id, slug, title) values (1, 'lamp', 'Lamp'), (1, 'door', 'Door');
"""
SERIES = ("--series", "nocturne")


@pytest.fixture
def site(other_site):
    """A site that was released to once, by a bundle that has changed since."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    export(made)
    assert made.invoke("apply", *SERIES, "--without-media").code == 0
    return made


def export(site):
    assert site.invoke("export", *SERIES).code == 0


@pytest.fixture
def deleted_there(site):
    """Production deleted the lamp."""
    site.run_live("delete from artworks where slug = 'lamp'")
    return site


def test_a_row_that_was_deleted_there_is_said_with_its_way_back(deleted_there):
    planned = deleted_there.invoke("plan", *SERIES)
    assert (
        "artworks:lamp was deleted in live and stays deleted; to bring it back: --restore artworks:lamp"
        in (planned.err)
    )


@pytest.mark.parametrize("step", ["plan", "apply", "release"])
def test_a_take_of_a_row_that_was_deleted_there_names_the_way_back(deleted_there, step):
    more = {"apply": ("--without-media",), "release": ("--only=plan", "--only=apply", "--without-media")}
    ran = deleted_there.invoke(step, *SERIES, "--take", "local:artworks.lamp", *more.get(step, ()))
    assert ran.code == 2
    assert "--take local:artworks.lamp: was deleted in live and stays deleted" in ran.err
    assert "hint: to bring it back: --restore artworks:lamp" in ran.err


def test_a_restored_row_is_inserted_again_whole_and_undone(deleted_there):
    site = deleted_there
    ran = site.invoke("apply", *SERIES, "--without-media", "--restore", "artworks:lamp")
    assert (ran.code, "1 inserted" in ran.err) == (0, True)
    assert site.rows("select title, status, series_id from artworks where slug = 'lamp'") == [
        ("Lamp", "new", 1)
    ]
    assert "unchanged" in site.invoke("plan", *SERIES).err
    assert site.invoke("apply", *SERIES, "--without-media", "--restore", "artworks:lamp").code == 0
    assert site.invoke("rollback", "--release", "2").code == 0
    assert site.rows("select slug from artworks") == [("door",)]
    assert "1 removed" in site.invoke("plan", *SERIES).err


def test_a_restored_row_that_was_changed_here_comes_back_as_it_is_here(deleted_there):
    site = deleted_there
    site.run_dev("update artworks set title = 'Lamp, lit' where slug = 'lamp'")
    export(site)
    assert site.invoke("plan", *SERIES).code == 3
    assert site.invoke("apply", *SERIES, "--without-media", "--restore", "artworks:lamp").code == 0
    assert site.rows("select title from artworks where slug = 'lamp'") == [("Lamp, lit",)]


def test_a_sealed_plan_carries_the_rows_that_come_back(deleted_there):
    site = deleted_there
    assert site.invoke("plan", *SERIES, "--restore", "artworks:lamp", "--out", "plan.json").code == 0
    ran = site.invoke("apply", *SERIES, "--without-media", "--plan", "plan.json")
    assert (ran.code, "1 inserted" in ran.err) == (0, True), ran.said


def test_a_row_whose_series_was_deleted_too_comes_back_with_it(site):
    site.run_live("delete from artworks; delete from series")
    alone = site.invoke("plan", *SERIES, "--restore", "artworks:lamp")
    assert (alone.code, "refers to series nocturne, which was deleted in live" in alone.err) == (3, True)
    both = ("--restore", "artworks:lamp", "--restore", "series:nocturne")
    assert site.invoke("apply", *SERIES, "--without-media", *both).code == 0
    assert site.rows("select slug from artworks") == [("lamp",)]


UNHEARD = [
    (("--take", "local:artworks.lamp.status"), "artworks.status is the site's own once a row is there"),
    (("--take", "production:artworks.status"), "artworks.status is the site's own once a row is there"),
    (("--take", "local:artworks.door"), "decides nothing: no value is in dispute there"),
    (("--take", "local:artworks.door.title"), "decides nothing: no value is in dispute there"),
    (("--take", "production:series"), "decides nothing: no value is in dispute there"),
    (("--take", "local:artworks.lamp"), "only one side has changed it: nothing is in dispute"),
    (("--take", "production:artworks.fan"), "is new: live has nothing to take"),
    (("--restore", "artworks:door"), "was not deleted in live: there is nothing to bring back"),
    (("--restore", "artworks:fan"), "was not deleted in live: there is nothing to bring back"),
    (("--restore", "artworks:dor"), 'artworks has no row "dor" here'),
    (("--restore", "artwork:door"), 'no table of this release is called "artwork"'),
    (("--prune",), "no row of series nocturne is gone: there is nothing to delete"),
    (("--rename", "artworks:old=door"), "door is known by this key already: nothing is renamed"),
]


@pytest.fixture
def changed_here(site):
    """One title changed here, and one row is new."""
    site.run_dev("update artworks set title = 'Lamp, lit' where slug = 'lamp'")
    site.run_dev("insert into artworks (series_id, slug) values (1, 'fan')")
    export(site)
    return site


def test_a_choice_that_no_row_hears_is_an_error(changed_here):
    for words, says in UNHEARD:
        ran = changed_here.invoke("plan", *SERIES, *words)
        assert (ran.code, says in ran.err) == (2, True), (words, ran.err)


def test_an_exception_that_a_rollback_does_not_need_is_an_error(changed_here):
    site = changed_here
    assert site.invoke("apply", *SERIES, "--without-media").code == 0
    ran = site.invoke("rollback", "--release", "2", "--except", "artworks:door")
    assert ran.code == 2
    assert "--except artworks:door: is not a row that release 2 changed" in ran.err


def test_the_same_choice_again_is_no_error_once_it_was_heard(changed_here):
    site = changed_here
    site.run_live("update artworks set title = 'theirs' where slug = 'lamp'")
    for _ in range(2):
        assert site.invoke("apply", *SERIES, "--without-media", "--take", "local:artworks.lamp").code == 0
    site.run_dev("delete from artworks where slug = 'fan'")
    export(site)
    for _ in range(2):
        assert site.invoke("apply", *SERIES, "--without-media", "--prune").code == 0


@pytest.fixture
def two_series(site):
    """A second series, which was never released, beside one whose lamp both sides changed."""
    site.run_dev(
        "insert into series (slug) values ('dawn'); update artworks set title = 'mine' where slug = 'lamp'"
    )
    site.run_live("update artworks set title = 'theirs' where slug = 'lamp'")
    assert site.invoke("export", *SERIES, "--series", "dawn").code == 0
    return site


def test_a_choice_that_none_of_several_subjects_hears_stops_an_apply_alone(two_series):
    both = (*SERIES, "--series", "dawn")
    for choice in (("--take", "local:artworks.door.title"), ("--restore", "artworks:lamp"), ("--prune",)):
        ran = two_series.invoke("apply", *both, "--without-media", *choice, "--take", "local:artworks.lamp")
        assert ran.code == 2, ran.said
        assert " ".join(choice[:2]) in ran.err
    assert two_series.rows("select count(*) from maulstick.release") == [(1,)]


def test_a_choice_that_one_of_several_subjects_hears_is_enough(two_series):
    both = (*SERIES, "--series", "dawn")
    ran = two_series.invoke("apply", *both, "--without-media", "--take", "local:artworks.lamp")
    assert ran.code == 0, ran.said
    assert two_series.rows("select title from artworks where slug = 'lamp'") == [("mine",)]
