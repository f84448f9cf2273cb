"""Subjects that share rows, put together: such units are independent, and may be released side by side."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

from maulstick.project.declarations import Subject


def units_of(rows: Mapping[Subject, Collection[Hashable]]) -> list[list[Subject]]:
    """List the subjects in units, in their order: two that share a row are in the same."""
    place = {subject: n for n, subject in enumerate(rows)}
    first_with, unit = dict[Hashable, Subject](), dict[Subject, Subject]()

    def first_of(subject: Subject) -> Subject:
        while unit[subject] != subject:
            subject = unit[subject]
        return subject

    for subject, its_rows in rows.items():
        unit[subject] = subject
        for row in its_rows:
            pair = first_of(first_with.setdefault(row, subject)), first_of(subject)
            unit[max(pair, key=place.__getitem__)] = min(pair, key=place.__getitem__)
    units: dict[Subject, list[Subject]] = {}
    for subject in rows:
        units.setdefault(first_of(subject), []).append(subject)
    return [*units.values()]
