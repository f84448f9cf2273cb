"""Pictures and recordings, streamed from the bucket under the keys that were asked for."""

from collections.abc import Iterator
from functools import cache

from flask import Response, abort, request
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from maulstick.sandbox.site.addresses import key
from maulstick.sandbox.site.settings import SiteSettings
from maulstick.sandbox.site.storage import SiteStorage

ASKED = ("range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
ANSWERED = (
    "content-type",
    "content-length",
    "content-range",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "etag",
    "last-modified",
    "accept-ranges",
)
PASSED_ON = (200, 206, 304, 412, 416)
CHUNK = 256 * 1024

storage = cache(SiteStorage)


def media(settings: SiteSettings) -> Response:
    """Answer `/media/<key>` as the bucket does: 404 if it has none, 502 if it does not answer properly."""
    if request.method not in ("GET", "HEAD"):
        abort(405)
    asked = key("/" + request.environ["PATH_INFO"].lstrip("/"))
    if asked is None:
        abort(400)
    answer = _ask(settings, asked)
    if answer.status not in PASSED_ON:
        answer.close()
        abort(404 if answer.status == 404 else 502)
    return _stream(answer)


def _ask(settings: SiteSettings, asked: str) -> BaseHTTPResponse:
    conditions = {name: request.headers[name] for name in ASKED if name in request.headers}
    try:
        return storage(settings.bucket).ask(request.method, asked, conditions)
    except HTTPError as error:
        abort(502, f"the storage does not answer ({type(error).__name__})")


def _stream(answer: BaseHTTPResponse) -> Response:
    headers = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
    response = Response(_body(answer), answer.status, headers, direct_passthrough=True)
    if "content-type" not in headers:  # Flask would call it a page.
        del response.headers["content-type"]
    response.call_on_close(answer.close)
    return response


def _body(answer: BaseHTTPResponse) -> Iterator[bytes]:
    yield from answer.stream(CHUNK, decode_content=False)
