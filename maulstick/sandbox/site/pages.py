"""The pages of the site."""

from collections.abc import Collection
from hmac import compare_digest

import psycopg
from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from maulstick.sandbox.site import queries
from maulstick.sandbox.site.notes import Notes, hang
from maulstick.sandbox.site.settings import SiteSettings

REVIEWER = "reviewer"


def home(settings: SiteSettings) -> Answer:
    """Send the visitor to the list of series."""
    del settings
    return redirect(url_for("all_series"))


def health(settings: SiteSettings) -> Response:
    """Say that the site can serve."""
    del settings
    return Response("ok\n", content_type="text/plain; charset=utf-8")


def all_series(settings: SiteSettings) -> str:
    """Show the published series with their covers."""
    with queries.reading(settings.database_url) as connection:
        found = queries.all_series(connection)
        notes = _notes(settings, connection, ())
    return render_template("all_series.html", every=found, notes=notes)


def series(settings: SiteSettings, slug: str, *, hidden: bool = False) -> str:
    """Show one series: its texts, a card for each artwork, what the lightbox will show."""
    with queries.reading(settings.database_url) as connection:
        found = queries.series(connection, slug, hidden=hidden) or abort(404)
        artworks = queries.artworks_of(connection, slug, hidden=hidden)
        anchors = [f"series:{slug}:description", *(f"artwork:{artwork.slug}" for artwork in artworks)]
        notes = _notes(settings, connection, anchors)
    return render_template("series.html", series=found, artworks=artworks, notes=notes)


def artwork(settings: SiteSettings, slug: str, *, hidden: bool = False) -> str:
    """Show one artwork."""
    with queries.reading(settings.database_url) as connection:
        found = queries.artwork(connection, slug, hidden=hidden) or abort(404)
        notes = _notes(settings, connection, [f"artwork:{slug}"])
    return render_template("artwork.html", artwork=found, notes=notes)


def preview_series(settings: SiteSettings, slug: str) -> str:
    """Show one series that is not published yet, to who has the token."""
    _require_token(settings)
    return series(settings, slug, hidden=True)


def preview_artwork(settings: SiteSettings, slug: str) -> str:
    """Show one artwork that is not published yet, to who has the token."""
    _require_token(settings)
    return artwork(settings, slug, hidden=True)


def theme() -> str:
    """Return the theme that the request asks for, by its query or by the cookie of an earlier one."""
    return request.args.get("theme") or request.cookies.get("theme", "")


def _require_token(settings: SiteSettings) -> None:
    given = request.headers.get("x-preview", "")
    if not settings.preview_token or not compare_digest(given.encode(), settings.preview_token.encode()):
        abort(403)


def _notes(settings: SiteSettings, connection: psycopg.Connection, anchors: Collection[str]) -> Notes:
    if theme() != REVIEWER:
        return Notes()
    stored = queries.annotations(connection, request.path, REVIEWER)
    return hang(stored, anchors, settings.public_url)
