"""Series and artworks: the gallery's two kinds of subject, with their media."""

import re
import sys
from collections.abc import Iterable
from itertools import chain

from maulstick import Kind, Leave, Match, MediaColumn, Page, Rows, Subject, Table, hookimpl, paragraphs

WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
"""A word, or a sign between words."""


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name a series and an artwork by their slugs."""
    yield Kind("series", table="series", key="slug")
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take a series with its artworks, or one artwork whose series is there already."""
    if subject.kind not in ("series", "artwork"):
        return
    if subject.kind == "series":
        yield Table("series", key="slug", media=[MediaColumn("cover_image_url")])
        yield Table("artworks", key="slug", via="series_id", media=[MediaColumn("image_url")])
    else:
        series = {"series_id": Match(key=("slug",))}
        yield Table("artworks", key="slug", references=series, media=[MediaColumn("image_url")])
    sizes = [MediaColumn("original_url"), MediaColumn("large_url"), MediaColumn("medium_url")]
    yield Table("media_images", key=("artwork_id", "role", "original_url"), via="artwork_id", media=sizes)
    yield Table(
        "media",
        key="url",
        references={"user_id": Leave()},
        media=[
            MediaColumn("url", bytes="file_size", type="content_type", width="width", height="height"),
            MediaColumn("thumb_url"),
            MediaColumn("medium_url"),
        ],
    )


@hookimpl
def maulstick_pages(subject: Subject, rows: Rows) -> Iterable[Page]:
    """Show the series with a card for each published artwork, and each artwork's own page."""
    artworks = rows.get("artworks", ())
    titles: list[str] = []
    made: list[str] = []
    pairs: list[tuple[str, str]] = []
    hidden: set[str] = set()
    for row in artworks:
        if row["published"] != "true":
            hidden.add(str(row["title"]))
            continue
        titles.append(str(row["title"]))
        made.append(sys.intern(" · ".join(filter(None, (row["year"], row["medium"])))))
        if row["media_file_id"]:
            pairs.append((titles[-1], row["media_file_id"]))
    for row in (row for row in rows.get("series", ()) if row["published"] == "true"):
        own = [*filter(None, (row["title"], row["summary"])), *paragraphs(row["body_md"])]
        absent = hidden - _named(hidden, chain(own, titles, set(made)))
        yield Page(
            f"/series/{row['slug']}",
            texts=tuple(filter(None, chain(own, titles, made))),
            images=tuple(image for _, image in pairs),
            absent=tuple(sorted(absent)),
            pairs=tuple(pairs),
        )
    del titles, made, pairs, hidden
    for row in (row for row in artworks if row["published"] == "true"):
        texts = tuple(filter(None, (row["title"], *paragraphs(row["description_md"]))))
        yield Page(f"/artworks/{row['slug']}", texts, tuple(filter(None, [row["media_file_id"]])))


def _named(titles: set[str], texts: Iterable[str]) -> set[str]:
    """Return the titles that occur as whole words in one of the texts: no page can be asked to lack them."""
    sought = {" ".join(WORD.findall(title)) for title in titles}
    lengths: dict[str, set[int]] = {}
    for title in sought:
        first, *others = title.split(" ")
        lengths.setdefault(first, set()).add(1 + len(others))
    named: set[str] = set()
    for text in texts if sought else ():
        words = WORD.findall(text)
        for place, word in enumerate(words):
            for length in lengths.get(word, ()):
                if (found := " ".join(words[place : place + length])) in sought:
                    named.add(found)
    return {title for title in titles if " ".join(WORD.findall(title)) in named}
