"""The four Embodiment pictures: three movements and a rest."""

from __future__ import annotations

import math

from maulstick.sandbox.content.brush import Canvas, Colour, Paint, blank, stroke
from maulstick.sandbox.content.figures import CHARCOAL, Flesh, cut_in, draw, model, moved, smudge
from maulstick.sandbox.content.ground import drip, scrub, wash
from maulstick.sandbox.content.poses import LEAP, REST, STRIDE, TURN, Pose

OCHRE: Colour = (0.76, 0.56, 0.28)
OCHRES = ((0.80, 0.61, 0.32), (0.72, 0.51, 0.24), (0.87, 0.71, 0.45), (0.60, 0.40, 0.21), (0.78, 0.60, 0.38))
BUFFS = ((0.83, 0.72, 0.54), (0.76, 0.63, 0.45), (0.89, 0.81, 0.66), (0.66, 0.53, 0.38), (0.70, 0.66, 0.58))
REDS = ((0.50, 0.22, 0.15), (0.60, 0.29, 0.18), (0.41, 0.17, 0.13), (0.67, 0.37, 0.24))
WALLS = ((0.62, 0.55, 0.43), (0.70, 0.61, 0.46), (0.53, 0.46, 0.37), (0.76, 0.68, 0.54), (0.50, 0.50, 0.46))
UMBER: Colour = (0.30, 0.19, 0.12)
WARM = Flesh(
    (0.31, 0.17, 0.12), (0.63, 0.37, 0.23), (0.90, 0.70, 0.53), (0.99, 0.92, 0.80), (0.35, 0.42, 0.47)
)
ROSE = Flesh(
    (0.36, 0.17, 0.13), (0.70, 0.42, 0.31), (0.92, 0.74, 0.60), (1.00, 0.94, 0.84), (0.42, 0.45, 0.47)
)
HAIR = Paint((0.13, 0.08, 0.07), (0.34, 0.19, 0.12), 0.8, 0.95, 0.35)
SLATE = Paint((0.22, 0.32, 0.43), (0.42, 0.52, 0.60), 0.8, 0.9, 0.6)
CHALK = Paint((0.91, 0.80, 0.60), (0.83, 0.68, 0.44), 0.7, 0.75, 0.65)
SWEEP = Paint((0.93, 0.85, 0.71), (0.74, 0.53, 0.35), 0.6, 0.5, 1.0)


def stride(width: int, height: int) -> Canvas:
    """Paint IN MOTION III: a stride to the right over one cold stroke of floor."""
    canvas = blank(width, height, OCHRE, seed=3)
    wash(canvas, UMBER, strength=0.5)
    scrub(canvas, OCHRES, 60, lean=-0.3, width=0.07)
    drip(canvas, [(0.12, 0.90), (0.36, 0.91), (0.45, 0.90), (0.58, 0.90)], UMBER)
    stroke(canvas, ((0.30, 0.90), (0.50, 0.885), (0.74, 0.893)), (0.014, 0.024, 0.014), SLATE)
    figure(canvas, STRIDE, WARM, light=CHALK)
    return canvas


def leap(width: int, height: int) -> Canvas:
    """Paint IN MOTION IV: a leap with nothing under it."""
    canvas = blank(width, height, (0.82, 0.70, 0.51), seed=44)
    wash(canvas, (0.46, 0.34, 0.25), strength=0.45)
    scrub(canvas, BUFFS, 60, lean=0.9, width=0.075)
    shadow = Paint((0.24, 0.29, 0.35), (0.42, 0.40, 0.38), 0.5, 0.6, 0.7)
    stroke(canvas, ((0.13, 0.93), (0.34, 0.915), (0.60, 0.935)), (0.01, 0.02, 0.008), shadow)
    figure(canvas, LEAP, WARM, light=Paint((0.95, 0.89, 0.77), (0.86, 0.76, 0.58), 0.7, 0.75, 0.65))
    return canvas


def turn(width: int, height: int) -> Canvas:
    """Paint IN MOTION V: a turn, the skirt a wheel around it."""
    canvas = blank(width, height, OCHRE, seed=51)
    wash(canvas, UMBER, strength=0.55)
    scrub(canvas, OCHRES, 50, lean=0.1, width=0.075)
    for radius in (0.30, 0.26, 0.22, 0.18):
        arc = [
            (0.385 + math.cos(a / 3) * radius, 0.29 + math.sin(a / 3) * radius * 0.7) for a in range(8, 17)
        ]
        stroke(canvas, arc, (0.02, 0.026, 0.024, 0.018), CHALK)
    skirt(canvas, back=True)
    figure(canvas, TURN, WARM, light=CHALK)
    skirt(canvas, back=False)
    return canvas


def skirt(canvas: Canvas, *, back: bool) -> None:
    """Fling a skirt out from the waist, its folds twisted by the turn; the far side is darker."""
    for n in range(30):
        around = math.pi * (n * 7 % 30 / 29 + back) + canvas.random.normal(0, 0.06)
        reach = canvas.random.uniform(0.24, 0.31)
        folds = []
        for down in (0.0, 0.2, 0.45, 0.7, 0.9, 1.0):
            angle, wide = around - 1.0 + 1.0 * down, 0.05 + (reach - 0.05) * down**1.3
            drop = 0.50 + 0.25 * down**0.7 + math.sin(angle) * wide * 0.33
            folds.append((0.39 + math.cos(angle) * wide, drop))
        cold = 0.22 + 0.5 * canvas.random.random() * (0.45 if back else 1.0)
        paint = Paint(
            (cold, cold + 0.09, cold + 0.16), (cold + 0.14, cold + 0.2, cold + 0.22), 0.8, 0.93, 0.5
        )
        stroke(canvas, folds, (0.012, 0.018, 0.026, 0.03, 0.02), paint)


def rest(width: int, height: int) -> Canvas:
    """Paint She Lays Down: one long contour over red cloth."""
    canvas = blank(width, height, (0.60, 0.51, 0.38), seed=8)
    wash(canvas, UMBER, strength=0.6)
    scrub(canvas, WALLS, 60, lean=-0.5, width=0.08)
    for n in range(34):
        x, y = canvas.random.uniform(-0.2, 0.9), 0.66 + 0.36 * n / 34 + canvas.random.normal(0, 0.015)
        curve = (
            (x, y),
            (x + 0.25, y + canvas.random.normal(0.02, 0.02)),
            (x + 0.55, y + canvas.random.normal(0, 0.02)),
        )
        first, second = canvas.random.integers(0, len(REDS), 2)
        stroke(canvas, curve, (0.02, 0.035, 0.015), Paint(REDS[first], REDS[second], 0.7, 0.85, 0.45))
    figure(canvas, REST, ROSE, light=Paint((0.80, 0.72, 0.56), (0.70, 0.60, 0.44), 0.6, 0.7, 0.65))
    heel_to_shoulder = (
        (0.13, 0.70),
        (0.21, 0.655),
        (0.33, 0.55),
        (0.415, 0.355),
        (0.47, 0.32),
        (0.60, 0.365),
        (0.72, 0.455),
        (0.84, 0.515),
        (0.95, 0.46),
        (1.06, 0.488),
    )
    stroke(canvas, heel_to_shoulder, (0.002, 0.0045, 0.0035, 0.005, 0.002), CHARCOAL, wobble=0.3)
    return canvas


def figure(canvas: Canvas, pose: Pose, flesh: Flesh, *, light: Paint) -> None:
    """Draw where the body was, find its edges with the ground's light, then paint where it is."""
    moving = [pose.forms[index] for index in pose.earlier]
    for x, y in pose.steps:
        draw(canvas, [moved(form, x, y) for form in moving], weight=0.0032, loose=0.006)
    smudge(canvas, [moved(form, *pose.steps[0]) for form in moving])
    for sweep in pose.sweeps:
        stroke(canvas, sweep.curve, sweep.widths, SWEEP)
    for form in pose.forms:
        cut_in(canvas, form, light, away=0.9)
    for form in pose.forms:
        model(canvas, form, flesh)
    stroke(canvas, pose.hair.curve, pose.hair.widths, HAIR)
    draw(canvas, pose.forms[:-1], weight=0.003, loose=0.003)
