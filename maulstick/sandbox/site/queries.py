"""What the pages ask of the production database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.rows import class_row

Row = TypeVar("Row")

# One page is one snapshot, so that a release that commits meanwhile is shown whole or not at all.
OPTIONS = (
    "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    " -c statement_timeout=10s -c timezone=UTC"
)
SERIES = """
    select s.slug, s.title, coalesce(s.summary, '') as summary, coalesce(s.body_md, '') as body_md,
           coalesce(nullif(m.url, ''), nullif(s.cover_image_url, ''), picture.url) as image,
           coalesce(nullif(m.alt_text, ''), s.title) as alt, coalesce(picture.artworks, 0) as artworks
    from series s
    left join media m on m.id = s.media_file_id
    left join lateral (
        select count(*) as artworks,
               (array_agg(coalesce(nullif(p.url, ''), nullif(a.image_url, '')) order by a.position, a.title)
                filter (where p.url <> '' or a.image_url <> ''))[1] as url
        from artworks a left join media p on p.id = a.media_file_id
        where a.series_id = s.id and (a.published or %(hidden)s)
    ) picture on true
    where (s.published or %(hidden)s) and (s.slug = %(slug)s or %(slug)s::text is null)
    order by s.position nulls last, s.title
"""
ARTWORKS = """
    select a.slug, a.title, a.year, a.medium, a.dimensions, a.status, a.price_cents, a.currency,
           coalesce(a.description_md, '') as description_md,
           coalesce(nullif(m.url, ''), nullif(a.image_url, '')) as image,
           coalesce(nullif(m.alt_text, ''), a.title) as alt, m.width, m.height, m.caption,
           s.slug as series_slug, s.title as series_title, analysis.llm_response as analysis
    from artworks a
    left join series s on s.id = a.series_id and (s.published or %(hidden)s)
    left join media m on m.id = a.media_file_id
    left join lateral (
        select llm_response from media_analyses where media_file_id = m.id order by iteration desc limit 1
    ) analysis on true
    where (a.published or %(hidden)s) and (s.slug = %(series)s or a.slug = %(artwork)s)
    order by a.position nulls last, a.title
"""
ANNOTATIONS = """
    select id, anchor_key, anchor_meta, audio_url, content
    from annotations
    where page_path = %(page)s and theme = %(theme)s and visibility = 'public'
    order by id
"""


@dataclass(frozen=True, slots=True)
class Series:
    """A published series."""

    slug: str
    title: str
    summary: str
    body_md: str
    image: str | None
    alt: str
    artworks: int


@dataclass(frozen=True, slots=True)
class Artwork:
    """A published artwork with the latest analysis of its picture."""

    slug: str
    title: str
    year: int | None
    medium: str | None
    dimensions: str | None
    status: str | None
    price_cents: int | None
    currency: str | None
    description_md: str
    image: str | None
    alt: str
    width: int | None
    height: int | None
    caption: str | None
    series_slug: str | None
    series_title: str | None
    analysis: object


@dataclass(frozen=True, slots=True)
class Annotation:
    """A public note as it is stored."""

    id: int
    anchor_key: str
    anchor_meta: object
    audio_url: str | None
    content: object


@contextmanager
def reading(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a read-only connection for one page, so that the next page finds a restarted database."""
    with psycopg.connect(
        database_url, connect_timeout=5, options=OPTIONS, application_name="site", prepare_threshold=None
    ) as connection:
        yield connection


def all_series(connection: psycopg.Connection[Any]) -> Sequence[Series]:
    """List the published series in their order."""
    return _rows(connection, Series, SERIES, {"slug": None, "hidden": False})


def series(connection: psycopg.Connection[Any], slug: str, *, hidden: bool = False) -> Series | None:
    """Return one series, or None; one that is not published only with `hidden`."""
    return next(iter(_rows(connection, Series, SERIES, {"slug": slug, "hidden": hidden})), None)


def artworks_of(
    connection: psycopg.Connection[Any], series_slug: str, *, hidden: bool = False
) -> Sequence[Artwork]:
    """List the artworks of a series in their order; those that are not published only with `hidden`."""
    return _rows(connection, Artwork, ARTWORKS, {"series": series_slug, "artwork": None, "hidden": hidden})


def artwork(connection: psycopg.Connection[Any], slug: str, *, hidden: bool = False) -> Artwork | None:
    """Return one artwork, or None; one that is not published only with `hidden`."""
    values = {"series": None, "artwork": slug, "hidden": hidden}
    return next(iter(_rows(connection, Artwork, ARTWORKS, values)), None)


def annotations(connection: psycopg.Connection[Any], page: str, theme: str) -> Sequence[Annotation]:
    """List the public notes of a page in a theme, oldest first."""
    return _rows(connection, Annotation, ANNOTATIONS, {"page": page, "theme": theme})


def _rows(
    connection: psycopg.Connection[Any],
    row: type[Row],
    query: LiteralString,
    values: Mapping[str, str | bool | None],
) -> Sequence[Row]:
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query, values).fetchall()
