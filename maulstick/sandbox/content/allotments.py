"""The Winter Allotments pictures, production's own: canes, a shed, netting, a fire."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from maulstick.sandbox.content.brush import Canvas, Colour, Paint, Point, blank, stroke
from maulstick.sandbox.content.ground import fill, glow, wash

SNOW: tuple[Colour, ...] = ((0.85, 0.89, 0.94), (0.76, 0.82, 0.90), (0.92, 0.94, 0.95), (0.66, 0.73, 0.84))
DUSK: tuple[Colour, ...] = ((0.55, 0.57, 0.66), (0.66, 0.64, 0.69), (0.75, 0.70, 0.70), (0.48, 0.51, 0.61))
SOIL: tuple[Colour, ...] = ((0.33, 0.27, 0.23), (0.42, 0.35, 0.28), (0.26, 0.22, 0.21), (0.50, 0.44, 0.36))
TAR: tuple[Colour, ...] = ((0.15, 0.15, 0.17), (0.22, 0.21, 0.22), (0.11, 0.11, 0.13), (0.30, 0.28, 0.27))
NIGHT: tuple[Colour, ...] = ((0.17, 0.18, 0.22), (0.24, 0.24, 0.28), (0.13, 0.14, 0.18), (0.31, 0.29, 0.31))
OLIVE: tuple[Colour, ...] = ((0.40, 0.42, 0.33), (0.49, 0.50, 0.41), (0.33, 0.36, 0.31), (0.57, 0.57, 0.50))
CANE = Paint((0.86, 0.46, 0.16), (0.95, 0.66, 0.32), 1.0, 0.95, 0.2)
FROST = Paint((0.93, 0.95, 0.96), (0.76, 0.81, 0.86), 0.9, 0.8, 0.5)


def bean_rows(width: int, height: int) -> Canvas:
    """Paint Bean Rows under Snow: orange canes measuring a white field."""
    canvas = blank(width, height, (0.74, 0.78, 0.85), seed=201)
    fill(canvas, (-0.1, 0.0, 1.5, 0.28), DUSK, 34, lean=0.05, width=0.04, reach=0.6)
    fill(canvas, (-0.1, 0.27, 1.5, 0.31), NIGHT, 8, width=0.012, reach=0.4)
    fill(canvas, (-0.1, 0.34, 1.5, 1.03), SNOW, 70, lean=-0.08, width=0.04, reach=0.5)
    for x, y in ((-0.45, 1.10), (0.15, 1.12), (0.78, 1.15)):
        for n in range(13):
            near = (1 - n / 13) ** 1.7
            foot = (1.22 + (x - 1.22) * near, 0.33 + (y - 0.33) * near)
            tall, spread = 0.04 + 0.40 * near, 0.012 + 0.09 * near
            thin = 0.0014 + 0.0055 * near
            shade = ((foot[0], foot[1]), (foot[0] + tall * 0.5, foot[1] + tall * 0.12))
            stroke(canvas, shade, (thin * 1.6, thin), Paint((0.55, 0.58, 0.74), SNOW[3], 0.2, 0.7, 0.5))
            for lean in (-spread, spread):
                top = (foot[0] - lean * 0.25, foot[1] - tall)
                stroke(canvas, ((foot[0] + lean, foot[1]), top), (thin, thin * 0.8), CANE)
    return canvas


def blue_door(width: int, height: int) -> Canvas:
    """Paint Shed with a Blue Door: a leaning black block and one saturated note."""
    canvas = blank(width, height, (0.60, 0.58, 0.56), seed=202)
    fill(canvas, (-0.1, 0.0, 0.9, 0.62), DUSK, 40, lean=0.25, width=0.05, reach=0.4)
    fill(canvas, (-0.1, 0.66, 0.9, 1.03), SOIL, 34, lean=-0.03, width=0.03, reach=0.4)
    for n in range(13):
        x = 0.20 + n * 0.034
        board = ((x + 0.05, 0.30 - 0.006 * n), (x + 0.025, 0.50), (x, 0.715))
        stroke(canvas, board, (0.019, 0.02, 0.019), Paint(TAR[n % 4], TAR[(n + 1) % 4], 0.9, 0.97, 0.15))
    roof = Paint((0.42, 0.40, 0.42), (0.62, 0.60, 0.60), 0.9, 0.95, 0.3)
    stroke(canvas, ((0.19, 0.315), (0.45, 0.255), (0.73, 0.215)), (0.02, 0.024, 0.02), roof)
    for n in range(5):
        x, hue = 0.345 + n * 0.023, (0.16 + 0.03 * (n % 3), 0.32 + 0.05 * (n % 2), 0.60 + 0.05 * (n % 3))
        stroke(
            canvas,
            ((x + 0.02, 0.41), (x, 0.70)),
            (0.013, 0.013),
            Paint(hue, (0.32, 0.52, 0.82), 0.9, 0.97, 0.15),
        )
    stroke(canvas, ((0.452, 0.55), (0.455, 0.565)), (0.006, 0.006), FROST)
    stroke(
        canvas,
        ((0.37, 0.76), (0.42, 0.85), (0.38, 0.98)),
        (0.03, 0.04, 0.06),
        Paint((0.30, 0.36, 0.50), SOIL[1], 0.4, 0.5, 0.6),
    )
    fill(
        canvas,
        (0.0, 0.72, 0.8, 0.98),
        ((0.80, 0.82, 0.84), (0.66, 0.68, 0.72)),
        12,
        width=0.008,
        reach=0.16,
        opaque=0.8,
    )
    return canvas


def netting(width: int, height: int) -> Canvas:
    """Paint Netting, First Frost: white arcs falling over bent hoops."""
    canvas = blank(width, height, (0.42, 0.44, 0.38), seed=203)
    fill(canvas, (-0.1, 0.0, 0.9, 0.36), DUSK, 30, lean=-0.1, width=0.045, reach=0.4)
    fill(canvas, (-0.1, 0.37, 0.9, 1.03), OLIVE, 50, lean=0.05, width=0.035, reach=0.35)
    wash(canvas, (0.20, 0.23, 0.22), strength=0.5)
    hoops = [hoop(0.05 + 0.13 * n, 0.84 + 0.035 * n, 0.40 - 0.035 * n) for n in range(5)]
    for line in hoops:
        stroke(
            canvas,
            line,
            (0.0045, 0.005, 0.0045),
            Paint((0.15, 0.17, 0.16), (0.34, 0.34, 0.30), 0.8, 0.95, 0.2),
        )
    for first, second in itertools.pairwise(hoops):
        net(canvas, first, second)
    fill(
        canvas,
        (0.0, 0.86, 0.8, 1.0),
        ((0.90, 0.93, 0.95), (0.74, 0.79, 0.83)),
        10,
        width=0.01,
        reach=0.22,
        opaque=0.7,
    )
    return canvas


def hoop(x: float, y: float, tall: float) -> list[Point]:
    """Return a bent hoop with its left foot at a place."""
    return [
        (x - tall * 0.38 * math.cos(a * math.pi / 8), y - tall * math.sin(a * math.pi / 8)) for a in range(9)
    ]


def net(canvas: Canvas, first: Sequence[Point], second: Sequence[Point]) -> None:
    """Hang a torn net between two hoops: threads that sag from one to the other, and threads across them."""
    for n in range(24):
        at = canvas.random.uniform(0.03, 0.97) * (len(first) - 1)
        a, b = between(first, at), between(second, at + canvas.random.normal(0, 0.15))
        sag = canvas.random.uniform(0.01, 0.06)
        thread = (a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + sag), b)
        stroke(canvas, thread, (0.0009, 0.0016, 0.0009), FROST)
        if n % 2:
            share = n / 24
            row = [
                (p[0] * (1 - share) + q[0] * share, p[1] * (1 - share) + q[1] * share + 0.03)
                for p, q in zip(first, second, strict=True)
            ]
            stroke(canvas, row, (0.0008, 0.0014, 0.0008), FROST)


def between(line: Sequence[Point], at: float) -> Point:
    """Return the place on a line at a fractional index."""
    index = min(max(int(at), 0), len(line) - 2)
    share, (a, b), (c, d) = at - index, line[index], line[index + 1]
    return (a + (c - a) * share, b + (d - b) * share)


def bonfire(width: int, height: int) -> Canvas:
    """Paint Bonfire, Plot 23: a small fire and a tall smoke."""
    canvas = blank(width, height, (0.22, 0.21, 0.24), seed=204)
    fill(canvas, (-0.1, 0.0, 1.35, 0.64), NIGHT, 60, lean=0.08, width=0.05, reach=0.5)
    fill(
        canvas, (-0.1, 0.60, 1.35, 0.66), ((0.42, 0.32, 0.30), (0.34, 0.27, 0.29)), 8, width=0.014, reach=0.5
    )
    fill(canvas, (-0.1, 0.68, 1.35, 1.03), SOIL, 34, lean=-0.04, width=0.03, reach=0.45)
    wash(canvas, (0.08, 0.08, 0.10), strength=0.5)
    glow(canvas, (0.60, 0.76), (0.80, 0.36, 0.12), reach=0.22, strength=0.75)
    smoke(canvas)
    flames(canvas)
    fill(
        canvas,
        (0.36, 0.80, 0.86, 0.92),
        ((0.72, 0.36, 0.14), (0.52, 0.28, 0.16), (0.86, 0.52, 0.22)),
        12,
        width=0.009,
        reach=0.2,
        opaque=0.75,
    )
    return canvas


def smoke(canvas: Canvas) -> None:
    """Let smoke rise from the fire and widen."""
    for _ in range(26):
        rise, sway = canvas.random.uniform(0, 0.75), canvas.random.normal(0, 0.03)
        x, grey = 0.60 + sway * 0.7, canvas.random.uniform(0.40, 0.68)
        thin = Paint((grey, grey * 0.96, grey * 0.98), (grey * 0.66, grey * 0.6, grey * 0.64), 0.5, 0.3, 0.9)
        low, wide = 0.74 - rise, 0.012 + 0.05 * rise
        puff = (
            (x, low),
            (x + 0.02, low - 0.10),
            (x - 0.012 + sway, low - 0.20),
            (x + 0.03 + sway, low - 0.32),
        )
        stroke(canvas, puff, (wide, wide * 1.3, wide * 1.6, wide * 1.9), thin)


def flames(canvas: Canvas) -> None:
    """Paint the fire from its red edge to its yellow heart."""
    for n in range(60):
        heat = n / 60
        x, tall = (
            0.60 + canvas.random.normal(0, 0.055 * (1.15 - heat)),
            (0.16 - 0.10 * heat) * canvas.random.uniform(0.5, 1.3),
        )
        flame = Paint(
            (0.93 + 0.06 * heat, 0.30 + 0.60 * heat, 0.08 + 0.5 * heat**2),
            (0.90, 0.36 + 0.3 * heat, 0.10),
            1.0,
            0.85,
            0.6,
        )
        lick, foot = canvas.random.normal(0, 0.012), 0.80 + canvas.random.normal(0, 0.008)
        tip = x + (0.60 - x) * 0.5 + lick
        stroke(
            canvas,
            ((x, foot), (x + lick * 1.5, foot - tall * 0.5), (tip, foot - tall)),
            (0.009, 0.010, 0.006, 0.001),
            flame,
        )
