"""Bodies as a few curves: drawn in charcoal, painted along their length from shadow to light."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from maulstick.sandbox.content.brush import Array, Canvas, Colour, Paint, Point, spline, stroke

CHARCOAL = Paint((0.12, 0.10, 0.10), (0.24, 0.20, 0.18), thick=0.0, opaque=0.8, dry=0.3)
DUST = Paint((0.16, 0.13, 0.12), (0.26, 0.21, 0.18), thick=0.0, opaque=0.3, dry=0.75)
LAMP = np.array((-0.55, -0.83), np.float32)  # where the light comes from


@dataclass(frozen=True, slots=True)
class Form:
    """One limb or mass: a curve with half widths, both in fractions of the canvas's height."""

    curve: tuple[Point, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Flesh:
    """The colours that a body is painted with, from shadow to light, and what the shadows reflect."""

    shadow: Colour
    half: Colour
    light: Colour
    flare: Colour
    reflected: Colour


def moved(form: Form, x: float, y: float) -> Form:
    """Return the form elsewhere."""
    return Form(tuple((a + x, b + y) for a, b in form.curve), form.widths)


def section(form: Form, start: float, stop: float, *, aside: float = 0.0) -> tuple[Array, Array]:
    """Return a part of a form as a line and its half widths; `aside` of 1 and -1 are the form's two edges."""
    at = np.linspace(start, stop, 7, dtype=np.float32)
    line = spline(np.array(form.curve, np.float32), at)
    widths = spline(np.array(form.widths, np.float32)[:, None], at)
    return line + normals(line) * widths * aside, widths[:, 0]


def normals(line: Array) -> Array:
    """Return the unit normals of a line."""
    tangent = np.gradient(line, axis=0)
    tangent = tangent / np.maximum(np.hypot(tangent[:, :1], tangent[:, 1:]), 1e-6)
    turned: Array = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    return turned


def facing(form: Form, start: float, stop: float) -> float:
    """Return how far towards the lamp a part's normal points, -1..1."""
    line, _ = section(form, start, stop)
    return float((normals(line) @ LAMP).mean())


def touch(
    canvas: Canvas, form: Form, span: tuple[float, float], paint: Paint, *, width: float, aside: float = 0.0
) -> None:
    """Lay one stroke along a part of a form, its width a share of the form's."""
    line, widths = section(form, *span, aside=aside)
    stroke(canvas, line, widths * width, paint, wobble=0.15)


def draw(canvas: Canvas, forms: Iterable[Form], *, weight: float, loose: float) -> None:
    """Draw forms by their edges in charcoal, each line a little off by `loose`."""
    for form in forms:
        for side in (-1.0, 1.0):
            start, stop = canvas.random.uniform(-0.04, 0.15), canvas.random.uniform(0.8, 1.04)
            line, _ = section(form, start, stop, aside=side * canvas.random.uniform(0.85, 1.2))
            line = line + canvas.random.normal(0, loose, 2).astype(np.float32)
            stroke(canvas, line, (weight * 0.4, weight, weight * 0.3), CHARCOAL, wobble=0.3)


def smudge(canvas: Canvas, forms: Iterable[Form]) -> None:
    """Rub charcoal dust along forms, as a hand does that blocks in a shadow."""
    for form in forms:
        touch(canvas, form, (0.0, 1.0), DUST, width=1.2, aside=0.4)


def model(canvas: Canvas, form: Form, flesh: Flesh) -> None:
    """Paint a form from shadow to light in short strokes that overlap."""
    random = canvas.random
    for start in (0.0, 0.28, 0.6):
        paint = Paint(flesh.shadow, flesh.half, 0.35, 0.93, 0.2)
        touch(canvas, form, (start, min(1.0, start + 0.45)), paint, width=1.05, aside=random.normal(0, 0.06))
    touch(
        canvas,
        form,
        (0.1, 0.9),
        Paint(flesh.reflected, flesh.shadow, 0.3, 0.6, 0.6),
        width=0.22,
        aside=shade(form),
    )
    for start in (0.02, 0.22, 0.44, 0.68):
        span = (start, min(0.98, start + random.uniform(0.28, 0.4)))
        lit = facing(form, *span)
        paint = Paint(flesh.half, flesh.light, 0.6, 0.85, 0.45)
        touch(canvas, form, span, paint, width=0.3 + 0.3 * abs(lit), aside=lit * 0.4 + random.normal(0, 0.05))
    for start in (0.12, 0.5):
        span = (start, start + random.uniform(0.2, 0.33))
        paint = Paint(flesh.light, flesh.flare, 1.0, 0.95, 0.55)
        touch(canvas, form, span, paint, width=0.2, aside=facing(form, *span) * 0.62)


def shade(form: Form) -> float:
    """Return the place across a form where its shadow is reflected into."""
    return -0.75 if facing(form, 0.1, 0.9) > 0 else 0.75


def cut_in(canvas: Canvas, form: Form, paint: Paint, *, away: float) -> None:
    """Paint the ground up to a form, so that its edge is found from outside and lost here and there."""
    for side in (-1.0, 1.0):
        start = canvas.random.uniform(0, 0.4)
        span = (start, start + canvas.random.uniform(0.35, 0.6))
        touch(canvas, form, span, paint, width=away * 0.4, aside=side * (1.0 + away * 0.45))
