"""Several subjects that are published last: what is wrong with one of them hides none of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.magazine import NIGHT, Magazine, magazine, public
from tests.other_sites.other_site import OtherSite

ALL = ("release", "--all", *NIGHT[2:])
OTHERS = """
insert into books (slug) values ('day'), ('dawn');
insert into essays (book_id, slug, title, published) values
  (2, 'noon', 'At noon', true), (2, 'dusk', 'At dusk', true), (3, 'cock', 'On cocks', true);
"""
WITHOUT_DAY = ["cock", "door", "lamp", "lit"]
EVERYTHING = ["cock", "door", "dusk", "lamp", "lit", "noon"]


@pytest.fixture
def web() -> Iterator[Magazine]:
    with Magazine(lies_about="noon").running() as started:
        yield started


@pytest.fixture
def site(other_site: MakeSite, storage: str, web: Magazine) -> OtherSite:
    """A magazine of three books that nothing was released to."""
    made = magazine(other_site, storage, web)
    made.run_dev(OTHERS)
    return made


def by_book(site: OtherSite) -> list[tuple[str, str]]:
    """Return what the ledger says was done, by book."""
    kinds = "string_agg(kind, ', ' order by number)"
    return site.rows(f"select subject, {kinds} from maulstick.release group by 1 order by 1")


def test_a_wrong_preview_hides_one_book_and_publishes_the_others(site: OtherSite, web: Magazine) -> None:
    web.wrong = "At nothing"
    ran = site.invoke(*ALL)
    assert ran.code == 5, ran.said
    assert public(site) == WITHOUT_DAY
    done = ("release, publish", "release", "release, publish")
    assert [kinds for _, kinds in by_book(site)] == [done[0], done[1], done[2]]
    assert "2 rows written but hidden; invoke publish makes them public" in ran.err
    assert "is there, hidden, but publish failed" in ran.said
    status = site.invoke("status").out
    assert "2 rows hidden" in next(line for line in status.splitlines() if "book day" in line)
    web.wrong = ""
    ran = site.invoke(*ALL)
    assert (ran.code, public(site)) == (0, EVERYTHING), ran.said
    assert len(site.rows("select number from maulstick.release")) == 6


def test_a_wrong_page_hides_one_book_again_and_leaves_the_others(site: OtherSite, web: Magazine) -> None:
    web.wrong_for_visitors = True
    ran = site.invoke(*ALL)
    assert ran.code == 5, ran.said
    assert public(site) == WITHOUT_DAY
    assert "2 rows written but hidden again" in ran.err
    web.wrong_for_visitors = False
    ran = site.invoke("publish", "--book", "day")
    assert (ran.code, public(site)) == (0, EVERYTHING), ran.said


def test_a_wrong_page_undoes_one_book_where_that_was_typed(site: OtherSite, web: Magazine) -> None:
    web.wrong_for_visitors = True
    ran = site.invoke(*ALL, "--undo-if-wrong")
    assert ran.code == 5, ran.said
    assert public(site) == WITHOUT_DAY
    assert site.rows("select slug from books order by 1") == [("dawn",), ("night",)]


def test_a_book_that_shares_rows_with_one_that_is_wrong_stays_back(site: OtherSite, web: Magazine) -> None:
    site.plugin(
        "from maulstick import Table, hookimpl\n\n\n@hookimpl\ndef maulstick_tables(subject):\n"
        '    yield Table("covers", key="name", where="true")\n',
        "covers.py",
    )
    for run in (site.run_dev, site.run_live):
        run("create table covers (id bigserial primary key, name text not null unique)")
    site.run_dev("insert into covers (name) values ('blue')")
    web.wrong = "At nothing"
    ran = site.invoke(*ALL)
    assert ran.code == 5, ran.said
    assert public(site) == ["cock"]  # in the order of their names, day comes second
    assert "skipped, it shares rows with book day" in ran.err
