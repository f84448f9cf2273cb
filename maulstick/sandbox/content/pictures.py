"""Every picture of the sandbox: where it lies, how large it is, who paints it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.sandbox.content import allotments, files, finish, gestures, interiors, marshes
from maulstick.sandbox.content.brush import Canvas

VOICE = "uploads/voice_notes/1763806120_5c1de09a77b34f28.wav"
GRAIN = 0.65  # of the cloth, 0..1
PAINTERS = 4  # more processes than this cost more to start than they save


@dataclass(frozen=True, slots=True)
class Picture:
    """One file: path under the media root, pixels, bytes (0: as they come), painter, JPEG quality, scale."""

    path: str
    width: int
    height: int
    size: int
    paint: Callable[[int, int], Canvas]
    quality: int = 70
    scale: float = 2.0


RAIN = "uploads/artworks/Marée basse, après la pluie (détail) [2].jpg"
PICTURES = (
    Picture("uploads/media/1763483281_a84d8a1756abb807.JPG", 4032, 3024, 4823449, gestures.rest, 87, 3.0),
    Picture("uploads/media/1763722108_e75261efc20f18a5.jpg", 1440, 1800, 542871, gestures.turn, 68),
    Picture("uploads/media/1763722108_d70e2e2341d3cccd.jpg", 1440, 1920, 557338, gestures.leap, 69),
    Picture("uploads/media/1763722109_e4982724359e6940.jpg", 1440, 1920, 626053, gestures.stride, 70),
    Picture("uploads/media/1730977204_4be7f1c20a93d658.jpg", 1600, 1200, 414208, marshes.sluice, 70),
    Picture("uploads/artworks/reed bed + january.jpg", 1600, 1200, 502770, marshes.reeds, 72),
    Picture(RAIN, 1620, 1080, 371915, marshes.after_rain, 72),
    Picture("uploads/media/1740946690_09bf5d7ae41c8263.jpg", 1400, 1400, 469120, interiors.kitchen, 82),
    Picture("uploads/artworks//1763333626_2f36e0a6130328d7.png", 600, 840, 0, interiors.stairwell, 0, 1.0),
    Picture("uploads/artworks/Lamp on the landing, 15 × 20.jpg", 900, 1200, 305280, interiors.landing, 80),
    Picture("uploads/media/1737298800_7d02c91be6f4a835.jpg", 1680, 1200, 441230, allotments.bean_rows, 77),
    Picture("uploads/media/1737298861_5e8a36b0d7294cf1.jpg", 1500, 1200, 388404, allotments.bonfire, 80),
    Picture("uploads/media/1737298833_c3f0a1847be25d96.jpg", 1200, 1500, 459877, allotments.netting, 70),
    Picture("uploads/media/1737298815_91d4e7720bcf3a58.jpg", 1200, 1500, 402666, allotments.blue_door, 71),
)


def draw(media_root: Path) -> None:
    """Draw every picture and the voice note under the media root, but for those already there."""
    missing = [picture.path for picture in PICTURES if not (media_root / picture.path).exists()]
    count = min(os.cpu_count() or 1, PAINTERS, len(missing))
    command = (sys.executable, "-m", __name__, str(media_root))
    painters = [subprocess.Popen((*command, *missing[n::count])) for n in range(count)]
    if not (media_root / VOICE).exists():
        files.write(media_root / VOICE, files.hum(seconds=4))
    statuses = [painter.wait() for painter in painters]
    if any(statuses):
        raise RuntimeError(f"{media_root}: not every picture could be drawn")


def hang(picture: Picture, media_root: Path) -> None:
    """Paint one picture and put it where it belongs."""
    canvas = picture.paint(round(picture.width / picture.scale), round(picture.height / picture.scale))
    image = finish.photograph(canvas, picture.width, picture.height, grain=GRAIN)
    if picture.size:
        files.write(media_root / picture.path, files.jpeg(image, quality=picture.quality, size=picture.size))
    else:
        files.write(media_root / picture.path, files.png(image))


def main(arguments: Sequence[str]) -> None:
    """Paint the named pictures under the media root: one painter of several."""
    media_root, wanted = Path(arguments[0]), set(arguments[1:])
    for picture in PICTURES:
        if picture.path in wanted:
            hang(picture, media_root)


if __name__ == "__main__":
    main(sys.argv[1:])
