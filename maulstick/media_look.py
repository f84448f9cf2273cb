"""What a file is, by its own bytes: a picture that is not what its name says would break on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from maulstick.content import MediaFile
from maulstick.errors import Problem, refused
from maulstick.media_root import unreadable

HEAD = 1 << 14
"""Bytes at the start of a file that tell what it is."""
LARGEST = 300_000_000
"""Pixels of the largest picture that is decoded: about a gigabyte of memory."""
TURNED = (5, 6, 7, 8)
"""Orientations in which a browser shows a picture with its sides exchanged (EXIF 2.3, tag 0x0112)."""
ORIENTATION = 0x0112

Fits = Callable[[bytes], bool]


def _begins(*starts: bytes) -> Fits:
    return lambda head: head.startswith(starts)


def _riff(form: bytes) -> Fits:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _brand(*brands: bytes) -> Fits:
    """Return what tells formats apart that are boxes of ISO 14496-12: the brands that a file names."""
    return lambda head: head[4:8] == b"ftyp" and any(brand in head[8:64] for brand in brands)


def _is_text(pattern: bytes) -> Fits:
    found = re.compile(
        rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>|<!--.*?-->|\s)*" + pattern, re.DOTALL | re.IGNORECASE
    )
    return lambda head: found.match(head) is not None


KINDS: Mapping[str, Fits] = {
    "JPEG": _begins(b"\xff\xd8\xff"),
    "PNG": _begins(b"\x89PNG\r\n\x1a\n"),
    "GIF": _begins(b"GIF87a", b"GIF89a"),
    "WebP": _riff(b"WEBP"),
    "AVIF": _brand(b"avif", b"avis"),
    "HEIC": _brand(b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"),
    "TIFF": _begins(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "WAV": _riff(b"WAVE"),
    "Ogg": _begins(b"OggS"),
    "WebM": _begins(b"\x1a\x45\xdf\xa3"),
    "PDF": _begins(b"%PDF-"),
    "MP3": lambda head: head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe2"),
    "MP4": lambda head: head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"),
    "SVG": _is_text(rb"(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]"),
    "HTML": _is_text(rb"<(!DOCTYPE html|html|head|body|script)"),
    "XML": _is_text(rb"<[a-z]"),
}
"""What a file begins with, the first that fits."""

NAMED: Mapping[str, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/avif": "AVIF",
    "image/heic": "HEIC",
    "image/tiff": "TIFF",
    "image/svg+xml": "SVG",
    "audio/wav": "WAV",
    "audio/ogg": "Ogg",
    "audio/mpeg": "MP3",
    "audio/mp4": "MP4",
    "audio/webm": "WebM",
    "video/mp4": "MP4",
    "video/quicktime": "MP4",
    "video/webm": "WebM",
    "application/pdf": "PDF",
}
"""What a file of a type is; the bytes of other types tell nothing."""
LENIENT = ("MP3", "MP4")
"""Kinds that may begin in ways that nobody has listed."""
DECODED = ("JPEG", "PNG", "GIF", "WebP", "TIFF", "AVIF")
OPTIONAL = ("image/avif",)
"""Types that not every Pillow can decode."""


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes, such as `PNG`; empty where they do not tell."""
    return next((kind for kind, fits in KINDS.items() if fits(head)), "")


def is_decoded(file: MediaFile) -> bool:
    """Tell whether a file is a picture that is decoded before it is released."""
    return NAMED.get(file.type) in DECODED


def look(path: Path, file: MediaFile) -> MediaFile:
    """Return a file with its size in pixels, where it is a picture.

    Raises a problem (exit 3) where its bytes are not what its name says, or do not decode to the end.
    """
    wanted = NAMED.get(file.type)
    if wanted is None:
        return file
    try:
        with path.open("rb") as source:
            kind = kind_of(source.read(HEAD))
            if kind != wanted and (kind or wanted not in LENIENT or not file.bytes):
                raise _wrong(file, f"is {_named(kind, file)}, and its name says {wanted}")
            if kind not in DECODED:
                return file
            source.seek(0)
            width, height = _decoded(source, file)
    except OSError as error:
        raise unreadable(file.path, error) from error
    return replace(file, width=width, height=height)


def _named(kind: str, file: MediaFile) -> str:
    if kind:
        return kind
    return "nothing known" if file.bytes else "empty"


def _decoded(source: BinaryIO, file: MediaFile) -> tuple[int | None, int | None]:
    """Decode a picture to its end and return its sides as a browser shows them."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # ours is looked at below; it would print a warning, and raise at another
    try:
        with Image.open(source) as image:
            width, height = image.size
            if width * height > LARGEST:
                raise _wrong(file, f"has {width} × {height} pixels, more than a page can show")
            turned = image.getexif().get(ORIENTATION) in TURNED
            image.draft("L", (1, 1))  # a JPEG is read to its end, without the memory for every pixel
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                image.load()
    except UnidentifiedImageError as error:
        if file.type in OPTIONAL:
            return None, None
        raise _wrong(file, "is broken: it cannot be decoded") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _wrong(file, f"is broken: it does not decode to its end ({error})") from error
    return (height, width) if turned else (width, height)


def _wrong(file: MediaFile, what: str) -> Problem:
    return refused(f"media {file.path}", what, "export it again from where it was made, or correct its name")
