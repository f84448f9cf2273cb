"""A page as a browser has drawn it: the words and the pictures that its visitors see, shadow roots too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from maulstick.verify.html.pictures import absolute, candidates, styled
from maulstick.verify.words import BLOCK, EDGE, Words, words_of

SCROLLED = """async () => {
  const pause = () => new Promise(done => setTimeout(done, 60));
  const most = Math.min(document.documentElement.scrollHeight, 40000);
  for (let y = 0; y < most; y += innerHeight) { scrollTo(0, y); await pause(); }
  scrollTo(0, 0); await pause();
}"""
"""Brings into view once what a page shows only then."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page in a browser: `seen` are the words that a visitor sees there or by one click.

    `unseen` are those that a style hides, `faint` those that are drawn without any colour. `pictures` are the
    absolute addresses of what it shows.
    """

    address: str
    title: str
    html: str
    seen: Words
    unseen: Words
    faint: Words
    pictures: tuple[str, ...]
    asks: bool


def rendered(tab: Any, *, scroll: bool = True) -> Rendered:
    """Return a page as a tab shows it, after all of it came into view once."""
    if scroll:
        tab.evaluate(SCROLLED)
    page = tab.evaluate(f"({_script()})({[EDGE, BLOCK]!r})")
    shown = [*page["named"], *(address for text in page["sets"] for address in candidates(text))]
    shown += [address for text in page["styles"] for address in styled(text)]
    return Rendered(
        address=page["address"],
        title=page["title"],
        html=page["html"],
        seen=words_of(page["seen"]),
        unseen=words_of(page["unseen"]),
        faint=words_of(page["faint"]),
        pictures=absolute(page["at"], shown),
        asks=page["asks"],
    )


@cache
def _script() -> str:
    text = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return text.partition("\n")[2].strip().removesuffix(";")
