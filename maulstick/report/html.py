"""A record as one HTML page that loads nothing."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader

from maulstick.diffs import is_long
from maulstick.report import page_filters
from maulstick.report.record import Record
from maulstick.report.verdict import (
    changes_line,
    check_word,
    checks_line,
    key_line,
    left_out_line,
    number_line,
    undone_line,
    verdict,
)
from maulstick.text import amount, printable, size_text


def html(record: Record, folder: Path) -> str:
    """Write a record as a page that can be mailed, kept and read without a network.

    `folder` holds the pictures that the record names.
    """
    pages = Environment(
        loader=PackageLoader("maulstick.report", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
    )
    pages.filters.update(
        size=size_text,
        amount=amount,
        key=key_line,
        when=page_filters.date_text,
        share=page_filters.time_share,
        changed=page_filters.changed_text,
        file_title=page_filters.file_title,
        redirect=page_filters.redirect_line,
        row_titles=page_filters.row_titles,
        media_action=page_filters.media_action,
        picture=lambda name: page_filters.data_url(folder, name),
        shots=lambda release: page_filters.page_shots(release, folder),
    )
    pages.globals.update(
        verdict=verdict,
        changes_line=changes_line,
        checks_line=checks_line,
        check_word=check_word,
        number_line=number_line,
        left_out_line=left_out_line,
        undone_line=undone_line,
        is_long=is_long,
        sides=page_filters.sides,
        near_changes=page_filters.near_changes,
        groups=page_filters.change_groups,
    )
    return pages.get_template("report.html").render(record=record)
