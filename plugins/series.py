"""Series and artworks: the gallery's two kinds of subject, with their media."""

from collections.abc import Iterable

from maulstick import Kind, Leave, Match, MediaColumn, Page, Subject, Table, hookimpl
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
    yield Table(
        "media_images",
        key=("artwork_id", "role", "original_url"),
        via="artwork_id",
        media=[MediaColumn("original_url"), MediaColumn("large_url"), MediaColumn("medium_url")],
    )
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
    """Show the subject's own page, and the page of each published artwork with its picture."""
    artworks = [row for row in rows.get("artworks", ()) if row["published"] == "true"]
    for series in rows.get("series", ()):
        titles = [series["title"], series["summary"], *(artwork["title"] for artwork in artworks)]
        pictures = [str(artwork["media_file_id"]) for artwork in artworks if artwork["media_file_id"]]
        if series["published"] == "true":
            yield Page(f"/series/{series['slug']}", texts=tuple(filter(None, titles)), images=tuple(pictures))
    for artwork in artworks:
        images = (str(artwork["media_file_id"]),) if artwork["media_file_id"] else ()
        yield Page(f"/artworks/{artwork['slug']}", texts=(str(artwork["title"]),), images=images)
