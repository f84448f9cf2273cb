"""The question to a picture that came with other bytes: is it the released one, packed anew on the way?"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from maulstick.media.formats import HEAD, kind_of
from maulstick.project.declarations import MediaFile

if TYPE_CHECKING:
    from PIL.Image import Image

MANY = 200_000_000
"""Pixels of the largest picture that is decoded for it."""
UNDECODED = ("AVIF", "HEIC")
"""Kinds that browsers know and this machine may not."""
SMALL = (16, 16)
SAME, OTHER = 16, 12.0
"""Of 255 steps a colour: the most by which two small copies of one picture differ in any place, and the
least by which those of two pictures differ in all places on the average."""
SLACK = 0.02
"""How much the shape of a picture may differ that was made smaller, by rounding."""


def likeness(body: bytes, file: MediaFile, original: Path | None) -> tuple[bool | None, str]:
    """Return whether bytes show the picture of a file, and in words; None where nobody can tell.

    `original` is where the released one lies on this machine.
    """
    says = f"has other bytes: {len(body)}, released were {file.bytes}"
    try:
        came = _decoded(BytesIO(body))
    except OverflowError:
        return None, says
    if came is None:
        return None if kind_of(body[:HEAD]) in UNDECODED else False, says
    (width, height), small = came
    if file.width and file.height and not _is_shape(width / height, file.width / file.height):
        return (
            False,
            f"is another picture: {width} × {height} pixels, released were {file.width} × {file.height}",
        )
    released = _of_file(original) if original else None
    if released is None:
        return None, f"{says}; they are a picture too, which a network may have packed anew"
    return _compared(small, released, says)


def is_part(body: bytes, original: Path | None) -> bool:
    """Tell whether bytes may show a part of a picture on this machine: its middle, or an end."""
    try:
        came, whole = _opened(BytesIO(body)), _opened(original) if original else None
    except OverflowError:
        return True
    if came is None or whole is None:
        return False
    width, height = whole.size
    wide = min(width, round(height * came.width / came.height))
    high = min(height, round(width * came.height / came.width))
    for place in (0.5, 0, 1):
        left, top = round((width - wide) * place), round((height - high) * place)
        cut = whole.crop((left, top, left + wide, top + high))
        if _compared(_small(came), _small(cut), "")[0] is not False:
            return True
    return False


def _compared(one: Image, other: Image, says: str) -> tuple[bool | None, str]:
    from PIL import ImageChops, ImageStat

    between = ImageChops.difference(one, other)
    most = max(high for _, high in ImageStat.Stat(between).extrema)
    if most <= SAME:
        return True, "the released picture, packed anew on the way"
    if max(ImageStat.Stat(between).mean) >= OTHER:
        return False, f"{says}, and is another picture"
    return None, f"{says}; it is much like the released picture"


def _is_shape(one: float, other: float) -> bool:
    return abs(one - other) <= SLACK * other


def _of_file(path: Path) -> Image | None:
    try:
        found = _decoded(path)
    except OverflowError:
        return None
    return found[1] if found else None


def _decoded(source: BinaryIO | Path) -> tuple[tuple[int, int], Image] | None:
    """Return the sides of a picture as a browser shows it and a small copy, None where it is broken."""
    found = _opened(source)
    return (found.size, _small(found)) if found else None


def _opened(source: BinaryIO | Path) -> Image | None:
    """Return a picture as a browser shows it on white, None where it is broken.

    Raises OverflowError for one that is too large to be decoded for this.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # looked at here
    try:
        with Image.open(source) as image:
            if image.width * image.height > MANY:
                raise OverflowError
            image.load()
            turned = ImageOps.exif_transpose(image)
            on_white = Image.new("RGBA", turned.size, "white")
            on_white.alpha_composite(turned.convert("RGBA"))
            return on_white.convert("RGB")
    except OverflowError:
        raise
    except Exception:  # each format has its own, and a broken file brings out any
        return None


def _small(image: Image) -> Image:
    from PIL import Image

    return image.resize(SMALL, Image.Resampling.BOX)
