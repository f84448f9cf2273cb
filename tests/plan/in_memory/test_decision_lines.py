"""A file of decisions line by line: what it may say, and what each mistake in it is called."""

from __future__ import annotations

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.choices import Take
from maulstick.plan.decisions.decision import SHORT, Decision, Seen, digest_of, seen
from maulstick.plan.decisions.file import HEAD, path_of, read, read_for, write
from maulstick.project.declarations import Subject

SUBJECT, OTHER = Subject("series", "nocturne"), Subject("series", "aubade")
FILE = "decisions/series/nocturne.toml"
WHOLE = f"""{HEAD}version = 1
subject = "series nocturne"

[[decision]]
target = "live"
table = "artworks"
key = "lamp"
column = "title"
take = "local"
local = "é\\u007f"
production_is_null = true

[[decision]]
target = "live"
table = "artworks"
key = "lamp"
column = "year"
take = "production"
production_sha256 = "{"a" * 64}"
"""
DECISIONS = (
    Decision("live", "artworks", "lamp", "title", "local", Seen("é\x7f"), Seen(None)),
    Decision("live", "artworks", "lamp", "year", "production", Seen(there=False), Seen(digest="a" * 64)),
)


@pytest.fixture
def written(tmp_path):
    """Write a file with something else in it, and read it."""

    def read_as(old="", new=""):
        assert old in WHOLE
        path = path_of(tmp_path, SUBJECT)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WHOLE.replace(old, new, 1) if old else WHOLE, encoding="utf-8")
        return read(tmp_path, SUBJECT)

    return read_as


def test_a_file_is_read_and_written_line_by_line(tmp_path, written):
    assert written() == DECISIONS
    path = write(tmp_path, SUBJECT, DECISIONS[::-1])
    assert path.read_text(encoding="utf-8") == WHOLE
    assert not write(tmp_path, SUBJECT, []).exists()
    assert not write(tmp_path, SUBJECT, []).exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1", "version = 2", "version: is 2; known here is 1"),
        ("version = 1\n", "", "version: is required"),
        ('subject = "series nocturne"\n', "", "subject: is required"),
        ("series nocturne", "series aubade", 'subject: should be "series nocturne"'),
        ('local = "é', 'local_is_null = true\nlocal = "é', "decision/1/local: is said twice"),
        (
            "production_is_null = true",
            f'production_is_null = true\nproduction_sha256 = "{"b" * 64}"',
            "decision/1/production: is said twice",
        ),
        ("a" * 64, "a" * 63, "decision/2/production_sha256: should be a SHA-256"),
        ("a" * 64, "a" * 65, "decision/2/production_sha256: should be a SHA-256"),
        ("a" * 64, "A" * 64, "decision/2/production_sha256: should be a SHA-256"),
        ("a" * 64, "g" + "a" * 63, "decision/2/production_sha256: should be a SHA-256"),
        ("production_sha256 = ", "# ", "decision/2/local: is missing, and so is production"),
        ('"year"', '"title"', "decision/2/column: is decided above already"),
    ],
)
def test_a_mistake_is_named_by_its_place(written, old, new, says):
    with pytest.raises(Problem) as caught:
        written(old, new)
    assert caught.value.code == Exit.USAGE
    assert f"{FILE}/{says}" in str(caught.value)
    assert str(caught.value).count(FILE) == 1


def test_decisions_are_read_for_the_subjects_that_are_named_or_for_all(tmp_path, written):
    written()
    write(tmp_path, OTHER, DECISIONS[:1])
    assert read_for(tmp_path, [SUBJECT]) == {"series nocturne": DECISIONS}
    assert read_for(tmp_path, []) == {"series nocturne": DECISIONS, "series aubade": DECISIONS[:1]}
    assert read_for(tmp_path, [Subject("series", "none")]) == {"series none": ()}


@pytest.mark.parametrize("subject", ["series", "series dawn", "author nocturne"])
def test_a_file_in_another_s_place_is_named(tmp_path, written, subject):
    with pytest.raises(Problem):
        written("series nocturne", subject)
    with pytest.raises(Problem, match="is not the one whose decisions are looked for here") as caught:
        read_for(tmp_path, [])
    assert (caught.value.code, caught.value.where) == (Exit.USAGE, f"{FILE}/subject")


def test_a_decision_is_a_take():
    assert DECISIONS[0].as_take() == Take("local", "artworks", "lamp", "title")


LINE = "x" * SHORT


@pytest.mark.parametrize(
    ("value", "column", "is_shown"),
    [
        (LINE, "title", True),
        (f"{LINE}x", "title", False),
        ("a\nb", "title", False),
        ("a", "password_hash", False),
        ("a", "apikey", False),
        ("", "title", True),
        (None, "token", True),
    ],
)
def test_a_value_is_shown_where_it_is_short_and_no_secret(value, column, is_shown):
    kept = seen({"local": value}, "local", column)
    assert kept == (Seen(value) if is_shown else Seen(digest=digest_of(value)))


SIDES = [({}, Seen(there=False)), ({"local": None}, Seen(None)), ({"local": "a"}, Seen("a"))]
SIDES += [({"local": "b"}, Seen(digest=digest_of("b")))]


@pytest.mark.parametrize(("cell", "kept"), SIDES)
def test_a_side_is_what_was_seen_or_it_is_not(cell, kept):
    assert [kept.is_of(other, "local") for other, _ in SIDES] == [other == cell for other, _ in SIDES]
    both = Decision("live", "t", "k", "c", "local", kept, Seen("p"))
    for other, _ in SIDES:
        moved = [] if other == cell else ["local"]
        assert both.moved({**other, "production": "p"}) == moved
        assert both.moved({**other, "production": "q"}) == [*moved, "production"]
