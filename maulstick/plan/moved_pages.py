"""Pages whose address a plan changes: visitors, links and search engines know the old one.

Which page belongs to which row only its plugin knows: it is asked for the pages with a row as production has
it, and as it will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, unquote

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.rows import RowsOnDemand
from maulstick.errors import Problem
from maulstick.plan.changes import Change, Plan
from maulstick.postgres.copy_text import Row
from maulstick.postgres.tables.keys import key_text
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins

MOST = 100
"""Rows of a plan for which the plugins are asked: each question reads all pages."""


@dataclass(frozen=True, slots=True)
class MovedPage:
    """A page that a release moves: `new` is "" where nothing takes its place."""

    old: str
    new: str

    @property
    def line(self) -> str:
        """The redirect as many hosts read it from a file `_redirects`."""
        return f"{_in_one_word(self.old)} {_in_one_word(self.new)} 301"


def moved_pages(bundle: Bundle, plan: Plan, plugins: Plugins) -> tuple[MovedPage, ...]:
    """List the pages whose address changes, by the rows of a plan that are part of an address."""
    updates = plan.with_action("update")
    if not updates:
        return ()
    now = [page.path for page in bundle.manifest.pages if not page.gone]
    text = "\n".join(unquote(path) for path in now)
    asked = [one for one in updates if any(value in text for value, _ in _changed(one).values())][:MOST]
    try:
        before = _paths(bundle, asked, plugins) if asked else now
        lost = [path for path in before if path not in {*now}]
        pairs = _by_place(before, now) or _by_row(bundle, asked, plugins, now) if lost else {}
    except Problem:  # no release fails for want of a redirect
        return ()
    return tuple(MovedPage(path, pairs.get(path, "")) for path in lost)


def _by_place(before: Sequence[str], now: Sequence[str]) -> Mapping[str, str]:
    """Return the new address of each old one by their places, where no page came, went or changed places."""
    pairs = {old: new for old, new in zip(before, now, strict=False) if old != new}
    return pairs if len(before) == len(now) and {*pairs}.isdisjoint(now) else {}


def _by_row(
    bundle: Bundle, changes: Sequence[Change], plugins: Plugins, now: Sequence[str]
) -> Mapping[str, str]:
    """Return the new address of each old one by the row of which it is the only page that moves."""
    pairs: dict[str, str] = {}
    for change in changes:
        before = _paths(bundle, [change], plugins)
        old, new = (
            [path for path in one if path not in other] for one, other in ((before, now), (now, before))
        )
        if len(old) == len(new) == 1:
            pairs[old[0]] = new[0]
    return pairs


def _changed(change: Change) -> Mapping[str, tuple[str, str]]:
    """Return the columns that a release changes from one text to another: what it becomes, what it was."""
    return {
        name: (str(cell["local"]), str(cell["production"]))
        for name, cell in change.columns.items()
        if cell["action"] == "update" and cell.get("local") and cell.get("production")
    }


def _paths(bundle: Bundle, changes: Sequence[Change], plugins: Plugins) -> list[str]:
    """List the addresses of the pages as long as some rows are as production has them."""
    subject = bundle.manifest.subject
    kind = plugins.kind(subject.kind)
    for change in changes:
        if change.table == kind.table and kind.key in _changed(change):
            subject = Subject(subject.kind, _changed(change)[kind.key][1])
    rows = RowsOnDemand(bundle.manifest.counts(), partial(_as_before, bundle, changes))
    return [page.path for page in plugins.pages(subject, rows) if not page.gone]


def _as_before(bundle: Bundle, changes: Sequence[Change], name: str) -> Iterator[Row]:
    """Yield the rows of a table as if some were not changed, those that refer to these included."""
    specs = bundle.manifest.specs
    was = {
        (change.table, change.key): {column: old for column, (_, old) in _changed(change).items()}
        for change in changes
    }
    keys = {
        place: columns[specs[place[0]].key[0]]
        for place, columns in was.items()
        if specs[place[0]].key_is_value and specs[place[0]].key[0] in columns
    }
    spec = specs[name]
    for row in bundle.table(spec):
        pointing = {
            column: keys[to.table, row[column] or ""]
            for column, to in spec.references.items()
            if (to.table, row[column] or "") in keys
        }
        yield {**row, **pointing, **was.get((name, key_text(spec, specs, row)), {})}


def _in_one_word(path: str) -> str:
    return quote(path, safe="/?&=#%:;,@+!$*'()~")
