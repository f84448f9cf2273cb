"""Uploads in parts that nobody finished: what has arrived of them is paid for, and no listing shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from maulstick.errors import Problem
from maulstick.s3.listing import PAGE, parsed
from maulstick.s3.wire import Wire


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload in parts that has begun."""

    key: str
    id: str


def unfinished(wire: Wire, prefix: str = "") -> Iterator[Unfinished]:
    """Return the unfinished uploads of keys that begin with a prefix; a request brings a thousand."""
    # No encoding is asked for: there are storages that say they have encoded keys here, and have not.
    query = {"uploads": "", "max-uploads": str(PAGE), "prefix": prefix}
    while True:
        reply = wire.require(wire.ask("GET", query=query), "", "ListMultipartUploads")
        found, markers = parsed(wire, reply, _read)
        yield from found
        if not markers or markers.items() <= query.items():
            return
        query |= markers


def throw_away(wire: Wire, upload: Unfinished) -> None:
    """Throw away what arrived of an upload; what went wrong before is what a person should read."""
    with suppress(Problem):
        wire.ask("DELETE", upload.key, query={"uploadId": upload.id})


def _read(root: Element) -> tuple[list[Unfinished], dict[str, str]]:
    """Return the uploads of one answer, and what asks for the next, nothing at the end."""
    space = root.tag[: root.tag.rfind("}") + 1]
    found = [
        Unfinished(entry.findtext(f"{space}Key", ""), entry.findtext(f"{space}UploadId", ""))
        for entry in root.iter(f"{space}Upload")
    ]
    if root.findtext(f"{space}IsTruncated") != "true":
        return found, {}
    key, of = (root.findtext(f"{space}Next{name}Marker", "") for name in ("Key", "UploadId"))
    return found, {"key-marker": key, "upload-id-marker": of}
