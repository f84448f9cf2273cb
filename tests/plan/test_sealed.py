"""A sealed plan: carried out exactly as it was seen, once, or refused with what moved."""

import json

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan import seal as sealed
from tests.databases.deciding import applied, contents, planned, released, seal
from tests.databases.places import a_target, actions, export, release


@pytest.fixture
def file(tmp_path):
    return tmp_path / "plan.json"


@pytest.fixture
def edited(released_once, source, production):
    """The price of a book is another here."""
    source.run("update book set price = 1 where isbn = '1'")
    return export(source)


@pytest.fixture
def seals(edited, file, source, production):
    """The sealed plan of that price."""
    return seal(file, edited, source, production)


def refused(run, *arguments, production, **typed):
    """Carry a plan out, be refused with nothing changed, and return the problem's words."""
    before = production.dump()
    with pytest.raises(Problem) as caught:
        run(*arguments, production, **typed)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    assert caught.value.hint == "make a new one: invoke plan --out"
    return caught.value.what


CARRIED_OUT = pytest.mark.parametrize("run", [applied, released], ids=["apply", "release"])


@CARRIED_OUT
def test_a_sealed_plan_is_carried_out(run, seals, edited, source, production):
    assert run(edited, source, production, seals=seals).says == "1 updated"
    assert production.rows("select price from book order by isbn") == [(1,), (900,)]


@CARRIED_OUT
def test_it_is_refused_the_second_time(run, seals, edited, source, production):
    number = run(edited, source, production, seals=seals).number
    says = refused(run, edited, source, production=production, seals=seals)
    assert says == f"was carried out by release {number}; nothing was changed"


def test_it_is_refused_the_second_time_even_when_production_is_as_before(seals, edited, source, production):
    applied(edited, source, production, seals=seals)
    production.run("update book set price = 900")
    assert "was carried out by release 2" in refused(
        applied, edited, source, production=production, seals=seals
    )


@CARRIED_OUT
def test_a_row_that_moved_in_production_is_named(run, seals, edited, source, production):
    production.run("update book set title = 'theirs' where isbn = '2'")
    says = refused(run, edited, source, production=production, seals=seals)
    assert says == (
        "production moved since it was made; nothing was changed\n    book 2: was unchanged, is kept title"
    )


@CARRIED_OUT
def test_the_planned_row_that_moved_in_production_is_named(run, seals, edited, source, production):
    production.run("update book set price = 5 where isbn = '1'")
    with pytest.raises(Problem, match="book 1: ") as caught:
        run(edited, source, production, seals=seals)
    assert caught.value.code == Exit.REFUSED
    assert production.value("select price from book where isbn = '1'") == 5


def test_a_row_outside_the_slice_may_move(seals, edited, source, production):
    production.run("insert into book (isbn, title) values ('8', 'theirs')")
    assert applied(edited, source, production, seals=seals).says == "1 updated"


@CARRIED_OUT
def test_a_bundle_that_moved_is_refused(run, seals, source, production):
    source.run("update book set price = 2 where isbn = '1'")
    says = refused(run, export(source), source, production=production, seals=seals)
    assert says == "the bundle moved since it was made"


@CARRIED_OUT
def test_another_target_is_refused(run, seals, edited, source, production):
    with pytest.raises(Problem, match='"production", not "staging"') as caught:
        run(edited, source, production, seals=seals, target=a_target("staging"))
    assert caught.value.code in (Exit.USAGE, Exit.REFUSED)
    assert production.value("select max(price) from book") == 900


def test_another_release_in_between_is_refused(seals, edited, source, production):
    release(source, production)
    says = refused(applied, edited, source, production=production, seals=seals)
    assert "book 1: was update price, is unchanged" in says


def test_a_rehearsed_plan_is_not_used_up(seals, edited, source, production):
    applied(edited, source, production, seals=seals, rehearse=True)
    assert applied(edited, source, production, seals=seals).says == "1 updated"


def test_a_plan_brings_its_own_takes(released_once, file, source, production):
    source.run("update book set price = 1")
    production.run("update book set price = 2")
    bundle = export(source)
    seals = seal(file, bundle, source, production, take=("production", "local:book.1"))
    applied(bundle, source, production, seals=seals)
    assert production.rows("select price from book order by isbn") == [(1,), (2,)]


def test_a_plan_brings_its_own_renames(released_once, file, source, production):
    source.run("update book set isbn = '1a' where isbn = '1'")
    bundle = export(source)
    seals = seal(file, bundle, source, production, rename=("book:1=1a",))
    assert applied(bundle, source, production, seals=seals).says == "1 updated"


def test_a_plan_brings_the_rows_that_it_prunes(released_once, file, source, production):
    source.run("delete from book where isbn = '1'")
    bundle = export(source)
    seals = seal(file, bundle, source, production, prune=True)
    assert applied(bundle, source, production, seals=seals).says == "1 deleted"


@CARRIED_OUT
def test_a_sealed_prune_is_refused_where_its_row_was_edited(run, released_once, file, source, production):
    source.run("delete from book where isbn = '2'")
    bundle = export(source)
    seals = seal(file, bundle, source, production, prune=True)
    production.run("update book set title = 'edited there' where isbn = '2'")
    says = refused(run, bundle, source, production=production, seals=seals)
    assert "book 2: was gone, is gone title" in says


@CARRIED_OUT
def test_a_row_to_delete_that_was_written_into_the_file_is_refused(
    run, released_once, file, source, production
):
    source.run("delete from book where isbn = '1'")
    bundle = export(source)
    seal(file, bundle, source, production)
    plans = json.loads(file.read_text())
    plans["plans"][0]["decided"]["prune"] = json.dumps([{"table_name": "book", "key": "1"}])
    file.write_text(json.dumps(plans))
    seals = sealed.of_target(sealed.read(file), "production")
    says = refused(run, bundle, source, production=production, seals=seals)
    assert "book 1: is to be deleted, and is not what was shown" in says


@pytest.fixture
def sharing(library, source):
    """The bundles of two shelves with books of one author, none released."""
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at) values ('prose', 'Prose', now(), now());"
        "insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)"
    )
    return export(source), export(source, key="prose")


def seal_both(file, bundles, source, production, **typed):
    return {
        name: one
        for bundle in bundles
        for name, one in seal(file, bundle, source, production, **typed).items()
    }


@CARRIED_OUT
def test_sealed_plans_that_share_a_new_row_are_carried_out_one_after_the_other(
    run, sharing, file, source, production
):
    seals = seal_both(file, sharing, source, production)
    assert [run(one, source, production, seals=seals).says for one in sharing] == ["4 inserted", "2 inserted"]


@CARRIED_OUT
def test_a_shared_row_that_was_edited_between_two_sealed_plans_is_refused(
    run, sharing, file, source, production
):
    seals = seal_both(file, sharing, source, production)
    run(sharing[0], source, production, seals=seals)
    production.run("update author set born = 1")
    says = refused(run, sharing[1], source, production=production, seals=seals)
    assert says.splitlines()[1:] == ["    author Emily: was insert, is kept born"]


def test_a_shared_row_whose_side_was_taken_is_carried_out_by_both(sharing, file, source, production):
    for one in sharing:
        released(one, source, production)
    source.run("update author set born = 1831")
    production.run("update author set born = 1, name = 'Emily'")
    bundles = export(source), export(source, key="prose")
    for take, born in (("production", 1), ("local", 1831)):
        seals = seal_both(file, bundles, source, production, take=(f"{take}:author.born",))
        for one in bundles:
            applied(one, source, production, seals=seals)
        assert production.value("select born from author") == born


def test_a_plan_of_a_first_release_is_carried_out(library, file, source, production):
    bundle = export(source)
    seals = seal(file, bundle, source, production)
    assert released(bundle, source, production, seals=seals).says == "4 inserted"


def test_a_plan_changes_nothing(edited, file, source, production):
    before = production.dump()
    seal(file, edited, source, production)
    assert production.dump() == before
    assert actions(planned(edited, source, production)) == {("book", "1"): "update"}
    assert contents(production)["book"]


WELL = {
    "id": "1", "subject": "shelf poetry", "target": "production", "digest": "2", "fingerprint": "3",
    "decided": {}, "rows": {},
}  # fmt: skip
BROKEN = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "1",
    "no plans": '{"version": 1}',
    "an empty list of plans": '{"version": 1, "plans": []}',
    "plans that are a text": '{"version": 1, "plans": "x"}',
    "a plan without fields": '{"version": 1, "plans": [{}]}',
    "a field too many": json.dumps({"version": 1, "plans": [{**WELL, "more": 1}]}),
    "an id that is null": json.dumps({"version": 1, "plans": [{**WELL, "id": None}]}),
    "an empty fingerprint": json.dumps({"version": 1, "plans": [{**WELL, "fingerprint": ""}]}),
    "choices that are a text": json.dumps({"version": 1, "plans": [{**WELL, "decided": "x"}]}),
    "an unknown choice": json.dumps({"version": 1, "plans": [{**WELL, "decided": {"x=''; drop": "1"}}]}),
    "a choice that is no text": json.dumps({"version": 1, "plans": [{**WELL, "decided": {"take": []}}]}),
    "rows that are a list": json.dumps({"version": 1, "plans": [{**WELL, "rows": []}]}),
    "a row without an action": json.dumps({"version": 1, "plans": [{**WELL, "rows": {"a b": {}}}]}),
    "bytes": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_usage_problem(file, text):
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem, match="plan.json") as caught:
        sealed.read(file)
    assert caught.value.code == Exit.USAGE
    assert "invoke plan --out" in caught.value.hint


def told(file, **more):
    """Return what is said of a file with one plan."""
    file.write_text(json.dumps({"version": 1, "plans": [{**WELL, **more}]}))
    with pytest.raises(Problem) as caught:
        sealed.read(file)
    return [line.removeprefix(str(file)) for line in str(caught.value).splitlines() if "hint" not in line]


def test_what_is_damaged_is_named_with_its_path_all_at_once(file):
    rows = {
        "book 1": {},
        "book 2": {"action": "insrt", "columns": {"title": {"action": "insert", "local": 5}}},
    }
    assert told(file, id=None, decided={"take": []}, rows=rows, more=1) == [
        "/plans/1/id: should be text, not null",
        "/plans/1/decided/take: should be text, not a list",
        "/plans/1/rows/book 1/action: is required",
        "/plans/1/rows/book 1/columns: is required",
        '/plans/1/rows/book 2/action: should be "insert", "update", "kept", "conflict", "gone", "left" or'
        ' "removed", not "insrt"',
        "/plans/1/rows/book 2/columns/title/local: should be text, not 5",
        "/plans/1/more: is not known",
    ]


def test_a_file_that_is_damaged_everywhere_is_said_in_a_screenful(file):
    lines = told(file, rows={f"book {n:04}": {"action": "insert"} for n in range(1000)})
    assert (len(lines), lines[-1]) == (52, ": has 949 more mistakes")


def test_a_choice_that_is_not_known_is_shown_by_its_name(file):
    (line,) = told(file, decided={"tkae": "1"})
    assert line.endswith(
        '/decided/tkae: should be "take", "rename", "restore", "older", "prune" or "without", not "tkae"'
    )


def test_a_file_of_another_version_names_both(file):
    file.write_text('{"version": 2, "plans": []}')
    with pytest.raises(Problem, match="plan.json/version: is 2; known here is 1"):
        sealed.read(file)


def test_a_file_that_is_not_there_says_so(file):
    with pytest.raises(Problem, match="cannot be read: no such file") as caught:
        sealed.read(file)
    assert caught.value.code == Exit.USAGE


def test_a_well_formed_file_is_read(file):
    file.write_text(json.dumps({"version": 1, "plans": [WELL]}))
    assert [one.id for one in sealed.read(file)] == ["1"]


def test_the_plans_of_one_target_are_found_among_those_of_several(file):
    plans = [WELL, {**WELL, "id": "2", "target": "staging"}]
    file.write_text(json.dumps({"version": 1, "plans": plans}))
    assert sealed.of_target(sealed.read(file), "staging")["shelf poetry"].id == "2"
    with pytest.raises(Problem, match='was made for the target "production, staging", not "live"') as caught:
        sealed.of_target(sealed.read(file), "live")
    assert caught.value.code == Exit.USAGE


def test_a_subject_that_no_plan_is_for_is_refused(file):
    file.write_text(json.dumps({"version": 1, "plans": [WELL]}))
    seals = sealed.of_target(sealed.read(file), "production")
    with pytest.raises(Problem, match="shelf prose is not in it") as caught:
        sealed.each_has_one(seals, ["shelf poetry", "shelf prose"])
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, "it holds shelf poetry")
