"""The pictures of rooms with the light left on."""

from __future__ import annotations

from maulstick.sandbox.content.brush import Canvas, Colour, Paint, blank, stroke
from maulstick.sandbox.content.ground import fill, glow, wash

BROWN: tuple[Colour, ...] = ((0.20, 0.15, 0.13), (0.27, 0.20, 0.16), (0.15, 0.12, 0.12), (0.33, 0.25, 0.18))
BLUE: tuple[Colour, ...] = ((0.18, 0.32, 0.50), (0.26, 0.43, 0.60), (0.13, 0.23, 0.38), (0.42, 0.57, 0.68))
LAMP: tuple[Colour, ...] = ((0.97, 0.79, 0.40), (0.99, 0.89, 0.60), (0.90, 0.62, 0.24), (1.00, 0.95, 0.78))
WOOD: tuple[Colour, ...] = ((0.48, 0.30, 0.17), (0.60, 0.40, 0.22), (0.38, 0.23, 0.14), (0.72, 0.52, 0.29))
PLUM: tuple[Colour, ...] = ((0.24, 0.15, 0.22), (0.31, 0.20, 0.28), (0.17, 0.11, 0.17), (0.39, 0.27, 0.33))
WALL: tuple[Colour, ...] = ((0.62, 0.46, 0.28), (0.72, 0.56, 0.34), (0.52, 0.37, 0.23), (0.80, 0.65, 0.42))


def halo(canvas: Canvas, x: float, y: float, reach: float) -> None:
    """Let lamplight fall off around a place, the last of it in dry strokes."""
    glow(canvas, (x, y), (0.93, 0.64, 0.27), reach=reach, strength=0.8)
    for n in range(22):
        far = reach * (1.2 - n / 22)
        dx, dy = canvas.random.normal(0, 0.6, 2) * far
        paint = Paint(LAMP[n % 3], (0.72, 0.47, 0.20), 0.5, 0.12 + 0.25 * n / 22, 0.9)
        curve = ((x + dx - 0.08, y + dy), (x + dx, y + dy - 0.012), (x + dx + 0.08, y + dy + 0.01))
        stroke(canvas, curve, (0.016, 0.024, 0.02), paint)


def kitchen(width: int, height: int) -> Canvas:
    """Paint Kitchen before Six: a warm lamp and a cold window."""
    canvas = blank(width, height, (0.22, 0.17, 0.15), seed=301)
    fill(canvas, (-0.1, 0.0, 1.1, 1.02), BROWN, 60, lean=0.2, width=0.05, reach=0.4)
    wash(canvas, (0.07, 0.06, 0.07), strength=0.6)
    fill(canvas, (0.60, 0.14, 0.905, 0.48), BLUE, 26, width=0.02, reach=0.37, opaque=0.97)
    for line in (
        ((0.595, 0.12), (0.597, 0.49)),
        ((0.75, 0.12), (0.752, 0.48)),
        ((0.905, 0.12), (0.905, 0.49)),
        ((0.585, 0.12), (0.915, 0.118)),
        ((0.59, 0.30), (0.91, 0.302)),
        ((0.57, 0.49), (0.93, 0.492)),
    ):
        stroke(
            canvas, line, (0.009, 0.01, 0.009), Paint((0.34, 0.33, 0.34), (0.52, 0.55, 0.58), 0.9, 0.95, 0.2)
        )
    halo(canvas, 0.30, 0.50, 0.24)
    fill(canvas, (0.02, 0.68, 0.86, 0.77), WOOD, 13, lean=0.03, width=0.02, reach=0.5, opaque=0.95)
    for x in (0.10, 0.76):
        stroke(canvas, ((x, 0.78), (x + 0.01, 1.02)), (0.02, 0.017), Paint(WOOD[2], BROWN[0], 0.7, 0.95, 0.3))
    stroke(canvas, ((0.30, 0.665), (0.302, 0.53)), (0.011, 0.009), Paint(WOOD[2], LAMP[2], 0.8, 0.95, 0.2))
    for n in range(7):
        x = 0.225 + n * 0.025
        stroke(
            canvas,
            ((x + (0.30 - x) * 0.45, 0.40), (x, 0.53)),
            (0.011, 0.018),
            Paint(LAMP[n % 4], LAMP[3], 1.0, 0.97, 0.1),
        )
    fill(canvas, (0.16, 0.665, 0.50, 0.715), LAMP, 7, width=0.01, reach=0.22, opaque=0.85)
    stroke(
        canvas,
        ((0.53, 0.60), (0.53, 0.675)),
        (0.03, 0.026),
        Paint((0.72, 0.74, 0.74), LAMP[0], 0.9, 0.95, 0.2),
    )
    return canvas


def stairwell(width: int, height: int) -> Canvas:
    """Paint Stairwell with Yellow Door: treads that narrow to a lit rectangle."""
    canvas = blank(width, height, (0.24, 0.16, 0.22), seed=302)
    fill(canvas, (-0.1, 0.0, 0.85, 1.02), PLUM, 50, lean=0.5, width=0.05, reach=0.35)
    wash(canvas, (0.06, 0.04, 0.07), strength=0.6)
    for n in range(11):
        near = (n / 10) ** 1.5
        y, half = 0.46 + 0.56 * near, 0.09 + 0.30 * near
        tread = ((0.36 - half, y), (0.36 + half, y + 0.004))
        thick = 0.006 + 0.022 * near
        light = tuple(
            0.62 * (1 - near) * warm + cold for warm, cold in ((1.0, 0.26), (0.78, 0.18), (0.36, 0.20))
        )
        stroke(canvas, tread, (thick, thick), Paint((light[0], light[1], light[2]), PLUM[3], 0.7, 0.9, 0.25))
    glow(canvas, (0.36, 0.44), (0.80, 0.55, 0.20), reach=0.16, strength=0.55)
    for n in range(6):
        x = 0.295 + n * 0.026
        stroke(
            canvas,
            ((x, 0.185), (x + 0.002, 0.43)),
            (0.014, 0.014),
            Paint(LAMP[2 * (n % 2)], LAMP[0], 0.8, 0.97, 0.1),
        )
    stroke(canvas, ((0.27, 0.445), (0.45, 0.447)), (0.009, 0.009), Paint(LAMP[3], LAMP[1], 1.0, 1.0, 0.0))
    stroke(canvas, ((0.405, 0.31), (0.408, 0.325)), (0.007, 0.007), Paint(PLUM[2], PLUM[0], 1.0, 1.0, 0.0))
    for side in (-1, 1):
        rail = ((0.36 + side * 0.11, 0.34), (0.36 + side * 0.24, 0.52), (0.36 + side * 0.46, 0.98))
        stroke(canvas, rail, (0.006, 0.012, 0.026), Paint(WOOD[2], WOOD[0], 0.9, 0.95, 0.2))
    return canvas


def landing(width: int, height: int) -> Canvas:
    """Paint Lamp on the Landing: the smallest room and the warmest."""
    canvas = blank(width, height, (0.60, 0.44, 0.27), seed=303)
    fill(canvas, (-0.1, 0.0, 0.85, 0.74), WALL, 46, lean=0.35, width=0.05, reach=0.3)
    fill(canvas, (-0.1, 0.76, 0.85, 1.02), BROWN, 22, width=0.03, reach=0.4)
    wash(canvas, (0.25, 0.15, 0.10), strength=0.7)
    halo(canvas, 0.41, 0.40, 0.30)
    fill(canvas, (0.20, 0.70, 0.62, 0.75), WOOD, 7, width=0.014, reach=0.3, opaque=0.95)
    for x in (0.25, 0.57):
        stroke(canvas, ((x, 0.75), (x, 0.93)), (0.010, 0.008), Paint(WOOD[2], BROWN[0], 0.8, 0.95, 0.2))
    glaze = Paint((0.24, 0.36, 0.39), (0.52, 0.63, 0.60), 1.0, 0.97, 0.1)
    stroke(
        canvas,
        ((0.41, 0.43), (0.411, 0.56), (0.41, 0.70)),
        (0.012, 0.013, 0.03, 0.05, 0.045, 0.028),
        glaze,
        wobble=0.02,
    )
    stroke(
        canvas,
        ((0.393, 0.58), (0.385, 0.63), (0.392, 0.67)),
        (0.004, 0.007, 0.003),
        Paint(LAMP[3], LAMP[1], 1.0, 0.9, 0.3),
    )
    for n in range(8):
        x = 0.29 + n * 0.034
        stroke(
            canvas,
            ((x + (0.41 - x) * 0.5, 0.25), (x, 0.43)),
            (0.013, 0.023),
            Paint(LAMP[n % 4], LAMP[3], 1.0, 0.97, 0.1),
        )
    fill(canvas, (0.28, 0.685, 0.56, 0.71), LAMP, 4, width=0.008, reach=0.2, opaque=0.85)
    return canvas
