"""The site as a WSGI application."""

import sys
import time
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
from flask import Flask, Response, g, render_template, request, send_from_directory
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from maulstick.sandbox.site import pages
from maulstick.sandbox.site.addresses import MEDIA, address
from maulstick.sandbox.site.insights import insights
from maulstick.sandbox.site.settings import SiteSettings

ROUTES = (
    ("/", pages.home),
    ("/health", pages.health),
    ("/series", pages.all_series),
    ("/series/<slug>", pages.series),
    ("/artworks/<slug>", pages.artwork),
    ("/preview/series/<slug>", pages.preview_series),
    ("/preview/artworks/<slug>", pages.preview_artwork),
)
PRINTABLE = "/?=&%+:;,@!()~*'$[]"


def create(settings: SiteSettings, folder: Path) -> Flask:
    """Build the site from the templates and static files of a folder.

    Every template is compiled here, so that a broken one stops the start and not a visitor.
    """
    app = Flask(__name__, template_folder=str(folder / "templates"), static_folder=str(folder / "static"))
    app.url_map.merge_slashes = False
    for rule, view in ROUTES:
        app.add_url_rule(rule, view.__name__, partial(view, settings))
    _dress(app, settings)
    app.before_request(partial(_arrive, settings))
    app.after_request(partial(_leave, settings))
    app.register_error_handler(Exception, partial(_fail, app))
    for name in app.jinja_env.list_templates(["html"]):
        app.jinja_env.get_template(name)
    return app


def serve_uploads(app: Flask, folder: Path) -> None:
    """Serve `/uploads/…` from a folder, as the local site does."""
    app.add_url_rule(
        "/uploads/<path:name>", "uploads", lambda name: send_from_directory(folder / "uploads", name)
    )


def _dress(app: Flask, settings: SiteSettings) -> None:
    # Markdown without HTML: what a text holds of it arrives escaped, so its rendering is safe.
    markdown = MarkdownIt("commonmark", {"html": False})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        markdown=lambda text: Markup(markdown.render(text)),  # noqa: S704  # nosec B704
        address=partial(address, settings.public_url),
        insights=insights,
        price=_price,
    )
    app.jinja_env.globals.update(host=settings.host, release=settings.release)
    app.context_processor(lambda: {"theme": pages.theme()})


def _price(cents: int, currency: str | None) -> str:
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency or "", f"{currency or ''} ")
    return f"{sign}{cents / 100:,.2f}".removesuffix(".00")


def _arrive(settings: SiteSettings) -> Response | None:
    g.arrived = time.perf_counter()
    if not request.path.startswith(MEDIA):
        return None
    # Not a route: routes read paths, and a key may begin with a slash or hold two. Imported here, because
    # signing is not needed before the first picture and takes a third of the time to start.
    from maulstick.sandbox.site.media import media

    return media(settings)


def _leave(settings: SiteSettings, response: Response) -> Response:
    response.headers["x-release"] = settings.release
    if response.mimetype == "text/html":
        response.headers["cache-control"] = "private, max-age=0, must-revalidate"
    if "theme" in request.args:
        _remember(response, request.args["theme"])
    _log(response)
    return response


def _remember(response: Response, theme: str) -> None:
    if theme == pages.REVIEWER:
        response.set_cookie("theme", theme, httponly=True, samesite="Lax")
    else:
        response.delete_cookie("theme")


def _log(response: Response) -> None:
    taken = (time.perf_counter() - g.arrived) * 1000
    asked = quote(request.full_path.removesuffix("?"), safe=PRINTABLE)
    sys.stdout.write(f"{request.method} {asked} {response.status_code} {taken:.0f} ms\n")
    sys.stdout.flush()


def _fail(app: Flask, error: Exception) -> tuple[str, int, dict[str, str]]:
    shown = _shown(error)
    if shown.code == 503 or not isinstance(error, HTTPException):
        app.logger.error("%s %s", request.method, request.path, exc_info=error)
    headers = {"retry-after": "5"} if shown.code == 503 else {}
    if request.path.startswith(MEDIA):
        return (
            f"{shown.code} {shown.name}\n",
            shown.code or 500,
            {"content-type": "text/plain; charset=utf-8"},
        )
    return render_template("error.html", error=shown), shown.code or 500, headers


def _shown(error: Exception) -> HTTPException:
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, psycopg.OperationalError):
        return ServiceUnavailable("The database is away. Please try again in a moment.")
    return InternalServerError()
