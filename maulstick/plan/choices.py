"""What the user decides about single rows: which side wins, what was renamed, what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.text import one_line

SIDES = ("local", "production")
OF_FILE = "media/"
"""What stands before the key of a file that a pull brings, where a side of it is taken."""
ONE = "one row becomes one row: leave one of them out"


@dataclass(frozen=True, slots=True)
class Take:
    """A side taken: for everything, a table, one row of it, one column, or one column of one row."""

    side: str
    table_name: str | None = None
    key: str | None = None
    column_name: str | None = None

    def __str__(self) -> str:
        place = ".".join(part for part in (self.table_name, self.key, self.column_name) if part)
        return f"{self.side}:{place}" if place else self.side


@dataclass(frozen=True, slots=True)
class FileTake:
    """A side taken for one file, by the key of its object."""

    side: str
    key: str

    def __str__(self) -> str:
        return one_line(f"{self.side}:{OF_FILE}{self.key}")


@dataclass(frozen=True, slots=True)
class Rename:
    """A row whose key changed in the source: found in production by `old`."""

    table_name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.table_name}:{self.old}={self.new}"


@dataclass(frozen=True, slots=True)
class RowName:
    """One row by its table and key, as `TABLE:KEY` names it."""

    table_name: str
    key: str

    def __str__(self) -> str:
        return one_line(f"{self.table_name}:{self.key}")


@dataclass(frozen=True, slots=True)
class Known:
    """What a bundle holds: its tables, and the keys of the rows of each."""

    specs: TableSpecs
    keys: Callable[[str], Collection[str]]


def is_of_file(text: str) -> bool:
    """Return whether a side is taken of a file, not of rows."""
    return text.partition(":")[2].startswith(OF_FILE)


def file_takes(texts: Iterable[str]) -> list[FileTake]:
    """Read `--take SIDE:media/KEY`; mistakes are usage problems."""
    found: dict[str, FileTake] = {}
    for text in filter(is_of_file, texts):
        side, _, place = text.partition(":")
        take = FileTake(_side(text, side), place.removeprefix(OF_FILE))
        if found.setdefault(take.key, take) != take:
            raise usage(f"--take {take}", "takes both sides of one place", "leave one of them out")
    return [*found.values()]


def takes(texts: Iterable[str], known: Known) -> list[Take]:
    """Read `--take SIDE[:TABLE[.KEY][.COLUMN]]`; mistakes and unknown rows are usage problems."""
    found = [_take(text, known.specs) for text in texts]
    for take in found:
        _require_row(take, known)
    for take in found:
        if replace(take, side=_other(take.side)) in found:
            raise usage(f"--take {take}", "takes both sides of one place", "leave one of them out")
    return found


def renames(texts: Iterable[str], known: Known) -> list[Rename]:
    """Read `--rename TABLE:OLD=NEW`; mistakes and unknown rows are usage problems."""
    found = [*dict.fromkeys(_rename(text, known) for text in texts)]
    for rename in found:
        _require_one_to_one(rename, found)
        _require_old(rename, found, known)
    return found


def restores(texts: Iterable[str], known: Known) -> list[RowName]:
    """Read `--restore TABLE:KEY`; mistakes and unknown rows are usage problems."""
    found = [*dict.fromkeys(rows("--restore", texts))]
    for row in found:
        if row.table_name not in known.specs:
            what = f'no table of this release is called "{row.table_name}"'
            raise usage(f"--restore {row}", what, did_you_mean(row.table_name, known.specs))
        keys = known.keys(row.table_name)
        if row.key not in keys:
            what = f'{row.table_name} has no row "{row.key}" here'
            raise usage(f"--restore {row}", what, did_you_mean(row.key, keys))
    return found


def misfits(
    take: Iterable[str], rename: Iterable[str], known: Known, restore: Iterable[str] = ()
) -> dict[str, Problem]:
    """Describe the problem of each choice that does not fit a bundle, by the option as it was typed."""
    found: dict[str, Problem] = {}
    for text in take:
        with _kept(found, f"--take {text}"):
            takes([text], known)
    for text in rename:
        with _kept(found, f"--rename {text}"):
            _rename(text, known)
    for text in restore:
        with _kept(found, f"--restore {text}"):
            restores([text], known)
    return found


def fitting(option: str, texts: Iterable[str], found: Collection[str]) -> list[str]:
    """Return the values of an option that are not among the misfits `found`."""
    return [text for text in texts if f"{option} {text}" not in found]


def rows(option: str, texts: Iterable[str]) -> list[RowName]:
    """Read options of the form `TABLE:KEY`."""
    return [_row(option, text) for text in texts]


def as_setting(choices: Sequence[Take] | Sequence[Rename] | Sequence[RowName]) -> str:
    """Return choices as the JSON that release.sql reads from its settings, "" if there are none."""
    return json.dumps([asdict(choice) for choice in choices]) if choices else ""


def _take(text: str, specs: TableSpecs) -> Take:
    side, colon, place = text.partition(":")
    _side(text, side)
    if not colon:
        return Take(side)
    if is_of_file(text):
        what = "names a file, of which only a pull takes a side"
        raise usage(f"--take {text}", what, "a release replaces files with --overwrite")
    if place.endswith("."):
        raise usage(f"--take {text}", "ends before the row or column", "SIDE[:TABLE[.KEY][.COLUMN]]")
    spec, rest = _spec(f"--take {text}", place, specs)
    if not rest:
        return Take(side, spec.label)
    key, dot, column = ("", ".", rest) if rest in spec.columns else rest.rpartition(".")
    if dot and column in spec.columns:
        if column in spec.theirs:
            what = f"{spec.label}.{column} is the site's own once a row is there: no side is taken"
            raise usage(f"--take {text}", what, "leave it out, or declare the column without theirs=…")
        return Take(side, spec.label, key or None, column)
    return Take(side, spec.label, rest)


def _side(text: str, side: str) -> str:
    if side not in SIDES:
        raise usage(f"--take {text}", f'"{side}" is not a side', "local or production")
    return side


def _require_row(take: Take, known: Known) -> None:
    if take.table_name is None or take.key is None:
        return
    keys, columns = known.keys(take.table_name), known.specs[take.table_name].columns
    if take.key in keys:
        return
    key, _, column = take.key.rpartition(".")
    if key in keys and not take.column_name:
        what = f'{take.table_name} has no column "{column}"'
        raise usage(f"--take {take}", what, did_you_mean(column, columns))
    names = [*keys] if take.column_name else [*keys, *columns]
    what = f'{take.table_name} has no {"row" if take.column_name else "row or column"} "{take.key}" here'
    raise usage(f"--take {take}", what, did_you_mean(take.key, names))


def _other(side: str) -> str:
    return SIDES[1 - SIDES.index(side)]


def _spec(where: str, place: str, specs: TableSpecs) -> tuple[TableSpec, str]:
    # Longest first: a table of another schema is named with a dot in it.
    for name in sorted(specs, key=len, reverse=True):
        if place == name or place.startswith(f"{name}."):
            return specs[name], place[len(name) + 1 :]
    table = place.partition(".")[0]
    raise usage(where, f'no table of this release is called "{table}"', did_you_mean(table, specs))


def _rename(text: str, known: Known) -> Rename:
    where, specs = f"--rename {text}", known.specs
    table, colon, pair = text.partition(":")
    ways = [(old, new) for old, new in _splits(pair) if old and new]
    if not (colon and ways):
        raise usage(where, "is not TABLE:OLD=NEW", "for example --rename artworks:old-slug=new-slug")
    if table not in specs:
        raise usage(where, f'no table of this release is called "{table}"', did_you_mean(table, specs))
    if not specs[table].surrogate:
        says = "its key is all that tells its rows apart: a new key is a new row"
        raise usage(where, says, "release it, then remove the old row")
    keys = known.keys(table)
    here = [Rename(table, old, new) for old, new in ways if new in keys]
    if not here:
        new = ways[0][1]
        raise usage(where, f'{table} has no row "{new}" here', did_you_mean(new, keys))
    if len(here) > 1:
        says = " or ".join(f'"{one.old}" to "{one.new}"' for one in here)
        raise usage(where, f"may mean {says}", "change this key in two releases, over one without =")
    return here[0]


def _splits(pair: str) -> Iterator[tuple[str, str]]:
    """List the two sides of each equals sign: keys may contain equals signs."""
    parts = pair.split("=")
    return (("=".join(parts[:n]), "=".join(parts[n:])) for n in range(1, len(parts)))


def _require_one_to_one(rename: Rename, found: Sequence[Rename]) -> None:
    for other in found:
        if other == rename or other.table_name != rename.table_name:
            continue
        if other.old == rename.old:
            raise usage(f"--rename {rename}", f'"{rename.old}" cannot become "{other.new}" as well', ONE)
        if other.new == rename.new:
            raise usage(f"--rename {rename}", f'"{other.old}" cannot become "{rename.new}" as well', ONE)


def _require_old(rename: Rename, found: Sequence[Rename], known: Known) -> None:
    """Refuse to rename a row whose old key still exists here."""
    taken = any((one.table_name, one.new) == (rename.table_name, rename.old) for one in found)
    if rename.old in known.keys(rename.table_name) and not taken:
        says = f'"{rename.old}" is still here, a row of its own'
        raise usage(f"--rename {rename}", says, f'leave it out: "{rename.new}" is a new row')


@contextmanager
def _kept(problems: dict[str, Problem], name: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        problems[name] = problem


def _row(option: str, text: str) -> RowName:
    table, colon, key = text.partition(":")
    if not (table and colon and key):
        raise usage(f"{option} {text}", "is not TABLE:KEY", f"for example {option} artworks:she-lays-down")
    return RowName(table, key)
