"""Whether a picture's file has its own end: a browser shows half of a picture, and a decoder may not mind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

Ends = Callable[[mmap], bool]


def has_end(kind: str, source: BinaryIO) -> bool:
    """Tell whether a picture of a kind has its end, whatever follows it; True for kinds that mark none."""
    ends = ENDS.get(kind)
    if ends is None:
        return True
    with mmap(source.fileno(), 0, access=ACCESS_READ) as content:
        return ends(content)


def _jpeg(content: mmap) -> bool:
    """Look for the mark of the end behind the first scan: a small picture before it has one of its own."""
    at = 2
    while content[at : at + 1] == b"\xff":
        marker = content[at + 1 : at + 2]
        if marker == b"\xda":
            return content.find(b"\xff\xd9", at) >= 0
        if marker == b"\xff":  # a mark may be preceded by as many as it likes
            at += 1
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return False


def _png(content: mmap) -> bool:
    at = 8
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if content[at + 4 : at + 8] == b"IEND":
            return end <= len(content)
        at = end
    return False


def _gif(content: mmap) -> bool:
    at = 13 + _colours(content[10:11])
    while at < len(content):
        begun = content[at]
        if begun == 0x3B:
            return True
        if begun not in (0x21, 0x2C):  # decoders look for the next block too
            at += 1
            continue
        at += 2 if begun == 0x21 else 11 + _colours(content[at + 9 : at + 10])
        while size := int.from_bytes(content[at : at + 1]):
            at += 1 + size
        at += 1
    return False


def _colours(packed: bytes) -> int:
    """Return the bytes of a GIF's table of colours."""
    flags = int.from_bytes(packed)
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _riff(content: mmap) -> bool:
    return 8 + int.from_bytes(content[4:8], "little") <= len(content)


def _boxes(content: mmap) -> bool:
    """Hold the boxes of ISO 14496-12 against the file; one of size 0 reaches to its end."""
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        if size < 8:
            return True
        at += size
    return at == len(content)


ENDS: Mapping[str, Ends] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WebP": _riff,
    "AVIF": _boxes,
}
