"""Questions to a picture: does a visitor get it, whole, and is it the released one?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from maulstick.content import Check, MediaFile
from maulstick.web import Unreachable, Web, Wrong

PATH_STYLE = ("fly.storage.tigris.dev", "t3.storage.dev")
"""Tigris answers 403 to addresses of this form (site.md "Pages")."""
AS_IT_IS = "/!(),:;=@~*'$&"
"""What may stand in a path as it is; to some servers a plus sign is a blank."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a visitor asks for it; `file` is the released one, None for any other."""

    address: str
    file: MediaFile | None


def pictures(shown: Iterable[str], media: Iterable[MediaFile], public: str) -> list[Picture]:
    """Return what to ask for: each picture of the pages, and each released one that no page shows."""
    released = {f"{public}/{file.key}": file for file in media}
    # Pages differ in what they quote.
    found = {unquote(address): Picture(address, released.get(unquote(address))) for address in shown}
    for plain, file in released.items():
        if file.type.startswith("image/") and plain not in found:
            found[plain] = Picture(f"{public}/{quote(file.key, safe=AS_IT_IS)}", file)
    return sorted(found.values(), key=lambda one: one.address)


def proven(web: Web, picture: Picture) -> Check:
    """Ask for a picture as a visitor does; a released one must have its bytes."""
    name = f"image {unquote(urlsplit(picture.address).path)}"
    if urlsplit(picture.address).hostname in PATH_STYLE:
        hint = "set S3_PUBLIC_URL to the bucket's own host name"
        return Check(name, False, "its address is path-style, which Tigris refuses", hint)
    try:
        image = web.fetch_image(picture.address)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    file = picture.file
    if image.status != 200:
        return Check(name, False, f"answers {image.status}")
    if not image.type.startswith("image/"):
        return Check(name, False, f"is {image.type or 'of no type'}, no image")
    if file is not None and image.sha256 != file.sha256:
        return Check(name, False, f"has other bytes: {image.bytes}, released were {file.bytes}")
    return Check(name, True, f"{image.bytes} bytes" + (" as released" if file else ""))
