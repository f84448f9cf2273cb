"""A picture looked at before it is released: one that is not what its name says would break on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from maulstick.content import MediaFile
from maulstick.errors import Problem, refused
from maulstick.media_ends import has_end
from maulstick.media_kinds import HEAD, LENIENT, NAMED, kind_of
from maulstick.media_root import unreadable
from maulstick.room import Room

if TYPE_CHECKING:
    from PIL.Image import Image

MEMORY = 2 << 30
"""Bytes that pictures take while they are decoded, all that are decoded at once; none may take more."""
WEIGHT: Mapping[str, int] = {"JPEG": 6, "PNG": 8, "TIFF": 6, "GIF": 14, "WebP": 17, "AVIF": 16}
"""Bytes that a pixel takes while a picture of a kind is decoded, as measured; moving ones hold two frames."""
LONGEST = 4_000_000_000
"""Pixels of all frames of a picture that moves."""
TURNED = (5, 6, 7, 8)
"""Orientations in which a browser shows a picture with its sides exchanged (EXIF 2.3, tag 0x0112)."""
ORIENTATION = 0x0112

_decoding = Room(MEMORY)


def is_decoded(file: MediaFile) -> bool:
    """Tell whether a file is a picture that is decoded before it is released."""
    return NAMED.get(file.type) in WEIGHT


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
            if kind not in WEIGHT:
                return file
            if not has_end(kind, source):
                raise _wrong(file, "is broken: its end is missing")
            source.seek(0)
            width, height = _decoded(source, file, kind)
    except OSError as error:
        raise unreadable(file.path, error) from error
    return replace(file, width=width, height=height)


def _named(kind: str, file: MediaFile) -> str:
    if kind:
        return kind
    return "nothing known" if file.bytes else "empty"


def _decoded(source: BinaryIO, file: MediaFile, kind: str) -> tuple[int | None, int | None]:
    """Decode a picture to its end and return its sides as a browser shows them."""
    from PIL import Image, UnidentifiedImageError, features

    if kind == "AVIF" and not features.check("avif"):
        return None, None
    Image.MAX_IMAGE_PIXELS = None  # ours are looked at below; it would print a warning, and raise at another
    try:
        with Image.open(source) as image:
            width, height = image.size
            with _decoding.taken(_memory(image, file, kind)):
                turned = image.getexif().get(ORIENTATION) in TURNED  # a PNG is decoded for it
                image.draft("L", (1, 1))  # a JPEG is read to its end, without the memory for every pixel
                for frame in range(_frames(image)):
                    image.seek(frame)
                    image.load()
    except Problem:
        raise
    except UnidentifiedImageError as error:
        raise _wrong(file, "is broken: it cannot be decoded") from error
    except Exception as error:  # each format has its own, and a broken file brings out any
        raise _wrong(file, f"is broken: it does not decode to its end ({error})") from error
    return (height, width) if turned else (width, height)


def _memory(image: Image, file: MediaFile, kind: str) -> int:
    """Return the bytes that a picture takes while it is decoded; one that is too large is refused."""
    frames = _frames(image)
    largest = max(_pages(image, frames)) if kind == "TIFF" else image.width * image.height
    if largest * WEIGHT[kind] > MEMORY or largest * frames > LONGEST:
        times = f" in {frames} frames" if frames > 1 else ""
        what = f"has {image.width} × {image.height} pixels{times}, more than a page can show"
        raise _wrong(file, what)
    return largest * WEIGHT[kind]


def _frames(image: Image) -> int:
    return getattr(image, "n_frames", 1)


def _pages(image: Image, frames: int) -> Iterator[int]:
    """Return the pixels of each page of a TIFF: they have sizes of their own."""
    for frame in reversed(range(frames)):  # it ends at the first, which a browser shows
        image.seek(frame)
        yield image.width * image.height


def _wrong(file: MediaFile, what: str) -> Problem:
    return refused(f"media {file.path}", what, "export it again from where it was made, or correct its name")
