"""Analyses: the interpretation that an artwork's lightbox shows."""

import json
from collections.abc import Iterable, Mapping

from maulstick import Check, Query, Release, Subject, Table, hookimpl

WITHOUT = """
select count(*) from artworks a join series s on s.id = a.series_id
where s.slug = %(key)s and a.published and a.media_file_id is not null
  and not exists (select from media_analyses m where m.media_file_id = a.media_file_id)
"""


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take every analysis of a picture that travels."""
    if subject.kind in ("series", "artwork"):
        yield Table("media_analyses", key=("media_file_id", "iteration"), via="media_file_id")


@hookimpl
def maulstick_queries(subject: Subject) -> Iterable[Query]:
    """Refuse a series that would go live with a lightbox without text."""
    if subject.kind == "series":
        yield Query("artworks with a picture and no analysis", WITHOUT, expect="0")


@hookimpl
def maulstick_verify(release: Release) -> Iterable[Check]:
    """See that the series' page shows the latest interpretation of each artwork."""
    if not any(page.path.startswith("/series/") for page in release.pages):
        return
    latest = {row["media_file_id"]: row for row in _by_iteration(release.rows.get("media_analyses", ()))}
    shown = release.get(f"/series/{release.subject.key}").text
    for artwork in release.rows["artworks"]:
        if artwork["published"] == "true" and artwork["media_file_id"]:
            analysis = latest.get(artwork["media_file_id"])
            text = json.loads(analysis["llm_response"] or "{}").get("interpretation", "") if analysis else ""
            found = bool(text) and " ".join(text.split()) in shown
            yield Check(f"analysis of {artwork['slug']}", found, "shown" if found else "not on the page")


def _by_iteration(rows: Iterable[Mapping[str, str | None]]) -> list[Mapping[str, str | None]]:
    return sorted(rows, key=lambda row: int(row["iteration"] or 0))
