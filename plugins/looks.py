"""Looks: what a visitor clicks on in a browser: an artwork's lightbox, and a reviewer's notes."""

import json
from collections.abc import Iterable, Mapping

from maulstick import Browser, Check, Release, Tab, hookimpl


@hookimpl
def maulstick_verify(release: Release) -> Iterable[Check]:
    """See that lightboxes and notes show what was released, if the release is verified with a browser."""
    paths = [page.path for page in release.pages if page.path.startswith("/series/")]
    if release.browser is not None:
        for path, width in ((path, width) for path in paths for width in (1280, 390)):
            yield from _lightboxes(release, release.browser, path, width)
            for theme in sorted({str(note["theme"]) for note in release.rows.get("annotations", ())}):
                yield from _notes(release, release.browser, path, theme, width)


def _lightboxes(release: Release, browser: Browser, path: str, width: int) -> Iterable[Check]:
    found = sorted(release.rows.get("media_analyses", ()), key=lambda row: int(row["iteration"] or 0))
    analyses = {row["media_file_id"]: json.loads(row["llm_response"] or "{}") for row in found}
    with browser.open(path, width=width) as page:
        for artwork in release.rows["artworks"]:
            if artwork["published"] == "true" and artwork["media_file_id"]:
                said = analyses.get(artwork["media_file_id"], {}).get("interpretation", "")
                page.click(f"[data-lightbox=lightbox-{artwork['slug']}]")
                shown = page.text(f"#lightbox-{artwork['slug']}")
                lacks = _lacks(shown, "Interpretation", "Technical Details", said)
                page.press("Escape")
                name = f"lightbox of {artwork['slug']} at {width} px"
                yield Check(name, page.ok(not lacks), lacks or "opens")


def _notes(release: Release, browser: Browser, path: str, theme: str, width: int) -> Iterable[Check]:
    with browser.open(f"{path}?theme={theme}", width=width) as page:
        for note in (row for row in release.rows["annotations"] if row["theme"] == theme):
            wrong = _wrong(page, note, f'[data-note-anchor="{note["anchor_key"]}"]')
            name = f"note on {note['anchor_key']} in {theme} at {width} px"
            yield Check(name, page.ok(not wrong), wrong or "opens")


def _wrong(page: Tab, note: Mapping[str, str | None], anchor: str) -> str:
    content, sound, shown = json.loads(note["content"] or "{}"), f"{anchor} [role=note] audio", []
    for number in range(page.count(f"{anchor} [data-note-id]")):
        page.click(f"{anchor} [data-note-id] >> nth={number}")
        opened = page.visible(f"{anchor} [role=note]:not([hidden])")
        shown += [page.text(f"{anchor} [role=note]:not([hidden])")] if opened else []
        page.press("Escape")
    if shown and ((note["audio_url"] and not page.count(sound)) or page.unplayable(sound)):
        return "its sound does not load"
    words = content.get("text") or content.get("transcript") or ""
    return _lacks(" ".join(shown), words) if shown else "stays closed"


def _lacks(shown: str, *wanted: str) -> str:
    missing = [words for words in wanted if " ".join(words.split()).casefold() not in shown.casefold()]
    return f"lacks {' and '.join(repr(words[:40]) for words in missing)}" if missing else ""
