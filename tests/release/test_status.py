"""How each subject stands, in one word; and which subjects there are."""

import pytest

from maulstick.bundle.slice.every_subject import every_subject
from maulstick.errors import Exit, Problem, usage
from maulstick.hosts.host import Place
from maulstick.media.sources import Folder
from maulstick.plan.decisions.decision import Decision, Seen
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.redact import Secret
from maulstick.release.status import standings
from tests.databases.deciding import undone
from tests.databases.places import LIBRARY, Declared, a_target, apply, export, local, release

KIND = Kind("shelf", "shelf", "slug")


def several(source, production, *keys, decisions=lambda subject: ()):
    """Return how shelves stand."""
    place = Place(a_target("production"), local(source))
    subjects, plugins = [Subject("shelf", key) for key in keys], Declared(KIND, LIBRARY)
    with connect(Secret(production.url), "production") as database:
        return standings(subjects, place, Folder(source.folder), plugins, database, decisions)


def standing(source, production, key="poetry", **options):
    """Return the word for a shelf, and what is said."""
    [one] = several(source, production, key, **options)
    assert one.to_json() == {"subject": f"shelf {key}", "word": one.word, "says": one.says, "picture": ""}
    return one.word, one.says


def test_what_production_lacks_is_new(library, source, production):
    assert standing(source, production) == ("new", "4 rows")


def test_what_was_put_there_by_hand_was_never_released(released_once, source, production):
    production.run("drop schema maulstick cascade")
    assert standing(source, production) == ("never released", "4 unchanged")


def test_another_subject_s_release_is_not_this_one_s(released_once, source, production):
    production.run("update maulstick.release set subject = 'shelf prose'")
    assert standing(source, production)[0] == "never released"


def test_a_release_that_nobody_proved_is_not_verified(released_once, source, production):
    assert standing(source, production) == ("not verified", "4 unchanged")


WORDS = {
    "in step": ("", ""),
    "ahead": ("update book set price = 1", ""),
    "edited in production": ("", "update book set price = 1 where isbn = '1'"),
    "conflict": ("update book set price = 1", "update book set price = 2"),
    "gone": ("delete from book where isbn = '1'", ""),
    "removed in production": ("", "delete from book where isbn = '1'"),
}


@pytest.mark.parametrize(("word", "edits"), WORDS.items(), ids=WORDS)
def test_a_proven_release_stands(released_once, source, production, word, edits):
    production.run("update maulstick.release set verified = true")
    source.run(edits[0] or "select 1")
    production.run(edits[1] or "select 1")
    before = production.dump()
    assert standing(source, production)[0] == word
    assert production.dump() == before


def decided(take="production", production="2", column="price", target="production"):
    """Return decisions about the price of one book."""
    one = Decision(target, "book", "1", column, take, Seen("1"), Seen(production))
    return lambda subject: (one,)


@pytest.mark.parametrize("take", ["local", "production"])
def test_a_conflict_that_is_decided_is_none(released_once, source, production, take):
    source.run("update book set price = 1 where isbn = '1'")
    production.run("update book set price = 2 where isbn = '1'")
    one = standing(source, production, decisions=decided(take))
    assert one == ("ahead", "3 unchanged, 1 conflict; decided in decisions/")


MISSES = {
    "another column": decided(column="title"),
    "another target": decided(target="staging"),
    "another value": decided(production="3"),
}


@pytest.mark.parametrize("decisions", MISSES.values(), ids=MISSES)
def test_a_decision_about_something_else_decides_no_conflict(released_once, source, production, decisions):
    source.run("update book set price = 1 where isbn = '1'")
    production.run("update book set price = 2 where isbn = '1'")
    assert standing(source, production, decisions=decisions)[0] == "conflict"


def test_one_conflict_of_two_that_is_not_decided_is_one(released_once, source, production):
    source.run("update book set price = 1, title = 'x' where isbn = '1'")
    production.run("update book set price = 2, title = 'y' where isbn = '1'")
    assert standing(source, production, decisions=decided())[0] == "conflict"


def test_decisions_that_cannot_be_read_are_named_beside_their_subject(released_once, source, production):
    def broken(subject):
        raise usage("decisions/shelf/poetry.toml", "is no TOML", "mend it")

    source.run("update book set price = 1")
    production.run("update book set price = 2")
    says = "decisions/shelf/poetry.toml: is no TOML"
    assert standing(source, production, decisions=broken) == ("unknown", says)


def test_a_row_that_only_left_is_in_step(released_once, source, production):
    production.run("update maulstick.release set verified = true")
    source.run("update book set shelf_id = null where isbn = '1'")
    assert standing(source, production) == ("in step", "3 unchanged, 1 left")


def test_an_added_row_is_ahead_not_new(released_once, source, production):
    source.run("insert into book (isbn, title, shelf_id) values ('3', 'x', 1)")
    assert standing(source, production) == ("ahead", "1 insert, 4 unchanged")


def test_a_title_that_another_holds_is_refused(released_once, source, production):
    production.run("insert into shelf values (1, 'verse', 'Verse', null, 0, now(), now())")
    source.run("update shelf set title = 'Verse'")
    word, says = standing(source, production)
    assert (word, "is taken in production by verse" in says) == ("refused", True)


def test_what_was_undone_is_new_again(released_once, source, production):
    undone(production)
    assert standing(source, production)[0] == "new"


def test_a_subject_that_cannot_be_read_says_why(released_once, source, production):
    word, says = standing(source, production, key="nowhere")
    assert (word, "nowhere" in says) == ("unknown", True)


def test_a_schema_that_does_not_fit_is_told(released_once, source, production):
    production.run("alter table book drop column price")
    word, says = standing(source, production)
    assert (word, says.startswith("schema: production cannot take this bundle")) == ("unknown", True)


def test_a_subject_that_production_refuses_stands_in_no_other_s_way(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('odd', 'Odd', now(), now())")
    production.run(
        "create function odd() returns event_trigger language plpgsql as $$ begin"
        " if current_query() like '%odd%' then raise 'no odd ones'; end if; end $$;"
        "create event trigger odd on ddl_command_start execute function odd()"
    )
    try:
        found = several(source, production, "odd", "poetry")
    finally:
        production.run("drop event trigger odd; drop function odd")
    assert [one.word for one in found] == ["unknown", "not verified"]
    assert "no odd ones" in found[0].says


class TwoKinds(Declared):
    """Shelves with their books, and books with their shelf."""

    def kinds(self):
        return {"shelf": KIND, "book": Kind("book", "book", "isbn")}

    def kind(self, name):
        return self.kinds()[name]

    def tables(self, subject):
        if subject.kind == "shelf":
            return list(LIBRARY)
        return [Table("book", key="isbn"), *LIBRARY[2:], Table("shelf", key="slug")]


def test_of_two_that_travel_with_each_other_one_is_left_out(library, source):
    source.run("insert into book (isbn, title) values ('7', 'alone')")
    found = every_subject(local(source), TwoKinds(KIND, LIBRARY))
    assert [str(one) for one in found] == ["shelf poetry", "book 7"]


def test_a_source_without_subjects_is_refused(library, source):
    source.run("delete from book; delete from shelf")
    with pytest.raises(Problem, match="holds no subject of any kind") as caught:
        every_subject(local(source), TwoKinds(KIND, LIBRARY))
    assert caught.value.code == Exit.REFUSED


def test_subjects_come_in_the_order_of_their_keys(released_once, source, production):
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at)"
        " select s, s, now(), now() from unnest(array['z', 'A', 'b', 'it''s']) as s"
    )
    found = [one.key for one in every_subject(local(source), TwoKinds(KIND, LIBRARY))]
    assert sorted(found) == sorted(["z", "A", "b", "it's", "poetry"])
    assert release(source, production).word == "unchanged"
    assert apply(export(source, key="it's"), production).says == "1 inserted"
