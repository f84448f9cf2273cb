"""A loaded brush: strokes whose bristles leave colour and relief on a canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Colour = tuple[float, float, float]
Point = tuple[float, float]

OVERSAMPLE = 1.42  # marks per pixel along and across: below the root of two, slanting strokes have pinholes


@dataclass(frozen=True, slots=True)
class Canvas:
    """Wet paint (height, width, 4: red, green, blue and relief) on a weave (height, width), all in 0..1."""

    paint: Array
    weave: Array
    random: np.random.Generator

    @property
    def colour(self) -> Array:
        """Return the colours (height, width, 3)."""
        return self.paint[:, :, :3]

    @property
    def relief(self) -> Array:
        """Return how high the paint stands (height, width)."""
        return self.paint[:, :, 3]

    @property
    def height(self) -> int:
        """Return the number of rows: lengths of strokes are fractions of it."""
        return int(self.paint.shape[0])

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return int(self.paint.shape[1])


@dataclass(frozen=True, slots=True)
class Paint:
    """What a brush is loaded with: two colours that streak, how thick, how opaque, how soon it runs dry."""

    colour: Colour
    streak: Colour
    thick: float = 0.5
    opaque: float = 0.95
    dry: float = 0.5


def blank(width: int, height: int, ground: Colour, seed: int) -> Canvas:
    """Return a canvas toned with a ground colour."""
    random = np.random.default_rng(seed)
    paint = np.empty((height, width, 4), np.float32)
    paint[:] = (*ground, 0.0)
    weave = random.random((height, width), np.float32) * 0.35 + threads(width, height) * 0.65
    return Canvas(paint, weave.astype(np.float32), random)


def threads(width: int, height: int) -> Array:
    """Return the plain weave of a canvas at one thread to three pixels."""
    across = np.sin(np.arange(width, dtype=np.float32) * 2.1)
    down = np.sin(np.arange(height, dtype=np.float32) * 2.1)
    woven: Array = (across[None, :] * down[:, None] * 0.5 + 0.5).astype(np.float32)
    return woven


def stroke(
    canvas: Canvas,
    points: Sequence[Point] | Array,
    widths: Sequence[float] | Array,
    paint: Paint,
    *,
    wobble: float = 0.1,
) -> None:
    """Drag a brush through points; points and half widths are fractions of the canvas's height."""
    path, normal, along = course(np.array(points, np.float32) * canvas.height)
    half = spline(np.array(widths, np.float32)[:, None], along)[:, 0].clip(0.0008) * canvas.height
    across = np.linspace(-1, 1, max(3, int(2 * half.max() * OVERSAMPLE)), dtype=np.float32)
    offset = (across + wave(canvas, len(along))[:, None] * wobble) * half[:, None]
    column, row = (path[:, axis, None] + normal[:, axis, None] * offset for axis in (0, 1))
    lay(canvas, column, row, across, along, paint)


def lay(canvas: Canvas, column: Array, row: Array, across: Array, along: Array, paint: Paint) -> None:
    """Leave paint where the bristles passed: less as they run dry, and then only on the weave's threads."""
    load = loads(canvas, len(across))
    left = (
        (load - 0.3 * np.abs(across) ** 6) - (paint.dry * along**1.5)[:, None] - ends(canvas, across, along)
    )
    seen = np.flatnonzero((left > -0.25) & inside(column, canvas.width) & inside(row, canvas.height))
    spot = (row.ravel()[seen] + 0.5).astype(np.intp) * canvas.width + (column.ravel()[seen] + 0.5).astype(
        np.intp
    )
    bristle = seen % len(across)
    hold = np.clip((left.ravel()[seen] - 0.45 * canvas.weave.ravel()[spot] + 0.25) * 3.5, 0, 1) * paint.opaque
    wet = canvas.paint.reshape(-1, 4)
    under = wet.take(spot, axis=0)
    fresh = dipped(canvas, across, load, paint).take(bristle, axis=0)
    wet[spot] = under + (fresh - under) * hold[:, None]  # where bristles meet the last one wins


def inside(place: Array, size: int) -> NDArray[np.bool_]:
    """Return which places round to a pixel of the canvas."""
    within: NDArray[np.bool_] = (place > -0.5) & (place < size - 0.5)
    return within


def dipped(canvas: Canvas, across: Array, load: Array, paint: Paint) -> Array:
    """Return what each bristle leaves: a colour between the two that the brush was dipped in, and a ridge."""
    streaks = np.clip(wave(canvas, len(across), rough=True) * 0.9 + 0.5, 0, 1)[:, None]
    left = np.empty((len(across), 4), np.float32)
    left[:, :3] = np.array(paint.colour) * (1 - streaks) + np.array(paint.streak) * streaks
    left[:, 3] = (load + 0.5 * np.abs(across) ** 8) * paint.thick
    return left


def ends(canvas: Canvas, across: Array, along: Array) -> Array:
    """Return how much less paint there is near the ragged, rounded ends of a stroke."""
    round_off = 0.5 * min(1.0, len(across) / len(along)) * (1 - np.sqrt(np.clip(1 - across**2, 0, 1)))
    ragged = round_off + canvas.random.random(len(across), np.float32) * 0.05
    near = np.minimum(along, 1 - along)[:, None]
    missing: Array = np.clip((ragged - near) * 30, 0, 2).astype(np.float32)
    return missing


def course(points: Array) -> tuple[Array, Array, Array]:
    """Return a smooth path through points: its places, their normals, and how far along each is, 0..1."""
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    along = np.linspace(0, 1, max(4, int(length * OVERSAMPLE)), dtype=np.float32)
    path = spline(points, along)
    tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-6)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    return path.astype(np.float32), normal.astype(np.float32), along


def spline(points: Array, along: Array) -> Array:
    """Return the Catmull-Rom curve through points at places 0..1 along it."""
    knots = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    place = along * (len(points) - 1)
    start = np.minimum(place.astype(np.int32), len(points) - 2)
    t = (place - start)[:, None]
    a, b, c, d = (knots[start + step] for step in range(4))
    curve: Array = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return curve


def loads(canvas: Canvas, bristles: int) -> Array:
    """Return how much paint each bristle carries, 0.3..1.2: clumps and single hairs."""
    clumps = wave(canvas, bristles, rough=True) * 0.35
    hairs = (canvas.random.random(bristles, np.float32) - 0.5) * 0.35
    return (hairs + clumps + 0.75).astype(np.float32)


def wave(canvas: Canvas, length: int, *, rough: bool = False) -> Array:
    """Return smooth noise in about -1..1."""
    knots = max(3, length // 6) if rough else 5
    values = canvas.random.uniform(-1, 1, knots)
    smooth: Array = np.interp(np.linspace(0, knots - 1, length), np.arange(knots), values).astype(np.float32)
    return smooth
