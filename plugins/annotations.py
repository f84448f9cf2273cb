"""Annotations: public notes on a page's elements."""

from collections.abc import Iterable

from maulstick import Check, JsonReference, Leave, MediaColumn, Release, Subject, Table, hookimpl


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
    """See that each public note has its marker on its element, in its theme."""
    if release.subject.kind != "series":
        return
    for note in release.rows.get("annotations", ()):
        page = release.get(f"{note['page_path']}?theme={note['theme']}")
        ids = release.sql(
            "select id from annotations where page_path = %(page)s and theme = %(theme)s"
            " and anchor_key = %(anchor)s and inserted_at = %(at)s::timestamp",
            page=note["page_path"],
            theme=note["theme"],
            anchor=note["anchor_key"],
            at=note["inserted_at"],
        )
        found = bool(ids) and all(f'data-note-id="{row[0]}"' in page.html for row in ids)
        name = f"marker on {note['anchor_key']}"
        yield Check(name, found, "shown" if found else "missing", "the page shows no marker for this note")
