"""Series and artworks: the gallery's two kinds of subject, with their media."""

from collections.abc import Iterable

from maulstick import Kind, Leave, Match, MediaColumn, Page, Subject, Table, hookimpl, paragraphs
from maulstick.content import Rows


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
    cards = [
        (str(row["title"]), " · ".join(filter(None, (row["year"], row["medium"]))), row["media_file_id"])
        for row in artworks
        if row["published"] == "true"
    ]
    pairs = tuple((title, image) for title, _, image in cards if image)
    shown = [*(title for title, _, _ in cards), *(made for _, made, _ in cards)]
    hidden = {str(row["title"]) for row in artworks if row["published"] != "true"}
    for row in (row for row in rows.get("series", ()) if row["published"] == "true"):
        texts = tuple(filter(None, (row["title"], row["summary"], *paragraphs(row["body_md"]), *shown)))
        seen = " ".join(texts) if hidden else ""
        absent = tuple(sorted(title for title in hidden if title not in seen))
        yield Page(f"/series/{row['slug']}", texts, tuple(image for _, image in pairs), absent, pairs)
    for row in (row for row in artworks if row["published"] == "true"):
        texts = tuple(filter(None, (row["title"], *paragraphs(row["description_md"]))))
        yield Page(f"/artworks/{row['slug']}", texts, tuple(filter(None, [row["media_file_id"]])))
