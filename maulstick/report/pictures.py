"""Pictures of a report: thumbnails of files, and how much a page has changed between two screenshots."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SIDE = 360
"""Pixels of the longer side."""
QUALITY = 72
NOISE = 24
"""Levels of 256 by which two JPEGs of the same thing may differ."""
MARGIN = 200
"""Pixels that are shown above the first difference."""
MANY = 64 << 20
"""Pixels of the largest picture that is decoded for a report; a JPEG is not decoded whole."""


def thumbnail(path: Path) -> bytes:
    """Make a small JPEG of a picture; empty where it cannot be read."""
    from PIL import Image, ImageOps

    small = io.BytesIO()
    try:
        with Image.open(path) as image:
            if image.format != "JPEG" and _is_too_large(image):
                return b""
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded no larger than needed
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
            upright.save(small, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return b""
    return small.getvalue()


def changed_share(before: Path, after: bytes) -> float | None:
    """Measure how much of a screenshot differs from an earlier one, in percent; None where that is gone."""
    from PIL import Image, ImageChops

    try:
        with Image.open(before) as old, Image.open(io.BytesIO(after)) as new:
            if _is_too_large(old) or _is_too_large(new):
                return None
            size = (max(old.width, new.width), max(old.height, new.height))
            sides = [Image.new("L", size, 255) for _ in range(2)]
            for side, picture in zip(sides, (old, new), strict=True):
                side.paste(picture.convert("L"), (0, 0))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    differences = ImageChops.difference(*sides).point(lambda tone: 255 if tone > NOISE else 0)
    return round(100 * differences.histogram()[255] / (size[0] * size[1]), 2)


def first_difference(before: Path, after: Path, *, seen: int) -> int:
    """Return how far to scroll to where two pages first differ, in percent, in a window of `seen` pixels."""
    from PIL import Image, ImageChops

    try:
        with Image.open(before) as old, Image.open(after) as new:
            if _is_too_large(old) or _is_too_large(new):
                return 0
            size = (min(old.width, new.width), min(old.height, new.height))
            both = [picture.convert("L").crop((0, 0, *size)) for picture in (old, new)]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 0
    differences = ImageChops.difference(both[0], both[1]).point(lambda tone: 255 if tone > NOISE else 0)
    top = (differences.getbbox() or (0, size[1], 0, 0))[1]
    return min(100, round(100 * max(0, top - MARGIN) / max(1, size[1] - seen)))


def _is_too_large(image: Picture) -> bool:
    return image.width * image.height > MANY
