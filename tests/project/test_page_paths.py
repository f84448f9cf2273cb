"""Values of rows in the paths of pages are asked for whole."""

from urllib.parse import quote

import pytest

from maulstick.project.declarations import Page, Subject
from maulstick.project.plugins.page_paths import quoted_pages


def path_of(path, key, **row):
    rows = {"artworks": [{"slug": key, **row}]}
    return next(quoted_pages([Page(path)], Subject("artwork", key), rows)).path


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("c#", "c%23"),
        ("50% off?", "50%25 off%3F"),
        ("100%25", "100%2525"),
        ("wh?at#1", "wh%3Fat%231"),
        ("über-nacht", "über-nacht"),
        ("two words", "two words"),
        ("a+b", "a+b"),
    ],
)
def test_what_would_end_a_path_is_quoted_and_a_query_stays(slug, path):
    assert path_of(f"/artworks/{slug}", slug) == f"/artworks/{path}"
    assert path_of(f"/artworks/{slug}?theme=dark", slug) == f"/artworks/{path}?theme=dark"


@pytest.mark.parametrize("slug", ["c#", "50% off?", "100%25"])
def test_what_a_plugin_has_quoted_is_left_as_it_is(slug):
    assert path_of(f"/artworks/{quote(slug)}", slug) == f"/artworks/{quote(slug)}"


def test_a_value_of_another_column_is_quoted_too():
    assert path_of("/by/R&D?/lamp", "lamp", maker="R&D?") == "/by/R&D%3F/lamp"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/x%20%20y", "20%"),
        ("/x?theme=dark", "?theme=dark"),
        ("/x?theme=dark", "/x?theme=dark"),
        ("/a%20b", "%"),
    ],
)
def test_no_query_and_no_quoting_of_a_path_is_taken_for_a_value(path, value):
    assert path_of(path, "x", other=value) == path
