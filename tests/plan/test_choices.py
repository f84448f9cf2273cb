"""What a user decides about rows: every form, and every mistake with its words."""

from __future__ import annotations

import json

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.choices import (
    FileTake,
    Known,
    Rename,
    RowName,
    Take,
    as_setting,
    file_takes,
    fitting,
    is_of_file,
    misfits,
    renames,
    restores,
    rows,
    takes,
)
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def spec(name: str, *columns: str, schema: str = "public", surrogate: str | None = "id") -> TableSpec:
    """Return a table with these columns; the first is its key."""
    return TableSpec(
        schema=schema,
        name=name,
        key=columns[:1],
        key_is_value=True,
        columns=columns,
        types=dict.fromkeys(columns, "text"),
        nullable=(),
        references={},
        parents=(),
        json_references=(),
        theirs=(),
        surrogate=surrogate,
        times={},
    )


KNOWN = (
    spec("artworks", "slug", "title", "price_cents"),
    spec("media", "url", "alt_text"),
    spec("shop", "slug"),
    spec("items", "slug", "price", schema="shop"),
    spec("codes", "code", surrogate=None),
)
SPECS: TableSpecs = {one.label: one for one in KNOWN}
KEYS = {
    "artworks": ["she-lays-down", "a", "new", "b=c", "z", "y=z"],
    "media": ["/uploads/a.jpg", "https://x.org:80/a.jpg", '["/a","1"]'],
    "shop": ["other"],
    "shop.items": ["a"],
    "codes": ["b"],
}
BUNDLE = Known(SPECS, KEYS.__getitem__)

FORMS = {
    "local": Take("local"),
    "production": Take("production"),
    "local:artworks": Take("local", "artworks"),
    "production:artworks.price_cents": Take("production", "artworks", None, "price_cents"),
    "local:artworks.she-lays-down": Take("local", "artworks", "she-lays-down"),
    "local:artworks.she-lays-down.title": Take("local", "artworks", "she-lays-down", "title"),
    "local:media./uploads/a.jpg": Take("local", "media", "/uploads/a.jpg"),
    "local:media./uploads/a.jpg.alt_text": Take("local", "media", "/uploads/a.jpg", "alt_text"),
    "local:media.https://x.org:80/a.jpg.alt_text": Take(
        "local", "media", "https://x.org:80/a.jpg", "alt_text"
    ),
    'local:media.["/a","1"].alt_text': Take("local", "media", '["/a","1"]', "alt_text"),
    "local:shop": Take("local", "shop"),
    "local:shop.items": Take("local", "shop.items"),
    "local:shop.items.price": Take("local", "shop.items", None, "price"),
    "local:shop.items.a.price": Take("local", "shop.items", "a", "price"),
    "local:shop.other": Take("local", "shop", "other"),
}


@pytest.mark.parametrize(("text", "take"), FORMS.items(), ids=FORMS)
def test_a_take_is_read_and_written_again(text: str, take: Take) -> None:
    assert takes([text], BUNDLE) == [take]
    assert str(take) == text


WRONG = [
    ("mine", '--take mine: "mine" is not a side', "local or production"),
    ("", '--take : "" is not a side', "local or production"),
    ("Local", '"Local" is not a side', "local or production"),
    ("theirs:artworks", '"theirs" is not a side', "local or production"),
    ("local:artwork.x", 'no table of this release is called "artwork"', 'did you mean "artworks"?'),
    ("local:", 'no table of this release is called ""', "artworks"),
    ("local:artworks.", "ends before the row or column", "SIDE[:TABLE[.KEY][.COLUMN]]"),
    ("local:artworksx", 'no table of this release is called "artworksx"', "artworks"),
    (
        "local:artworks.prise_cents",
        'artworks has no row or column "prise_cents" here',
        'did you mean "price_cents"?',
    ),
    (
        "local:artworks.she-lies-down",
        'artworks has no row or column "she-lies-down" here',
        'did you mean "she-lays-down"?',
    ),
    (
        "local:artworks.she-lies-down.title",
        'artworks has no row "she-lies-down" here',
        'did you mean "she-lays-down"?',
    ),
    ("local:artworks.she-lays-down.titel", 'artworks has no column "titel"', 'did you mean "title"?'),
    (
        'local:media.["/a", "1"]',
        'media has no row or column "["/a", "1"]" here',
        """did you mean "["/a","1"]"?""",
    ),
]


@pytest.mark.parametrize(("text", "says", "hint"), WRONG, ids=[text for text, _, _ in WRONG])
def test_a_take_that_is_wrong_says_so(text: str, says: str, hint: str) -> None:
    with pytest.raises(Problem) as caught:
        takes([text], BUNDLE)
    assert caught.value.code == Exit.USAGE
    assert says in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize("place", ["", ":artworks", ":artworks.title", ":artworks.a", ":artworks.a.title"])
def test_both_sides_of_one_place_cannot_be_taken(place: str) -> None:
    with pytest.raises(Problem, match="takes both sides of one place") as caught:
        takes([f"local{place}", f"production{place}"], BUNDLE)
    assert caught.value.code == Exit.USAGE


def test_the_same_take_twice_is_one_wish() -> None:
    assert len(takes(["local", "local"], BUNDLE)) == 2


def test_a_rename_is_read() -> None:
    assert renames(["artworks:old=new"], BUNDLE) == [Rename("artworks", "old", "new")]


def test_the_new_key_of_a_rename_may_hold_an_equals_sign() -> None:
    assert renames(["artworks:old=b=c"], BUNDLE) == [Rename("artworks", "old", "b=c")]


def test_the_old_key_of_a_rename_may_hold_an_equals_sign() -> None:
    assert renames(["artworks:/x?a=1=new"], BUNDLE) == [Rename("artworks", "/x?a=1", "new")]


def test_the_same_rename_twice_is_one() -> None:
    assert renames(["artworks:old=new", "artworks:old=new"], BUNDLE) == [Rename("artworks", "old", "new")]


def test_keys_may_be_exchanged() -> None:
    assert len(renames(["artworks:a=b=c", "artworks:b=c=new", "artworks:new=a"], BUNDLE)) == 3


TOGETHER_WRONG = {
    "one row becomes two": (["old=new", "old=b=c"], 'new: "old" cannot become "b=c" as well'),
    "two rows become one": (["old=new", "older=new"], 'old=new: "older" cannot become "new" as well'),
    "the old row is still here": (["she-lays-down=new"], '"she-lays-down" is still here, a row of its own'),
    "the first of two ways is not it": (["a=neu=alt"], 'artworks has no row "neu=alt" here'),
    "two ways to read it": (["x=y=z"], 'may mean "x" to "y=z" or "x=y" to "z"'),
}


@pytest.mark.parametrize(("texts", "says"), TOGETHER_WRONG.values(), ids=TOGETHER_WRONG)
def test_renames_that_do_not_go_together_are_refused(texts: list[str], says: str) -> None:
    with pytest.raises(Problem) as caught:
        renames([f"artworks:{text}" for text in texts], BUNDLE)
    assert caught.value.code == Exit.USAGE
    assert says in str(caught.value)


RENAMED_WRONG = [
    ("artworks", "is not TABLE:OLD=NEW"),
    ("artworks:a", "is not TABLE:OLD=NEW"),
    ("artworks:=b", "is not TABLE:OLD=NEW"),
    ("artworks:a=", "is not TABLE:OLD=NEW"),
    ("artwork:a=b", 'no table of this release is called "artwork"'),
    ("artworks:a=neu", 'artworks has no row "neu" here'),
    ("codes:a=b", "its key is all that tells its rows apart: a new key is a new row"),
]


@pytest.mark.parametrize(("text", "says"), RENAMED_WRONG, ids=[text for text, _ in RENAMED_WRONG])
def test_a_rename_that_is_wrong_says_so(text: str, says: str) -> None:
    with pytest.raises(Problem, match=f"^--rename {text}: ") as caught:
        renames([text], BUNDLE)
    assert caught.value.code == Exit.USAGE
    assert says in caught.value.what


def test_a_row_is_read() -> None:
    assert rows("--row", ["media:https://x.org/a.jpg"]) == [RowName("media", "https://x.org/a.jpg")]


@pytest.mark.parametrize("text", ["", "artworks", "artworks:", ":a"])
def test_a_row_that_is_wrong_says_so(text: str) -> None:
    with pytest.raises(Problem, match="is not TABLE:KEY") as caught:
        rows("--except", [text])
    assert caught.value.code == Exit.USAGE
    assert caught.value.hint == "for example --except artworks:she-lays-down"


def test_what_does_not_fit_a_bundle_is_told_by_how_it_was_typed() -> None:
    found = misfits(["local", "local:pages", "local:artworks.a"], ["artworks:old=new", "pages:a=b"], BUNDLE)
    assert list(found) == ["--take local:pages", "--rename pages:a=b"]
    assert fitting("--take", ["local", "local:pages"], found) == ["local"]


def test_a_side_is_taken_of_a_file() -> None:
    texts = ["local:media/a:b.jpg", "local", "production:artworks.a", "production:media/media/c"]
    assert [is_of_file(text) for text in texts] == [True, False, False, True]
    assert file_takes([*texts, texts[0]]) == [FileTake("local", "a:b.jpg"), FileTake("production", "media/c")]
    assert str(file_takes(texts)[1]) == "production:media/media/c"


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["local:media/a", "production:media/a"], "--take production:media/a: takes both sides of one place"),
        (["ours:media/a"], '--take ours:media/a: "ours" is not a side'),
    ],
)
def test_a_side_of_a_file_that_is_wrong_says_so(texts: list[str], says: str) -> None:
    with pytest.raises(Problem) as caught:
        file_takes(texts)
    assert caught.value.code == Exit.USAGE
    assert says in str(caught.value)


def test_rows_to_restore_are_read_once_each() -> None:
    texts = ["artworks:a", "codes:b", "artworks:a"]
    assert restores(texts, BUNDLE) == [RowName("artworks", "a"), RowName("codes", "b")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("artwork:a", 'no table of this release is called "artwork"'),
        ("artworks:aa", 'artworks has no row "aa" here'),
        ("artworks", "is not TABLE:KEY"),
    ],
)
def test_a_row_to_restore_that_is_wrong_says_so(text: str, says: str) -> None:
    with pytest.raises(Problem) as caught:
        restores(["artworks:a", text], BUNDLE)
    assert caught.value.code == Exit.USAGE
    assert says in str(caught.value)
    assert [*misfits([], [], BUNDLE, ["artworks:a", text])] == [f"--restore {text}"]


def test_nothing_decided_is_an_empty_setting() -> None:
    assert as_setting([]) == ""


def test_choices_are_a_setting_as_json() -> None:
    wanted = {"side": "local", "table_name": "media", "key": "a'b", "column_name": None}
    assert json.loads(as_setting([Take("local", "media", "a'b")])) == [wanted]
