"""What a file is by its first bytes, what its type says that it should be, and whether its end is there."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

HEAD = 1 << 18
"""Bytes at the start of a file that show what it is; comments may stand before a text's first tag."""

Fits = Callable[[bytes], bool]
Ends = Callable[[mmap], bool]

# Nothing in it is ever given back, so that a hostile text takes no longer than any other.
_BEFORE = rb"""(?xi) (?:\xef\xbb\xbf)?+ (?: \s++
    | <\?(?:[^?]++|\?(?!>))*+\?>
    | <!--(?:[^-]++|-(?!->))*+-->
    | <!DOCTYPE\s++(?!html)[^\["'>]++(?:"[^"]*+"[^\["'>]*+|'[^']*+'[^\["'>]*+)*+
      (?:\[(?:[^\]"'<]++|"[^"]*+"|'[^']*+'|<!--(?:[^-]++|-(?!->))*+-->|<(?!!--))*+\]\s*+)?+>
    )*+"""


def _begins(*starts: bytes) -> Fits:
    return lambda head: head.startswith(starts)


def _riff(form: bytes, *names: bytes) -> Fits:
    return lambda head: head[:4] in (b"RIFF", *names) and head[8:12] == form


def _brand(*brands: bytes) -> Fits:
    """Return what distinguishes formats made of boxes (ISO 14496-12): the brands that a file names."""
    return lambda head: head[4:8] == b"ftyp" and any(brand in head[8:64] for brand in brands)


def _is_text(first_tag: bytes) -> Fits:
    beginning = re.compile(_BEFORE + first_tag)
    return lambda head: beginning.match(_plain(head)) is not None


def _plain(head: bytes) -> bytes:
    """Return a text that says it is UTF-16 as UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head


KINDS: Mapping[str, Fits] = {
    "JPEG": _begins(b"\xff\xd8\xff"),
    "PNG": _begins(b"\x89PNG\r\n\x1a\n"),
    "GIF": _begins(b"GIF87a", b"GIF89a"),
    "WebP": _riff(b"WEBP"),
    "AVIF": _brand(b"avif", b"avis"),
    "HEIC": _brand(b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"),
    "TIFF": _begins(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "WAV": _riff(b"WAVE", b"RF64"),  # the same with sizes of 64 bits (EBU Tech 3306)
    "Ogg": _begins(b"OggS"),
    "WebM": _begins(b"\x1a\x45\xdf\xa3"),
    "JXL": _begins(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"),
    "BMP": lambda head: head[:2] == b"BM" and head[6:10] == b"\0\0\0\0",
    "ICO": _begins(b"\0\0\1\0"),
    "FLAC": _begins(b"fLaC"),
    "PDF": _begins(b"%PDF-"),
    "ZIP": _begins(b"PK\3\4", b"PK\5\6"),
    "gzip": _begins(b"\x1f\x8b"),
    "WOFF": _begins(b"wOFF"),
    "WOFF2": _begins(b"wOF2"),
    "SVG": _is_text(rb"<(?:[\w.-]++:)?+svg[\s>/]"),
    "HTML": _is_text(rb"<(?:!DOCTYPE\s++html|html|head|body|script)"),
    "XML": _is_text(rb"<[a-z]"),
    "MP3": lambda head: head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe2"),
    "MP4": lambda head: head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"),
}
"""What a file begins with, the first that fits; the mark of UTF-16 could begin an MP3 too."""

NAMED: Mapping[str, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/avif": "AVIF",
    "image/heic": "HEIC",
    "image/tiff": "TIFF",
    "image/heif": "HEIC",
    "image/apng": "PNG",
    "image/jxl": "JXL",
    "image/svg+xml": "SVG",
    "audio/wav": "WAV",
    "audio/ogg": "Ogg",
    "audio/mpeg": "MP3",
    "audio/mp4": "MP4",
    "audio/webm": "WebM",
    "video/mp4": "MP4",
    "video/quicktime": "MP4",
    "video/ogg": "Ogg",
    "video/webm": "WebM",
    "application/pdf": "PDF",
}
"""What a file of a type is; the bytes of other types show nothing."""
TYPED: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WebP": "image/webp",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "TIFF": "image/tiff",
    "JXL": "image/jxl",
    "BMP": "image/bmp",
    "ICO": "image/vnd.microsoft.icon",
    "SVG": "image/svg+xml",
    "WAV": "audio/wav",
    "FLAC": "audio/flac",
    "PDF": "application/pdf",
    "ZIP": "application/zip",
    "gzip": "application/gzip",
    "WOFF": "font/woff",
    "WOFF2": "font/woff2",
}
"""The type of what begins as a kind does; the others need more than their first bytes."""
PLAY: Mapping[str, tuple[bytes, str, str]] = {
    "Ogg": (b"theora", "video/ogg", "audio/ogg"),
    "WebM": (b"V_", "video/webm", "audio/webm"),
}
"""What stands in the head of a film, and its type; else that of a sound."""
SOUNDS = (b"M4A ", b"M4B ")
MPEG = (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")
"""What an MP3 begins with; the mark of a text in UTF-16 is near to it."""
LENIENT = ("MP3", "MP4")
"""Kinds that may begin in ways that nobody has listed."""


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes, such as `PNG`; empty where they do not show it."""
    return next((kind for kind, fits in KINDS.items() if fits(head)), "")


def type_in(head: bytes) -> str:
    """Return the type of a file by its first bytes, "" where they show none.

    Never that of a page or a script: who stores something under a name without an ending has not said that
    browsers shall run it.
    """
    kind = kind_of(head)
    if kind in PLAY:
        mark, film, sound = PLAY[kind]
        return film if mark in head else sound
    if kind == "MP4":
        return _boxed(head) if head[4:8] == b"ftyp" else ""
    if kind == "MP3":
        return "audio/mpeg" if head.startswith(MPEG) else ""
    return TYPED.get(kind, "") if kind else _written(head)


def has_end(kind: str, source: BinaryIO) -> bool:
    """Return whether a picture of a kind has its end, whatever follows it; True for kinds that mark none.

    A browser shows half of a picture, and a decoder may not mind.
    """
    ends = ENDS.get(kind)
    if ends is None:
        return True
    with mmap(source.fileno(), 0, access=ACCESS_READ) as content:
        return ends(content)


def _boxed(head: bytes) -> str:
    brand = head[8:12]
    return "audio/mp4" if brand in SOUNDS else "video/quicktime" if brand == b"qt  " else "video/mp4"


def _written(head: bytes) -> str:
    """Return the type of a text, "" for what is none; its last letter may be cut in two."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    if not text.strip() or any(letter < " " and letter not in "\t\n\r\f" for letter in text):
        return ""
    return "application/json" if len(head) < HEAD and _is_json(text) else "text/plain"


def _is_json(text: str) -> bool:
    try:
        return text.lstrip()[:1] in ("{", "[") and json.loads(text) is not None
    except (ValueError, RecursionError):
        return False


def _jpeg_ends(content: mmap) -> bool:
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


def _png_ends(content: mmap) -> bool:
    at = 8
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if content[at + 4 : at + 8] == b"IEND":
            return end <= len(content)
        at = end
    return False


def _gif_ends(content: mmap) -> bool:
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


def _riff_ends(content: mmap) -> bool:
    return 8 + int.from_bytes(content[4:8], "little") <= len(content)


def _boxes_ends(content: mmap) -> bool:
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
    "JPEG": _jpeg_ends,
    "PNG": _png_ends,
    "GIF": _gif_ends,
    "WebP": _riff_ends,
    "AVIF": _boxes_ends,
}
