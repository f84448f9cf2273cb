"""A picture looked at before it is released: one that is not what its name says would break on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from maulstick.errors import Problem, refused
from maulstick.files import unreadable
from maulstick.media.content_types import UNKNOWN, has_ending, plain_type, type_of
from maulstick.media.formats import HEAD, LENIENT, NAMED, has_end, kind_of, type_in
from maulstick.opened import open_file
from maulstick.project.declarations import MediaFile
from maulstick.s3.memory import SharedMemory

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

HOLDING = ("", "ZIP", "gzip", "XML", "HTML", "TIFF", "MP4", "Ogg", "WebM")
"""Kinds that hold files of many types: whoever names one of those knows more than the first bytes show."""

_decoding = SharedMemory(MEMORY)


def is_decoded(file: MediaFile) -> bool:
    """Return whether a file is a picture that is decoded before it is released."""
    return NAMED.get(file.type) in WEIGHT


def look(path: Path, file: MediaFile, *, said: str = "", before: MediaFile | None = None) -> MediaFile:
    """Return a file with its type, and with its size in pixels where it is a picture.

    `said` is the type that a row gives it, `before` the same content as it was decoded before. Raises a
    problem (exit 3) where its bytes are not what its name says, or do not decode to the end.
    """
    try:
        with open_file(path) as source:
            head = source.read(HEAD)
            file = replace(file, type=_type(file, head, said))
            kind = kind_of(head)
            if kind not in WEIGHT or NAMED.get(file.type) != kind:
                return file
            if before is not None:
                return replace(file, width=before.width, height=before.height)
            return _measured(source, file, kind)
    except OSError as error:
        raise unreadable(file.path, error) from error


def agrees(head: bytes, said: str) -> bool:
    """Return whether a file may be of the type that somebody says: its first bytes do not say otherwise."""
    kind, wanted = kind_of(head), NAMED.get(plain_type(said))
    if wanted is not None:
        return kind == wanted or (not kind and wanted in LENIENT)
    return kind in HOLDING


def _type(file: MediaFile, head: bytes, said: str) -> str:
    """Return the type of a file: by its name, which must be true, and where that does not say, as a row says.

    What is said counts too where the name leaves it open, as `.webm` does between a film and a sound; where
    nobody says anything the content decides.
    """
    by_name, given = type_of(file.key), plain_type(said)
    kind, wanted = kind_of(head), NAMED.get(by_name)
    if wanted is not None and kind != wanted and (kind or wanted not in LENIENT or not file.bytes):
        shows = kind or ("nothing known" if file.bytes else "empty")
        raise _wrong(file, f"is {shows}, and its name says {wanted}")
    is_open = by_name == UNKNOWN or (wanted is not None and NAMED.get(given) == wanted)
    if is_open and given not in ("", UNKNOWN) and agrees(head, given):
        return given
    if by_name != UNKNOWN or (kind == "TIFF" and has_ending(file.key)):  # raw pictures of cameras are TIFF
        return by_name
    return type_in(head) or UNKNOWN


def _measured(source: BinaryIO, file: MediaFile, kind: str) -> MediaFile:
    """Return a picture with its size; under an ending that says nothing it need not be one."""
    try:
        if not has_end(kind, source):
            raise _wrong(file, "is broken: its end is missing")
        source.seek(0)
        width, height = _decoded(source, file, kind)
    except Problem:
        if type_of(file.key) == UNKNOWN and has_ending(file.key):
            return replace(file, type=UNKNOWN)
        raise
    return replace(file, width=width, height=height)


def _decoded(source: BinaryIO, file: MediaFile, kind: str) -> tuple[int | None, int | None]:
    """Decode a picture to its end and return its sides as a browser shows them."""
    from PIL import Image, UnidentifiedImageError, features

    if kind == "AVIF" and not features.check("avif"):
        return None, None
    Image.MAX_IMAGE_PIXELS = None  # ours are looked at below; it would print a warning, and raise at another
    try:
        with Image.open(source) as image:
            width, height = image.size
            with _decoding.held(_memory(image, file, kind)):
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
    """Count how many frames a browser shows; of a JPEG of several pictures, as cameras write, the first."""
    return 1 if image.format in ("JPEG", "MPO") else getattr(image, "n_frames", 1)


def _pages(image: Image, frames: int) -> Iterator[int]:
    """Yield the pixels of each page of a TIFF: they have sizes of their own."""
    for frame in reversed(range(frames)):  # it ends at the first, which a browser shows
        image.seek(frame)
        yield image.width * image.height


def _wrong(file: MediaFile, what: str) -> Problem:
    return refused(f"media {file.path}", what, "export it again from where it was made, or correct its name")
