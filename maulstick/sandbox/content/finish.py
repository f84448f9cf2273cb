"""From wet paint to a photograph of a picture: light on the ridges, the weave's grain, enlargement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageFilter

if TYPE_CHECKING:
    from maulstick.sandbox.content.brush import Array, Canvas

TILE = 512


def photograph(canvas: Canvas, width: int, height: int, *, grain: float) -> Image.Image:
    """Return the canvas at a size in pixels, lit from the upper left; grain is the cloth's tooth, 0..1."""
    paint = Image.fromarray((np.clip(canvas.colour, 0, 1) * 255).astype(np.uint8))
    paint = paint.filter(ImageFilter.GaussianBlur(0.55)).resize((width, height), Image.Resampling.BICUBIC)
    light = Image.fromarray(lit(canvas.relief)).resize((width, height), Image.Resampling.BICUBIC)
    light = ImageChops.overlay(light, cloth(canvas, width, height, grain))
    return ImageChops.overlay(paint, Image.merge("RGB", (light, light, light)))


def lit(relief: Array) -> np.typing.NDArray[np.uint8]:
    """Return the ridges' light and shade as grey around 128."""
    slope = np.zeros_like(relief)
    slope[1:, 1:] = relief[1:, 1:] - relief[:-1, :-1]
    grey: np.typing.NDArray[np.uint8] = np.clip(128 + slope * 120, 40, 215).astype(np.uint8)
    return grey


def cloth(canvas: Canvas, width: int, height: int, grain: float) -> Image.Image:
    """Return the tooth of the cloth as grey around 128, a tile of it repeated."""
    noise = canvas.random.standard_normal((TILE, TILE), np.float32)
    ramp = np.arange(TILE, dtype=np.float32) * (2 * np.pi / 8)
    woven = np.sin(ramp)[None, :] * np.sin(ramp)[:, None]
    tile = np.clip(128 + (noise * 26 + woven * 14) * grain, 0, 255).astype(np.uint8)
    repeated = np.tile(tile, (height // TILE + 1, width // TILE + 1))[:height, :width]
    return Image.fromarray(np.ascontiguousarray(repeated))
