"""Annotations: public notes on a page's elements."""

import json
from collections.abc import Iterable, Mapping

from maulstick import Check, JsonReference, Leave, MediaColumn, Release, Subject, Table, hookimpl

IDS = """
select id from annotations where page_path = %(page_path)s and theme = %(theme)s
  and anchor_key = %(anchor_key)s and inserted_at = %(inserted_at)s::timestamp
"""


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take the public notes on the series' page; their authors and groups stay at home."""
    if subject.kind == "series":
        yield Table(
            "annotations",
            key=("page_path", "theme", "anchor_key", "inserted_at", "type", "audio_url"),
            where="page_path = '/series/' || %(key)s and visibility = 'public'",
            references={"user_id": Leave()},
            json_references=[JsonReference("anchor_meta", "$.artwork_id", "artworks")],
            media=[MediaColumn("audio_url"), MediaColumn("content", path="$.audio_url")],
            skip="group_id",
        )


@hookimpl
def maulstick_verify(release: Release) -> Iterable[Check]:
    """See that each public note has its marker on its element, in its theme, and is whole."""
    if not any(page.path.startswith("/series/") for page in release.pages):
        return
    artworks = {f"artwork:{row['slug']}" for row in release.rows["artworks"] if row["published"] == "true"}
    for note in release.rows.get("annotations", ()):
        if str(note["anchor_key"]).startswith("artwork:") and note["anchor_key"] not in artworks:
            continue  # the page has no element to which it could be attached
        page = release.get(f"{note['page_path']}?theme={note['theme']}")
        anchor = f"[data-note-anchor={json.dumps(note['anchor_key'], ensure_ascii=False)}]"
        ids = [row[0] for row in release.sql(IDS, **note)]
        markers = [page.elements(f'{anchor} [data-note-id="{one}"]') for one in ids]
        if note["visibility"] != "public":  # hidden in production, which keeps it so
            there = any(one.visible for found in markers for one in found)
            yield Check(f"marker on {note['anchor_key']}", not there, "still there" if there else "gone")
            continue
        shown = bool(ids) and all(any(one.visible for one in found) for found in markers)
        hint = "" if shown else "its element shows no marker for this note"
        yield Check(f"marker on {note['anchor_key']}", shown, "shown" if shown else "missing", hint)
        text, sound = _says(note)
        whole = any(
            text in one.text and (not sound or any(file.endswith(sound) for file in one.files))
            for one in page.elements(anchor)
        )
        yield Check(f"note on {note['anchor_key']}", whole, "whole" if whole else "not what was released")


def _says(note: Mapping[str, str | None]) -> tuple[str, str]:
    """Return the words of a note and its recording; beside that a page need not show the words."""
    found = json.loads(note["content"] or "{}")
    content = found if isinstance(found, dict) else {"text": found}
    sound = note["audio_url"] or content.get("audio_url") or ""
    text = "" if sound else str(content.get("text") or content.get("question") or "")
    return " ".join(text.split()), sound
