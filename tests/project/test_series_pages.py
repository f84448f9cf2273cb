"""What the shipped plugins say of a series' pages: nothing hidden may be there, unless its name is."""

import pytest

from maulstick.project.declarations import Page, Subject
from maulstick.project.plugins.registry import load
from tests.checkout import ROOT

PLUGINS = load(ROOT / "plugins")


def row(slug, title, published="true", **more):
    values = {"slug": slug, "title": title, "published": published, "description_md": None, "year": "1999"}
    return {**values, "medium": None, "media_file_id": None, **more}


def pages_of(artworks, key="one", **series):
    whole = {"slug": key, "title": "One", "published": "true", "summary": None, "body_md": None, **series}
    rows = {"series": [whole], "artworks": artworks}
    return {page.path: page for page in PLUGINS.pages(Subject("series", key), rows)}


@pytest.mark.parametrize(
    ("shown", "hidden", "is_asked"),
    [
        ("Lamp", "Door", True),
        ("Lamp", "Lamp", False),
        ("Lamp in blue", "Lamp", False),
        ("Lamp in blue", "in blue", False),
        ("Lamp in blue", "Lamp blue", True),
        ("Lamps", "Lamp", True),
        ("Study no. 15", "Study no. 1", True),
        ("Study no. 1, second state", "Study no. 1", False),
        ("a_lamp", "lamp", False),
        ("Die Übermalung", "Übermalung", False),
        ("1999", "1999", False),
    ],
)
def test_a_hidden_title_is_asked_for_unless_it_stands_whole_in_another(shown, hidden, is_asked):
    page = pages_of([row("a", shown), row("b", hidden, "false")])["/series/one"]
    assert page.absent == ((hidden,) if is_asked else ())


def test_what_is_not_published_is_nowhere():
    found = pages_of([row("a", "Lamp"), row("b", "Door", "false")])
    assert found["/artworks/b"] == Page("/artworks/b", gone=True)
    assert found["/artworks/a"].texts == ("Lamp",)
    assert found["/series/one"].texts == ("One", "Lamp", "1999")


@pytest.mark.parametrize("series", [[], [{"slug": "other", "published": "true"}]])
def test_a_subject_whose_row_is_not_there_is_gone(series):
    rows = {"series": [{"title": "", "summary": None, "body_md": None, **one} for one in series]}
    found = [page for page in PLUGINS.pages(Subject("series", "one"), rows) if page.gone]
    assert found == [Page("/series/one", gone=True)]
