"""Untruths that the site tells when a file says so, so that tests can see whether a proof notices."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

Lie = Mapping[str, Any]
Application = Callable[[Any, Any], Iterable[bytes]]


def lying(app: Application, file: Path) -> Application:
    """Return an application that tells the lies of a JSON file: a list, read anew for each request.

    A lie is `{"path": …, "lie": …}`, with what its kind takes below, and `times` where it is told so often
    only. `/health` is always true.
    """
    told: Counter[str] = Counter()

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        path = Request(environ).path
        for lie in _lies(file):
            name = json.dumps(lie, sort_keys=True)
            if lie["path"] == path and told[name] < lie.get("times", told[name] + 1):
                told[name] += 1
                return LIES[lie["lie"]](app, environ, lie)(environ, start_response)
        return app(environ, start_response)

    return answer


def tell(file: Path, *lies: Lie) -> None:
    """Make the site of a file tell these lies from now on, and no others."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(lies), encoding="utf-8")
    fresh.replace(file)


def _lies(file: Path) -> list[Lie]:
    try:
        found: list[Lie] = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return []
    return found


def _status(app: Application, environ: Any, lie: Lie) -> Response:
    return Response("no\n", lie["status"], content_type="text/plain")


def _other_text(app: Application, environ: Any, lie: Lie) -> Response:
    response = Response.from_app(app, environ, buffered=True)
    response.set_data(response.get_data(as_text=True).replace(lie["old"], lie["new"]))
    return response


def _swapped_texts(app: Application, environ: Any, lie: Lie) -> Response:
    response = Response.from_app(app, environ, buffered=True)
    parts = response.get_data(as_text=True).split(lie["one"])
    response.set_data(lie["other"].join(part.replace(lie["other"], lie["one"]) for part in parts))
    return response


def _half(app: Application, environ: Any, lie: Lie) -> Response:
    response = Response.from_app(app, environ, buffered=True)
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    return response


def _other_type(app: Application, environ: Any, lie: Lie) -> Response:
    response = Response.from_app(app, environ, buffered=True)
    response.headers["content-type"] = lie["type"]
    return response


def _page_instead(app: Application, environ: Any, lie: Lie) -> Response:
    return Response("<!doctype html><title>Sign in</title><p>Please sign in.", content_type="text/html")


def _circle(app: Application, environ: Any, lie: Lie) -> Response:
    return Response(status=302, headers={"location": lie["path"]})


def _late(app: Application, environ: Any, lie: Lie) -> Response:
    time.sleep(lie["seconds"])
    return Response.from_app(app, environ)


LIES: Mapping[str, Callable[[Application, Any, Lie], Response]] = {
    "status": _status,
    "other text": _other_text,
    "swapped texts": _swapped_texts,
    "half": _half,
    "other type": _other_type,
    "page instead": _page_instead,
    "circle": _circle,
    "late": _late,
}
"""Kinds of lies; `status`, `old` and `new`, `one` and `other`, `type` and `seconds` are what they take."""
