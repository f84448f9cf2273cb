"""The Saltmarsh pictures: mud, reeds and rain seen from the sea wall."""

from __future__ import annotations

import math

from maulstick.sandbox.content.brush import Canvas, Colour, Paint, blank, stroke
from maulstick.sandbox.content.ground import fill, wash

GLOW: tuple[Colour, ...] = ((0.93, 0.82, 0.56), (0.88, 0.76, 0.56), (0.96, 0.90, 0.72), (0.80, 0.72, 0.62))
HIGH: tuple[Colour, ...] = ((0.62, 0.64, 0.64), (0.72, 0.71, 0.66), (0.54, 0.58, 0.61), (0.80, 0.76, 0.66))
MUD: tuple[Colour, ...] = ((0.42, 0.37, 0.33), (0.50, 0.44, 0.38), (0.34, 0.32, 0.31), (0.58, 0.51, 0.42))
VIOLET: tuple[Colour, ...] = ((0.40, 0.34, 0.42), (0.48, 0.42, 0.50), (0.33, 0.29, 0.36), (0.56, 0.50, 0.54))
REED: tuple[Colour, ...] = ((0.80, 0.74, 0.55), (0.88, 0.84, 0.70), (0.67, 0.58, 0.38), (0.93, 0.91, 0.82))
GREYGREEN: tuple[Colour, ...] = (
    (0.44, 0.48, 0.42),
    (0.52, 0.55, 0.48),
    (0.36, 0.41, 0.37),
    (0.60, 0.61, 0.55),
)
MILK: tuple[Colour, ...] = ((0.84, 0.84, 0.82), (0.77, 0.78, 0.78), (0.90, 0.89, 0.85), (0.70, 0.71, 0.73))
DARK = Paint((0.16, 0.15, 0.15), (0.28, 0.24, 0.21), 0.8, 0.95, 0.3)


def sluice(width: int, height: int) -> Canvas:
    """Paint Low Water at the Sluice: mud brighter than the sky, one dark upright."""
    canvas = blank(width, height, (0.70, 0.60, 0.44), seed=101)
    fill(canvas, (-0.1, 0.0, 1.45, 0.24), HIGH, 34, lean=0.06, width=0.035, reach=0.55)
    fill(canvas, (-0.1, 0.22, 1.45, 0.40), GLOW, 26, width=0.024, reach=0.6)
    fill(canvas, (-0.1, 0.405, 1.45, 0.445), MUD, 9, width=0.012, reach=0.5)
    fill(canvas, (-0.1, 0.46, 1.45, 1.03), MUD, 84, lean=-0.05, width=0.033, reach=0.45)
    for n in range(44):
        near = n / 44
        middle = 0.86 - 0.36 * near + 0.11 * math.sin(near * 8.0)
        half = (0.02 + 0.17 * near) * canvas.random.uniform(0.7, 1.15)
        x, y = middle + canvas.random.normal(0, 0.02 * near), 0.455 + 0.56 * near**1.3
        water = Paint(GLOW[n % 4], HIGH[n * 3 % 4] if n % 4 == 1 else GLOW[2], 0.8, 0.9, 0.4)
        stroke(
            canvas,
            ((x - half, y), (x, y + 0.004), (x + half, y)),
            (0.004 + 0.008 * near, 0.006 + 0.011 * near),
            water,
        )
    fill(canvas, (0.0, 0.60, 0.5, 0.98), GLOW, 8, width=0.005, reach=0.16, opaque=0.7)
    for x, low in ((0.235, 0.66), (0.315, 0.68)):
        stroke(canvas, ((x, 0.27), (x + 0.002, low)), (0.014, 0.015), DARK)
    stroke(canvas, ((0.20, 0.305), (0.35, 0.30)), (0.013, 0.012), DARK)
    stroke(
        canvas,
        ((0.275, 0.34), (0.277, 0.56)),
        (0.036, 0.034),
        Paint((0.22, 0.20, 0.19), (0.38, 0.30, 0.22), 0.7, 0.9, 0.4),
    )
    stroke(canvas, ((0.27, 0.70), (0.28, 0.90)), (0.045, 0.02), Paint(DARK.colour, MUD[0], 0.3, 0.5, 0.7))
    return canvas


def reeds(width: int, height: int) -> Canvas:
    """Paint Reed Bed, January: reeds scratched upright through grey green."""
    canvas = blank(width, height, (0.66, 0.66, 0.60), seed=102)
    fill(canvas, (-0.1, 0.0, 1.45, 0.34), MILK, 28, lean=-0.03, width=0.04, reach=0.55)
    fill(canvas, (-0.1, 0.33, 1.45, 0.38), GREYGREEN, 8, width=0.014, reach=0.5)
    fill(canvas, (-0.1, 0.40, 1.45, 1.02), GREYGREEN, 46, lean=0.03, width=0.036, reach=0.4)
    wash(canvas, (0.26, 0.28, 0.25), strength=0.45)
    for n in range(170):
        near = n / 170
        x, foot = canvas.random.uniform(-0.02, 1.36), 0.48 + 0.56 * near + canvas.random.normal(0, 0.02)
        tall, bend = (0.16 + 0.30 * near) * canvas.random.uniform(0.6, 1.1), canvas.random.normal(0.03, 0.03)
        hue = REED[canvas.random.integers(0, 4)]
        curve = ((x, foot), (x + bend * 0.2, foot - tall * 0.5), (x + bend, foot - tall))
        thin = 0.0012 + 0.0022 * near
        stroke(canvas, curve, (thin, thin, thin * 0.6), Paint(hue, hue, 0.9, 0.9, 0.25))
        if n % 3 == 0:
            plume = ((x + bend, foot - tall), (x + bend * 1.5, foot - tall - 0.03 - 0.02 * near))
            stroke(
                canvas,
                plume,
                (thin * 1.2, thin * 2.6, thin),
                Paint((0.45, 0.34, 0.26), REED[2], 0.9, 0.85, 0.3),
            )
    return canvas


def after_rain(width: int, height: int) -> Canvas:
    """Paint Marée basse: a violet bank, clearing rain, the far shore a single ochre line."""
    canvas = blank(width, height, (0.66, 0.62, 0.64), seed=103)
    fill(canvas, (-0.1, 0.0, 1.6, 0.46), MILK, 34, lean=0.1, width=0.045, reach=0.6)
    for n in range(24):
        x = canvas.random.uniform(0.2, 1.6)
        rain = Paint(VIOLET[n % 4], MILK[3], 0.3, 0.22, 0.7)
        stroke(canvas, ((x, -0.02), (x - 0.13, 0.22), (x - 0.24, 0.46)), (0.03, 0.035, 0.02), rain)
    stroke(
        canvas,
        ((0.30, 0.455), (0.85, 0.45), (1.55, 0.46)),
        (0.003, 0.008, 0.011),
        Paint((0.82, 0.60, 0.24), (0.72, 0.50, 0.22), 0.9, 0.95, 0.2),
    )
    fill(canvas, (-0.1, 0.48, 1.6, 0.66), MILK, 22, width=0.02, reach=0.6)
    fill(canvas, (-0.15, 0.60, 1.6, 1.04), VIOLET, 48, lean=0.16, width=0.04, reach=0.6)
    fill(
        canvas,
        (0.1, 0.74, 1.5, 1.0),
        (MILK[1], MILK[0], (0.72, 0.62, 0.60)),
        13,
        lean=0.12,
        width=0.009,
        reach=0.35,
    )
    return canvas
