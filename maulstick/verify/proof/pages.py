"""Questions to a page: does it answer, and are the released words, pictures and links on it?

A page contradicts a release where it is the page, whole and made now. Where something else answers for it, or
its scripts have yet to make it, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from maulstick.project.declarations import Check, MediaFile, Page
from maulstick.verify.barriers import GONE, LET_IN, age, hint_of, refusal
from maulstick.verify.html.page import Parsed
from maulstick.verify.http import Web, is_inside
from maulstick.verify.live import Live, Seen
from maulstick.verify.proof.addresses import public_address
from maulstick.verify.proof.cards import pairs
from maulstick.verify.proof.page_content import PageContent
from maulstick.verify.response import OK, Unreachable, Wrong

SHOWN = 40
"""Characters of a text that name its check."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page is held against: `public` is where visitors find the files, `local` the source's own site.

    `released` are the paths of all released pages: a link that leads to one of them must lead there. `files`
    are the released files by their public addresses, `former` the texts of pages as they were released, where
    production edited something since.
    """

    public: str
    local: str
    released: Collection[str]
    files: Mapping[str, MediaFile] = field(default_factory=dict)
    former: Mapping[str, Collection[str]] = field(default_factory=dict)


def page(live: Live, wanted: Page, around: PageContext) -> tuple[list[Check], Parsed | None]:
    """Ask for a page and return what there is to say of it, and the page where it could be read."""
    name = f"page {wanted.path}"
    try:
        answer = live.came(wanted.path)
    except Unreachable as problem:
        return [Check(name, None, problem.what, problem.hint)], None
    except Wrong as problem:
        return [Check(name, False, problem.what)], None
    if says := refusal(answer.status, answer.answer.headers):
        return _unchecked(live, name, says, hint_of(answer.status)), None
    if answer.status != OK:
        return [Check(name, *_absent(wanted, answer))], None
    parsed = answer.parsed
    if wanted.gone:
        return [Check(name, *_gone(live, wanted, PageContent(live.web, answer.answer, parsed)))], None
    shown = PageContent(live.web, answer.answer, parsed)
    checks = [
        *_texts(wanted, shown, around.former.get(wanted.path, ())),
        *_images(live, wanted, shown, around),
    ]
    says = shown.stranger(live.web.address(wanted.path))
    if says and not (checks and all(check.ok for check in checks)):
        return _unchecked(live, name, says, LET_IN), None
    # In a browser it is the browser's page that counts.
    checks = [Check(name, True, "answers 200"), *(checks if live.browser is None else [])]
    checks += pairs(wanted, parsed, around.public)
    links = [link for link in parsed.links if _is_ours(link, live.web.site, around)]
    checks += [_link(live.web, address, wanted) for address in links]
    return [*checks, *_social(wanted, parsed)], parsed


def _absent(wanted: Page, answer: Seen) -> tuple[bool | None, str]:
    """Return whether a page may be absent, and in words; what a cache kept may be older than the page."""
    says = f"answers {answer.status}"
    if wanted.gone:
        return True, f"{says}, as it should"
    kept = age(answer.answer.headers)
    return (None, f"{says}, which {kept}") if kept else (False, says)


def _gone(live: Live, wanted: Page, shown: PageContent) -> tuple[bool | None, str]:
    """Return whether a page that answers 200 is gone: it may lead elsewhere, or show nothing it showed."""
    asked, address = live.web.address(wanted.path), shown.answer.address
    if _host(address) != _host(asked) or path_of(address) != path_of(asked):
        return True, f"leads to {address}, as it should"
    if says := shown.stranger(asked):
        return None, says
    if left := [text for text in wanted.absent if shown.words.hold(text)]:
        return shown.missing(f"is still there, and shows {left[0][:SHOWN]!r}", "")[:2]
    if wanted.absent:
        return True, "shows nothing of what it was"
    return shown.missing("is still there", "")[:2]


def _unchecked(live: Live, name: str, says: str, hint: str) -> list[Check]:
    """Return that a page could not be checked; a browser may get it yet."""
    return [Check(name, None, says, hint)] if live.browser is None else []


def _texts(wanted: Page, shown: PageContent, former: Collection[str]) -> Iterator[Check]:
    replaced = [text for text in former if text not in wanted.texts]
    for released in dict.fromkeys(wanted.texts):
        ok, says, hint = shown.text(released)
        if ok is False and replaced and released not in former and all(map(shown.words.hold, replaced)):
            ok, says = None, f"{says}, which shows what was released before it was edited there"
        yield Check(f"text {released[:SHOWN]!r} on {wanted.path}", ok, says, hint)
    for unwanted in wanted.absent:
        yield Check(f"text {unwanted[:SHOWN]!r} not on {wanted.path}", *shown.absent(unwanted))


def _images(live: Live, wanted: Page, shown: PageContent, around: PageContext) -> Iterator[Check]:
    for image in wanted.images:
        address = public_address(image, around.public)
        verdict = shown.image(image, address)
        file = around.files.get(address)
        if verdict[0] is not True and file is not None and file.type.startswith("image/"):
            verdict = shown.otherwise(file, live.original(file), verdict)
        yield Check(f"page {wanted.path} shows {image}", *verdict)


def _is_ours(link: str, site: str, around: PageContext) -> bool:
    """Return whether a link names a released page: of this site, of the local one or of any machine's own."""
    if path_of(link) not in around.released:
        return False
    return is_inside(link) or _host(link) in {_host(site), _host(around.local)}


def _link(web: Web, address: str, wanted: Page) -> Check:
    """See that a link leads where it says; one to the local site, left in a text, does not."""
    path = urlsplit(address).path
    name = f"link to {path} on {wanted.path}"
    if address.partition("?")[0] == web.address(path):
        return Check(name, True, "a released page")
    hint = f"is {address} meant to be on {web.site}?"
    lost = False if _host(address) != _host(web.site) else None
    try:
        answer = replace(web, patience=0).get(address)
    except Unreachable as problem:
        return Check(name, lost, f"{address} {problem.what}", hint)
    except Wrong as problem:
        return Check(name, False, problem.what, hint)
    says = f"{address} answers {answer.status}"
    if answer.status == OK and _host(answer.address) == _host(web.site):
        return Check(name, True, says)
    proven = lost is False or answer.status in GONE
    return Check(name, False if proven else None, says, hint)


def _social(wanted: Page, parsed: Parsed) -> Iterator[Check]:
    for address in parsed.social:
        full = is_full(address)
        hint = "" if full else "og:image must be a full address: others read it without the page"
        yield Check(f"social picture of {wanted.path}", full, address, hint)


def is_full(address: str) -> bool:
    """Return whether an address can be read without the page that it stands on."""
    return urlsplit(address).scheme in ("http", "https")


def path_of(address: str) -> str:
    """Find the path of an address as a person reads it, without a slash at its end."""
    return unquote(urlsplit(address).path).rstrip("/")


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower().removeprefix("www.")
