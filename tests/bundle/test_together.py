"""Many subjects at once: what is asked does not grow with them, and each is told as if it were alone."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from maulstick.bundle.export import exported
from maulstick.bundle.slice.every_subject import every_subject
from maulstick.bundle.slice.many_subjects import read_all
from maulstick.hosts.host import Place
from maulstick.media.sources import Folder
from maulstick.plan.planner import make_plan
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Match, Query, Subject, Table
from maulstick.redact import Secret
from maulstick.release.new_subjects import plans
from maulstick.release.progress import Progress
from maulstick.release.status import standings
from tests.databases.deciding import release_of
from tests.databases.places import BOOK, LIBRARY, SHELF, Declared, a_target, export, local, perform, release
from tests.databases.wire import counted

KIND = Kind("shelf", "shelf", "slug")
MATCHING = Table("book", "isbn", via="shelf_id", references={"author_id": Match(key="name")})
FILL = """
insert into shelf (slug, title, inserted_at, updated_at)
select 's' || n, 'Shelf ' || n, now(), '2025-01-01'::timestamp + n * interval '1 day'
from generate_series(1, {0}) as n;
insert into book (isbn, title, price, shelf_id, author_id)
select s.slug || '-' || n, E'a\\tb\\\\' || n, n, s.id, case when n > 1 then (select min(id) from author) end
from shelf as s, generate_series(1, 3) as n where s.slug like 's%'
"""


class Shelves(Declared):
    """Plugins of a site that has shelves."""

    def kinds(self):
        return {"shelf": KIND}

    def owner_of(self, hook, name, subject):
        return hook


def place_of(source):
    return Place(a_target("production"), local(source))


def told(source, production, plugins=None):
    """Return how every shelf stands."""
    plugins, place = plugins or Shelves(KIND, LIBRARY), place_of(source)
    with connect(Secret(production.url), "production") as database:
        subjects = every_subject(place.source, plugins)
        found = standings(subjects, place, Folder(source.folder), plugins, database)
    return {one.subject.removeprefix("shelf "): one.word for one in found}


@contextmanager
def far(*places):
    with ExitStack() as stack:
        wires = [stack.enter_context(counted(urlsplit(place.url).port)) for place in places]
        moved = [
            replace(place, url=place.url.replace(f":{urlsplit(place.url).port}/", f":{wire.port}/"))
            for place, wire in zip(places, wires, strict=True)
        ]
        yield wires, moved


def cost(source, production):
    """Return how often `status` connects to both sides, and how often it waits for them."""
    with far(source, production) as (wires, moved):
        words = told(*moved)
    return words, [(wire.connections, wire.turns) for wire in wires]


@pytest.fixture
def shelves(library, source, production):
    """The source has shelves that share an author."""
    source.run(FILL.format(3))


def release_all(source, production):
    """Release all shelves; twice, since one that takes up a row of another has its word in it too."""
    for (key,) in source.rows("select slug from shelf") * 2:
        release(source, production, key=key)


def test_status_of_new_subjects_costs_the_same_for_any_number(shelves, source, production):
    words, before = cost(source, production)
    source.run("delete from book; delete from shelf")
    source.run(FILL.format(40))
    many, after = cost(source, production)
    assert ({*words.values()}, {*many.values()}, len(many)) == ({"new"}, {"new"}, 40)
    assert after == before


def test_status_of_released_subjects_costs_the_same_for_any_number(shelves, source, production):
    release_all(source, production)
    words, before = cost(source, production)
    source.run("delete from book; delete from shelf")
    source.run(FILL.format(12))
    release_all(source, production)
    many, after = cost(source, production)
    assert ({*words.values()}, {*many.values()}, len(many)) == ({"not verified"}, {"not verified"}, 12)
    assert after == before


def test_what_is_read_together_is_what_each_alone_reads(shelves, source, tmp_path):
    source.run("update book set author_id = null where isbn = 's2-2'")
    asked = Query("books", "select count(*) from book where %(key)s > ''", "9")
    plugins = Shelves(KIND, (SHELF, MATCHING), (asked,))
    subjects = [Subject("shelf", key) for key in ("s3", "s1", "poetry", "s2")]
    read = read_all(subjects, local(source), plugins, tmp_path)
    for subject in subjects:
        together = exported(subject, local(source), plugins, Folder(source.folder), read=read[subject])
        with exported(subject, local(source), plugins, Folder(source.folder)) as one, together as other:
            assert one.manifest == replace(other.manifest, pages=one.manifest.pages)
            assert b"".join(one.sql()) == b"".join(other.sql())


def test_an_edit_in_the_midst_is_told(shelves, source, production):
    release_all(source, production)
    source.run("update book set price = 70 where isbn = 's2-1'")
    production.run("update book set price = 70 where isbn = 's3-1'")
    production.run("delete from shelf where slug = 'poetry'; update maulstick.release set verified = true")
    assert told(source, production) == {
        "poetry": "removed in production",
        "s1": "in step",
        "s2": "ahead",
        "s3": "edited in production",
    }


def test_a_subject_that_cannot_be_read_stops_none_of_the_others(shelves, source, production):
    release_all(source, production)
    for place in (source, production):
        place.run("alter table book drop constraint book_isbn_key")
    source.run("update book set isbn = 's2-1' where isbn = 's2-2'")
    words = told(source, production)
    assert words.pop("s2") == "unknown"
    assert {*words.values()} == {"not verified"}


def test_a_where_that_fails_for_one_stops_none_of_the_others(shelves, source, production):
    where = "shelf.slug = %(key)s and 1 / (ascii(right(%(key)s, 1)) - ascii('2')) is not null"
    plugins = Shelves(KIND, (replace(SHELF, where=where), BOOK, LIBRARY[2]))
    words = told(source, production, plugins)
    assert words == {"poetry": "new", "s1": "new", "s2": "unknown", "s3": "new"}


def test_new_subjects_of_which_only_one_can_be_released_are_each_told_alone(shelves, source, production):
    source.run("alter table shelf drop constraint shelf_title_key; update shelf set title = 'The same'")
    assert {*told(source, production).values()} == {"new"}


def test_a_new_subject_that_is_in_the_way_of_what_is_there_is_refused_among_others(
    shelves, source, production
):
    production.run("insert into shelf values (1, 'verse', 'Shelf 2', null, 0, now(), now())")
    assert told(source, production) == {"poetry": "new", "s1": "new", "s2": "refused", "s3": "new"}


def test_a_new_subject_that_leans_on_another_is_not_told_with_it(shelves, source, production):
    words = told(source, production, Shelves(KIND, (SHELF, MATCHING)))
    assert {*words.values()} == {"refused"}


def test_new_subjects_that_share_a_row_with_what_is_there_are_told_together(shelves, source, production):
    release(source, production)
    _, few = cost(source, production)
    source.run("delete from book where isbn like 's%'; delete from shelf where slug like 's%'")
    source.run(FILL.format(30))
    words, many = cost(source, production)
    assert (words.pop("poetry"), {*words.values()}, many) == ("not verified", {"ahead"}, few)


def test_a_plan_made_with_others_is_the_one_made_alone(shelves, source, production, tmp_path):
    source.run("update book set title = E'two\\nlines \\\\ and a tab\\t' where isbn like '%-2'")
    bundles = {f"shelf {key}": export(source, key=key) for (key,) in source.rows("select slug from shelf")}
    subjects = [bundle.manifest.subject for bundle in bundles.values()]
    read = read_all(subjects, local(source), Shelves(KIND, LIBRARY), tmp_path)
    with connect(Secret(production.url), "production") as database:
        slices = [(one.manifest, one.rows) for one in read.values()]
        made = {one.subject: one for one in plans(slices, KIND, database, "production")}
        assert made.keys() == bundles.keys()
        for subject, bundle in bundles.items():
            alone = make_plan(bundle, database, "production")
            assert replace(made[subject], digest=bundle.manifest.digest) == alone
            assert len(alone.changes) == alone.rows > 1


def runs_of(source, production, folder):
    """Return the runs of all shelves as one command has them."""
    plugins = Shelves(KIND, LIBRARY)
    bundles = [export(source, key=key) for (key,) in source.rows("select slug from shelf order by 1")]
    subjects = [bundle.manifest.subject for bundle in bundles]
    shared = SharedReads(subjects, place_of(source), plugins, folder)
    runs = [release_of(bundle, source, production, plugins=plugins, several=True) for bundle in bundles]
    return [Progress(replace(run.context, shared=shared), run.known_steps) for run in runs]


def test_an_edit_after_the_question_is_kept_since_nothing_is_written(shelves, source, production, tmp_path):
    release_all(source, production)
    first, *rest = runs_of(source, production, tmp_path)
    assert perform(first, "apply").word == "unchanged"
    production.run("update book set title = 'theirs' where isbn = 's3-1'")
    before = production.dump()
    assert [perform(run, "apply").word for run in rest] == ["unchanged"] * len(rest)
    assert production.dump() == before


def test_a_bundle_that_says_otherwise_is_compared(shelves, source, production, tmp_path):
    release_all(source, production)
    runs = runs_of(source, production, tmp_path)
    assert runs[0].context.shared.read(
        runs[0].context.subject
    )  # the source is read, then edited, and exported again
    source.run("update book set price = 70 where isbn = 's2-1'")
    runs[2].context.opened.bundle = export(source, key="s2")
    assert [perform(run, "apply").word for run in runs] == ["unchanged", "unchanged", "done", "unchanged"]
    assert production.value("select price from book where isbn = 's2-1'") == 70


def test_unchanged_subjects_open_no_connection_of_their_own(shelves, source, production, tmp_path):
    release_all(source, production)
    with far(production) as ([wire], [moved]):
        for run in runs_of(source, moved, tmp_path):
            perform(run, "apply")
    assert wire.connections == 1
