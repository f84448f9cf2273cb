"""A bucket's listing: a thousand objects for one request, and only those pages that are wanted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from maulstick.s3.client import problem
from maulstick.s3.wire import Reply, Wire

PAGE = 1000
"""Objects of one answer."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it."""

    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its objects, the last key or folder in it, and what asks for the next, None at the end."""

    objects: dict[str, Listed]
    last: str
    token: str | None


def under(wire: Wire, prefix: str) -> Iterator[Page]:
    """Return the pages of all objects whose keys begin with a prefix."""
    query = {"prefix": prefix}
    while True:
        page = _page(wire, query)
        yield page
        if page.token is None:
            return
        query["continuation-token"] = page.token


def among(wire: Wire, folder: str, keys: Iterable[str]) -> dict[str, Listed]:
    """Return those of the keys of a folder that are there.

    Each request begins at the first key that is not looked for yet, or goes on where the last one ended
    before it, so there are never more requests than a listing of the whole folder would take.
    """
    # Storages go by the bytes of UTF-8, Python by code points; their order is the same.
    wanted = set(keys)
    waiting, found = sorted(wanted), dict[str, Listed]()
    where = _just_before(waiting)
    while waiting:
        page = _page(wire, {"prefix": folder, "delimiter": "/", **where})
        found |= {key: listed for key, listed in page.objects.items() if key in wanted}
        if page.token is None:
            break
        passed = bisect_right(waiting, page.last)
        waiting = waiting[passed:]
        where = _just_before(waiting) if passed else {"continuation-token": page.token}
    return found


def _just_before(waiting: list[str]) -> dict[str, str]:
    """Return what makes a listing begin at the first key: behind it without its last character is near it."""
    return {"start-after": waiting[0][:-1]} if waiting else {}


def by_folder(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the keys by the folder that they are in; "" holds those without one."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(key[: key.rfind("/") + 1], []).append(key)
    return found


def _page(wire: Wire, query: dict[str, str]) -> Page:
    asked = {"list-type": "2", "encoding-type": "url", "max-keys": str(PAGE), **query}
    return parsed(wire, wire.require(wire.ask("GET", query=asked), "", "ListObjectsV2"), _read)


def parsed(wire: Wire, reply: Reply, read: Callable[[ElementTree.Element], T]) -> T:
    """Return what is read of an answer in XML; a problem where it is none."""
    try:
        root = ElementTree.fromstring(reply.body)  # noqa: S314 - it comes from the storage we trust with all
        return read(root)
    except (ElementTree.ParseError, ValueError, TypeError) as error:
        what = f"{wire.address.endpoint} answered a listing that cannot be read"
        raise problem(wire.address, "", what, "is it an S3 storage?") from error


def _read(root: ElementTree.Element) -> Page:
    space = root.tag[: root.tag.rfind("}") + 1]  # with the braces; some storages have none
    encoded = root.findtext(f"{space}EncodingType") == "url"
    objects, folders = {}, [""]
    for entry in root.iter(f"{space}Contents"):
        key, size, etag, modified = (
            entry.findtext(f"{space}{name}", "") for name in ("Key", "Size", "ETag", "LastModified")
        )
        listed = Listed(int(size), etag, datetime.fromisoformat(modified))
        objects[unquote_plus(key) if encoded else key] = listed
    for entry in root.iter(f"{space}CommonPrefixes"):
        folder = entry.findtext(f"{space}Prefix", "")
        folders.append(unquote_plus(folder) if encoded else folder)
    more = root.findtext(f"{space}IsTruncated") == "true"
    token = root.findtext(f"{space}NextContinuationToken") if more else None
    if more and not token:
        raise ValueError("there is more, and no word of how to ask for it")
    return Page(objects, max([*objects, *folders]), token)
