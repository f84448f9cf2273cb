"""The question to a page's pictures of other addresses: is one of them the released picture, made anew?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from maulstick.project.declarations import MediaFile
from maulstick.verify.html.pictures import inlined
from maulstick.verify.http import Web
from maulstick.verify.optimisers import is_optimised
from maulstick.verify.proof.addresses import is_neighbour, unfit
from maulstick.verify.proof.likeness import is_part, likeness
from maulstick.verify.response import OK, Answer, Unreachable, Wrong
from maulstick.verify.visitor import is_same_host

MOST = 48
"""Pictures of a page that are looked at for one that is not there by its own address."""
TELLING = 4
"""Letters of a file's name that other names hold by chance no more."""


@dataclass(frozen=True)
class Lookalikes:
    """The pictures that a page shows, each asked for once where another one is sought."""

    web: Web
    shown: tuple[str, ...]
    html: str = field(default="", repr=False)
    came: dict[str, Answer | None] = field(default_factory=dict, repr=False)

    def of(self, file: MediaFile, original: Path | None) -> tuple[bool | None, str]:
        """Return whether the page shows a file from another address, and from which; None for perhaps."""
        addresses = [one for one in dict.fromkeys(self.shown) if self._is_fit(one)]
        addresses.sort(key=lambda one: not is_variant(one, file))
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
        """Tell whether a page holds a file itself; what is only like it may be shown until it comes."""
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

    def _answer(self, address: str) -> Answer | None:
        """Return what an address answers, None where nobody can tell."""
        if address not in self.came:
            own = is_same_host(address, self.web.site)
            try:
                self.came[address] = (self.web if own else replace(self.web, patience=0)).whole(address)
            except (Unreachable, Wrong):
                self.came[address] = None
        return self.came[address]


def is_variant(address: str, file: MediaFile) -> bool:
    """Tell whether an address has a name that is made of a file's own, such as `lamp-300x200.jpg`."""
    stem = Path(file.key).stem
    return len(stem) >= TELLING and stem in unquote(urlsplit(address).path)
