"""A bucket's listings: a thousand objects or unfinished uploads for one request, and no more than needed.

They are asked for over the wire: each release asks, also where nothing is to be sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError, fromstring

from maulstick.s3.client import problem

if TYPE_CHECKING:
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
class Unfinished:
    """An upload in parts that has begun, and that no listing of objects shows; what arrived is paid for."""

    key: str
    id: str


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One answer: its objects, the last key or folder in it, and what asks for the next, None at the end."""

    objects: dict[str, Listed]
    last: str
    token: str | None


def under(wire: Wire, prefix: str) -> Iterator[ListingPage]:
    """Yield the pages of all objects whose keys begin with a prefix."""
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
    waiting, objects = sorted(wanted), dict[str, Listed]()
    where = _just_before(waiting)
    while waiting:
        page = _page(wire, {"prefix": folder, "delimiter": "/", **where})
        objects |= {key: listed for key, listed in page.objects.items() if key in wanted}
        if page.token is None:
            break
        passed = bisect_right(waiting, page.last)
        waiting = waiting[passed:]
        where = _just_before(waiting) if passed else {"continuation-token": page.token}
    return objects


def _just_before(waiting: list[str]) -> dict[str, str]:
    """Return what makes a listing begin at the first key: behind it without its last character is near it."""
    return {"start-after": waiting[0][:-1]} if waiting else {}


def unfinished(wire: Wire, prefix: str = "") -> Iterator[Unfinished]:
    """Yield the unfinished uploads of keys that begin with a prefix."""
    # No encoding is asked for: there are storages that say they have encoded keys here, and have not.
    query = {"uploads": "", "max-uploads": str(PAGE), "prefix": prefix}
    while True:
        reply = wire.require(wire.ask("GET", query=query), "", "ListMultipartUploads")
        uploads, markers = parsed(wire, reply, _uploads_of)
        yield from uploads
        if not markers or markers.items() <= query.items():
            return
        query |= markers


def by_folder(keys: Iterable[str]) -> dict[str, list[str]]:
    """List the keys by the folder that they are in; "" holds those without one."""
    folders: dict[str, list[str]] = {}
    for key in keys:
        folders.setdefault(key[: key.rfind("/") + 1], []).append(key)
    return folders


def _page(wire: Wire, query: dict[str, str]) -> ListingPage:
    asked = {"list-type": "2", "encoding-type": "url", "max-keys": str(PAGE), **query}
    return parsed(wire, wire.require(wire.ask("GET", query=asked), "", "ListObjectsV2"), _page_of)


def parsed(wire: Wire, reply: Reply, read: Callable[[Element, str], T]) -> T:
    """Return what is read of an answer in XML; a problem where it is none."""
    try:
        root = fromstring(reply.body)  # noqa: S314 - from the storage we trust with all  # nosec B314
        return read(root, root.tag[: root.tag.rfind("}") + 1])  # some storages name no namespace
    except (ParseError, ValueError, TypeError) as error:
        what = f"{wire.address.endpoint} gave an answer that cannot be read"
        raise problem(wire.address, "", what, "is it an S3 storage?") from error


def _page_of(root: Element, space: str) -> ListingPage:
    unquoted = unquote_plus if root.findtext(f"{space}EncodingType") == "url" else str
    objects, folders = {}, [""]
    for entry in root.iter(f"{space}Contents"):
        key, size, etag, modified = (
            entry.findtext(f"{space}{name}", "") for name in ("Key", "Size", "ETag", "LastModified")
        )
        objects[unquoted(key)] = Listed(int(size), etag, datetime.fromisoformat(modified))
    for entry in root.iter(f"{space}CommonPrefixes"):
        folders.append(unquoted(entry.findtext(f"{space}Prefix", "")))
    more = root.findtext(f"{space}IsTruncated") == "true"
    token = root.findtext(f"{space}NextContinuationToken") if more else None
    if more and not token:
        raise ValueError("there is more, and no word of how to ask for it")
    return ListingPage(objects, max([*objects, *folders]), token)


def _uploads_of(root: Element, space: str) -> tuple[list[Unfinished], dict[str, str]]:
    """List the uploads of one answer, and what asks for the next, nothing at the end."""
    uploads = [
        Unfinished(entry.findtext(f"{space}Key", ""), entry.findtext(f"{space}UploadId", ""))
        for entry in root.iter(f"{space}Upload")
    ]
    if root.findtext(f"{space}IsTruncated") != "true":
        return uploads, {}
    key, number = (root.findtext(f"{space}Next{name}Marker", "") for name in ("Key", "UploadId"))
    return uploads, {"key-marker": key, "upload-id-marker": number}
