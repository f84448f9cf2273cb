"""Looks: what a visitor clicks on in a browser: an artwork's lightbox, and a reviewer's notes."""

from collections.abc import Iterable

from maulstick import Browser, Check, Release, hookimpl


@hookimpl
def maulstick_verify(release: Release) -> Iterable[Check]:
    """See that lightboxes and notes open; only where the release is verified with a browser."""
    if release.subject.kind == "series" and release.browser is not None:
        yield from _lightboxes(release, release.browser)
        for theme in sorted({str(note["theme"]) for note in release.rows.get("annotations", ())}):
            yield from _notes(release, release.browser, theme)


def _lightboxes(release: Release, browser: Browser) -> Iterable[Check]:
    with browser.open(f"/series/{release.subject.key}") as page:
        for artwork in release.rows["artworks"]:
            if artwork["published"] == "true" and artwork["media_file_id"]:
                page.click(f"[data-lightbox=lightbox-{artwork['slug']}]")
                shown = page.text(f"#lightbox-{artwork['slug']}")
                missing = [part for part in ("Interpretation", "Technical Details") if part not in shown]
                page.press("Escape")
                answer = f"lacks {' and '.join(missing)}" if missing else "opens"
                yield Check(f"lightbox of {artwork['slug']}", not missing, answer)


def _notes(release: Release, browser: Browser, theme: str) -> Iterable[Check]:
    with browser.open(f"/series/{release.subject.key}?theme={theme}") as page:
        for number in range(page.count("[data-note-id]")):
            page.click(f"[data-note-id] >> nth={number}")
            opened = page.visible("[role=note]:not([hidden])")
            page.press("Escape")
            yield Check(f"note {number + 1} in {theme}", opened, "opens" if opened else "stays closed")
