"""The command that shows what happened in a run."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.files import write_whole, writing
from maulstick.release.settings import CommandOptions, option

if TYPE_CHECKING:
    from maulstick.report.record import Record

PAGE = "report.html"


@dataclass(frozen=True)
class ReportOptions(CommandOptions):
    """Which run is shown, and in which form."""

    run: str | None = option(None, "the run to show, else the last one")
    format: str | None = option(None, "text, html, md, json or junit")
    open: bool = option(False, "open the page in a browser")
    list: bool = option(False, "list the runs that left a record")


def report(command: Command[ReportOptions]) -> int:
    """Show a run: as lines, or in the format that was asked for; a page is written beside its record."""
    from maulstick.report import store

    options, console = command.options, command.console()
    if options.list:
        for record in store.all_records(command.project):
            console.result(_line(record))
        return Exit.DONE
    record, folder = store.load(command.project, options.run)
    shown = "html" if options.open and not options.format else options.format or "text"
    formats = _formats(folder)
    if shown not in formats:
        raise usage(f"--format {shown}", "is not known", did_you_mean(shown, formats))
    if options.open and shown != "html":
        raise usage("--open", "goes with the format html", "leave --format out")
    text = formats[shown](record)
    if shown == "html":
        page = folder / PAGE
        with writing(page):
            write_whole(page, iter([text.encode()]))
        console.result(str(page))
        if options.open:
            webbrowser.open(page.resolve().as_uri())
    elif shown == "json":
        console.data(record)
    else:
        console.result(text.removesuffix("\n"))
    return Exit.DONE


def _formats(folder: Path) -> Mapping[str, Callable[[Any], str]]:
    from maulstick.report.html import html
    from maulstick.report.junit import junit
    from maulstick.report.markdown import markdown
    from maulstick.report.terminal import text

    return {
        "text": text,
        "html": lambda record: html(record, folder),
        "md": markdown,
        "json": lambda record: json.dumps(record, indent=2, ensure_ascii=False),
        "junit": junit,
    }


def _line(record: Record) -> str:
    from maulstick.report.verdict import number_line, verdict

    ended = [
        f"{one['subject']} to {one['target']}: {verdict(one)}"
        + (f" {number_line(one)}" if number_line(one) else "")
        for one in record["releases"]
    ]
    return f"{record['id']:<28} {'; '.join(ended)}"


COMMANDS = (Definition("report", "Show what happened in a run.", ReportOptions, report),)
