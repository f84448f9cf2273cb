"""What lies under a picture: tone, scrubbed strokes, runs of thin paint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from maulstick.sandbox.content.brush import Array, Canvas, Colour, Paint, stroke

GOLDEN = 0.618034  # steps of it never fall where an earlier one fell, so an area fills evenly


def wash(canvas: Canvas, colour: Colour, *, strength: float, cells: int = 4) -> None:
    """Let a thin colour pool here and there."""
    pools = np.clip(clouds(canvas, cells) * 1.6 - 0.5, 0, 1)[:, :, None] * strength
    canvas.colour[:] = canvas.colour * (1 - pools) + np.array(colour, np.float32) * pools


def glow(
    canvas: Canvas, place: tuple[float, float], colour: Colour, *, reach: float, strength: float
) -> None:
    """Let light fall off around a place."""
    y, x = np.ogrid[: canvas.height, : canvas.width]
    far = ((x / canvas.height - place[0]) ** 2 + (y / canvas.height - place[1]) ** 2) / reach**2
    light = (np.exp(-far) * strength)[:, :, None].astype(np.float32)
    canvas.colour[:] = canvas.colour * (1 - light) + np.array(colour, np.float32) * light


def clouds(canvas: Canvas, cells: int) -> Array:
    """Return smooth noise over the canvas, 0..1, with so many cells from side to side."""
    coarse = Image.fromarray(canvas.random.random((cells, cells), np.float32))
    return np.asarray(coarse.resize((canvas.width, canvas.height), Image.Resampling.BICUBIC), np.float32)


def scrub(canvas: Canvas, colours: Sequence[Colour], count: int, *, lean: float, width: float) -> None:
    """Scrub a ground with broad dry strokes that lean one way."""
    wide = canvas.width / canvas.height
    for _ in range(count):
        x, y = canvas.random.uniform(-0.25, wide), canvas.random.uniform(-0.05, 1.05)
        reach, turn = canvas.random.uniform(0.2, 0.5), canvas.random.normal(lean, 0.4)
        first, second = canvas.random.integers(0, len(colours), 2)
        curve = ((x, y), (x + reach / 2, y + reach * turn / 2 + 0.03), (x + reach, y + reach * turn))
        half = width * canvas.random.uniform(0.4, 1.2)
        paint = Paint(colours[first], colours[second], 0.45, 0.5, 0.75)
        stroke(canvas, curve, (half, half * 1.1, half * 0.8), paint)


def fill(
    canvas: Canvas,
    area: tuple[float, float, float, float],
    colours: Sequence[Colour],
    count: int,
    *,
    lean: float = 0.0,
    width: float = 0.03,
    reach: float = 0.3,
    opaque: float = 0.85,
) -> None:
    """Cover an area (left, top, right, bottom) with strokes, from its top to its bottom."""
    left, top, right, bottom = area
    for n in range(count):
        y = top + (bottom - top) * n / count + canvas.random.normal(0, width * 0.3)
        x = left + max(0.0, right - left - reach * 0.8) * (n * GOLDEN % 1) + canvas.random.normal(0, 0.01)
        far = min(reach * canvas.random.uniform(0.6, 1.2), right - x)
        turn = canvas.random.normal(lean, 0.04) * far
        curve = ((x, y), (x + far / 2, y + turn / 2 + canvas.random.normal(0, 0.006)), (x + far, y + turn))
        first, second = canvas.random.integers(0, len(colours), 2)
        half = width * canvas.random.uniform(0.6, 1.2)
        stroke(
            canvas,
            curve,
            (half * 0.8, half, half * 0.8),
            Paint(colours[first], colours[second], 0.7, opaque, 0.45),
        )


def drip(canvas: Canvas, places: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Let thin paint run down from places, each run a little longer or shorter."""
    for x, y in places:
        length = canvas.random.uniform(0.05, 0.17)
        curve = ((x, y), (x + 0.001, y + length / 2), (x - 0.001, y + length))
        stroke(canvas, curve, (0.0016, 0.0014, 0.0024), Paint(colour, colour, 0.5, 0.55, 0.0), wobble=0.6)
