"""The desk as a WSGI application: it reads, asks commands that change nothing, and keeps decisions."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, Response
from jinja2 import ChoiceLoader, PackageLoader
from werkzeug.exceptions import HTTPException

from maulstick.cli.desk import dispute
from maulstick.cli.desk.guard import Guard
from maulstick.cli.desk.pictures import is_picture
from maulstick.diffs import is_long
from maulstick.errors import Problem
from maulstick.report import page_filters
from maulstick.report.verdict import key_line
from maulstick.text import amount, printable, size_text

if TYPE_CHECKING:
    from maulstick.cli.desk.views import Pages


def application(pages: Pages, guard: Guard) -> Flask:
    """Serve the pages; who may ask for them is the guard's to say."""
    app = Flask(__name__, static_folder=None)
    app.jinja_options = {"finalize": lambda value: printable(value) if isinstance(value, str) else value}
    packages = ("maulstick.cli.desk", "maulstick.report")
    app.jinja_loader = ChoiceLoader([PackageLoader(name, "pages") for name in packages])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        is_picture=is_picture,
        key=key_line,
        key_text=dispute.key_text,
        amount=amount,
        size=size_text,
        when=page_filters.date_text,
        print=dispute.print_of,
        media_action=page_filters.media_action,
        file_title=page_filters.file_title,
    )
    app.jinja_env.globals.update(
        is_long=is_long,
        near_changes=page_filters.near_changes,
        groups=page_filters.change_groups,
        root=pages.root,
        target=pages.desk.target,
        query=urlencode,
    )
    guard.watch(app)
    _serve(app, pages)
    app.register_error_handler(HTTPException, _plain)
    app.register_error_handler(Problem, lambda problem: Response(f"{problem}\n", 409, mimetype="text/plain"))
    return app


def _serve(app: Flask, pages: Pages) -> None:
    """Give the pages their addresses."""
    for rule, view in (
        ("", pages.overview),
        ("subject", pages.subject),
        ("history", pages.history),
        ("storage", pages.storage),
        ("picture", pages.picture),
        ("desk.css", _style),
        ("desk.svg", _icon),
    ):
        app.add_url_rule(f"{pages.root}{rule}", rule or "overview", view)
    for rule, act in (("ask", pages.ask_again), ("decide", pages.decide)):
        app.add_url_rule(f"{pages.root}{rule}", rule, act, methods=["POST"])


def _style() -> Response:
    """Return the look of our reports, and what the desk adds to it."""
    sheets = (("maulstick.report", "report.css"), ("maulstick.cli.desk", "desk.css"))
    return Response("\n".join(_text(*one) for one in sheets), mimetype="text/css")


def _icon() -> Response:
    return Response(_text("maulstick.cli.desk", "desk.svg"), mimetype="image/svg+xml")


@cache
def _text(package: str, name: str) -> str:
    return (files(package) / "pages" / name).read_text("utf-8")


def _plain(error: HTTPException) -> Response:
    says = error.description if isinstance(error.description, str) else error.name
    return Response(f"{error.code} {error.name}: {says}\n", error.code, mimetype="text/plain")
