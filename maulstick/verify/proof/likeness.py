"""The question to a picture of other bytes or another address: is it the released one, remade?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from maulstick.media.formats import HEAD, kind_of
from maulstick.project.declarations import MediaFile
from maulstick.verify.html.pictures import inlined
from maulstick.verify.http import Web
from maulstick.verify.image_services import is_optimised
from maulstick.verify.proof.addresses import is_neighbour, unfit
from maulstick.verify.response import OK, SiteResponse, Unreachable, Wrong
from maulstick.verify.visitor import is_same_host

if TYPE_CHECKING:
    from PIL.Image import Image

MANY = 200_000_000
"""Pixels of the largest picture that is decoded for it."""
UNDECODED = ("AVIF", "HEIC")
"""Kinds that browsers know and this machine may not."""
SMALL = (16, 16)
SAME, OTHER = 16, 12.0
"""Of 255 steps a colour: the most by which two small copies of one picture differ in any place, and the
least by which those of two pictures differ in all places on the average."""
SLACK = 0.02
"""How much the shape of a picture may differ that was made smaller, by rounding."""
MOST = 48
"""Pictures of a page that are looked at for one that is not there by its own address."""
TELLING = 4
"""Letters of a file's name that other names hold by chance no more."""


def likeness(body: bytes, file: MediaFile, original: Path | None) -> tuple[bool | None, str]:
    """Return whether bytes show the picture of a file, and in words; None where that is unknown.

    `original` is where the released one lies on this machine.
    """
    says = f"has other bytes: {len(body)}, released were {file.bytes}"
    try:
        came = _decoded(BytesIO(body))
    except OverflowError:
        return None, says
    if came is None:
        return None if kind_of(body[:HEAD]) in UNDECODED else False, says
    (width, height), small = came
    shape = file.width / file.height if file.width and file.height else width / height
    if abs(width / height - shape) > SLACK * shape:
        return (
            False,
            f"is another picture: {width} × {height} pixels, released were {file.width} × {file.height}",
        )
    released = _of_file(original) if original else None
    if released is None:
        return None, f"{says}; they are a picture too, which a network may have recompressed"
    return _compared(small, released, says)


def is_part(body: bytes, original: Path | None) -> bool:
    """Return whether bytes may show a part of a picture on this machine: its middle, or an end."""
    try:
        came, whole = _opened(BytesIO(body)), _opened(original) if original else None
    except OverflowError:
        return True
    if came is None or whole is None:
        return False
    width, height = whole.size
    wide = min(width, round(height * came.width / came.height))
    high = min(height, round(width * came.height / came.width))
    for place in (0.5, 0, 1):
        left, top = round((width - wide) * place), round((height - high) * place)
        cut = whole.crop((left, top, left + wide, top + high))
        if _compared(_small(came), _small(cut), "")[0] is not False:
            return True
    return False


@dataclass(frozen=True)
class Lookalikes:
    """The pictures that a page shows, each asked for once where another one is sought."""

    web: Web
    shown: tuple[str, ...]
    html: str = field(default="", repr=False)
    came: dict[str, SiteResponse | None] = field(default_factory=dict, repr=False)

    def of(self, file: MediaFile, original: Path | None) -> tuple[bool | None, str]:
        """Return whether the page shows a file from another address, and from which; None for perhaps."""
        addresses = [address for address in dict.fromkeys(self.shown) if self._is_fit(address)]
        addresses.sort(key=lambda address: not is_variant(address, file))
        within = [self._within(body, file, original) for body in inlined(self.html)]
        if True in within:
            return True, "the page itself"
        perhaps = [*(["one within the page"] if None in within else []), *addresses[MOST : MOST + 1]]
        for address in addresses[:MOST]:
            verdict = self._look(address, file, original)
            if verdict:
                return True, address
            if verdict is None:
                perhaps.append(address)
        return (None, perhaps[0]) if perhaps else (False, "")

    def _is_fit(self, address: str) -> bool:
        site = self.web.site
        return not (unfit(address, site) or (is_neighbour(address, site) and not self._answer(address)))

    def _within(self, body: bytes, file: MediaFile, original: Path | None) -> bool | None:
        """Return whether a page holds a file itself; what is only like it may be shown until it comes."""
        if hashlib.sha256(body).hexdigest() == file.sha256:
            return True
        return False if likeness(body, file, original)[0] is False else None

    def _look(self, address: str, file: MediaFile, original: Path | None) -> bool | None:
        answer = self._answer(address)
        if answer is None:
            return None
        if answer.status != OK or not answer.type.startswith("image/"):
            return None if is_optimised(address) or is_variant(address, file) else False
        if answer.sha256 == file.sha256:
            return True
        verdict, _ = likeness(answer.body, file, original)
        if verdict is not False:
            return verdict
        return None if is_variant(address, file) or is_part(answer.body, original) else False

    def _answer(self, address: str) -> SiteResponse | None:
        """Return what an address answers, None where it gives no answer."""
        if address not in self.came:
            own = is_same_host(address, self.web.site)
            try:
                self.came[address] = (self.web if own else replace(self.web, patience=0)).whole(address)
            except (Unreachable, Wrong):
                self.came[address] = None
        return self.came[address]


def is_variant(address: str, file: MediaFile) -> bool:
    """Return whether an address has a name that is made of a file's own, such as `lamp-300x200.jpg`."""
    stem = Path(file.key).stem
    return len(stem) >= TELLING and stem in unquote(urlsplit(address).path)


def _compared(one: Image, other: Image, says: str) -> tuple[bool | None, str]:
    from PIL import ImageChops, ImageStat

    between = ImageChops.difference(one, other)
    most = max(high for _, high in ImageStat.Stat(between).extrema)
    if most <= SAME:
        return True, "the released picture, recompressed on the way"
    if max(ImageStat.Stat(between).mean) >= OTHER:
        return False, f"{says}, and is another picture"
    return None, f"{says}; it is much like the released picture"


def _of_file(path: Path) -> Image | None:
    try:
        picture = _decoded(path)
    except OverflowError:
        return None
    return picture[1] if picture else None


def _decoded(source: BinaryIO | Path) -> tuple[tuple[int, int], Image] | None:
    """List the sides of a picture as a browser shows it and a small copy, None where it is broken."""
    image = _opened(source)
    return (image.size, _small(image)) if image else None


def _opened(source: BinaryIO | Path) -> Image | None:
    """Return a picture as a browser shows it on white, None where it is broken.

    Raises OverflowError for one that is too large to be decoded for this.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # looked at here
    try:
        with Image.open(source) as image:
            if image.width * image.height > MANY:
                raise OverflowError
            image.load()
            turned = ImageOps.exif_transpose(image)
            on_white = Image.new("RGBA", turned.size, "white")
            on_white.alpha_composite(turned.convert("RGBA"))
            return on_white.convert("RGB")
    except OverflowError:
        raise
    except Exception:  # each format has its own, and a broken file brings out any
        return None


def _small(image: Image) -> Image:
    from PIL import Image

    return image.resize(SMALL, Image.Resampling.BOX)
