"""Production's schema into the copy: dumped in the snapshot of the rows, restored before and behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.errors import DENIED
from maulstick.redact import Secret
from maulstick.rehearsal.programs import Programs, failed
from maulstick.text import one_line

PLAIN = (
    "--no-owner",
    "--no-privileges",
    "--no-comments",
    "--no-security-labels",
    "--no-tablespaces",
    "--no-publications",
    "--no-subscriptions",
)
ELSEWHERE = ("FOREIGN DATA WRAPPER", "SERVER", "USER MAPPING", "FOREIGN TABLE")
"""What reaches other servers: a copy must not."""
ENTRY = re.compile(r"^\d+; \d+ \d+ (?P<entry>.+?)(?: \S+)?$")
"""A line of a dump's table of contents; its last word is the owner."""
REFUSED = re.compile(
    r"from TOC entry \d+; \d+ \d+ (?P<entry>(?:[^\n]|\n(?!pg_restore: ))+?)(?: \(no owner\)| \S+)?\s*\n"
    r"pg_restore: error: could not execute query: ERROR:\s+(?P<says>[^\n]*)"
)
ERROR, QUERY = "pg_restore: error:", "could not execute query"
"""What is refused of a schema, and what a program that is newer than the server sets there: it goes on."""
ALL_TABLES = "pg_dump locks every table that it describes: grant pg_read_all_data to the role that reads"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of production's schema that the copy lacks, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class SchemaDump:
    """A dump of a schema: `file` in the custom format, `listing` what of it is restored."""

    programs: Programs
    file: Path
    listing: Path
    left_out: Sequence[LeftOut]

    def restore(self, url: Secret, section: str) -> Iterator[LeftOut]:
        """Restore a section into a database; yield what PostgreSQL refuses there, and go on."""
        # Only then every version says which entry it is at.
        words = ["--verbose", f"--section={section}", f"--use-list={self.listing}"]
        words += [*_left_out(self.programs), str(self.file)]
        done = self.programs.run("pg_restore", words, url)
        refused = [LeftOut(_name(one["entry"]), one["says"]) for one in REFUSED.finditer(done.stderr)]
        others = [line for line in done.stderr.splitlines() if ERROR in line and QUERY not in line]
        if done.returncode and others:
            raise failed("rehearse", done.stderr, "pg_restore could not make the copy")
        yield from refused


def dump_schema(
    programs: Programs, url: Secret, folder: Path, *, snapshot: str, where: str, role: str | None
) -> SchemaDump:
    """Dump a database's schema as a snapshot has it; nothing but its catalogue is read."""
    file = folder / "schema.dump"
    words = [
        "--schema-only",
        "--format=custom",
        *_left_out(programs),
        f"--snapshot={snapshot}",
        f"--file={file}",
    ]
    words += ["--lock-wait-timeout=60s", *([f"--role={role}"] if role else [])]
    done = programs.run("pg_dump", words, url)
    if done.returncode:
        hint = ALL_TABLES if "permission denied" in done.stderr or DENIED in done.stderr else ""
        raise failed(where, done.stderr, hint)
    return _listed(programs, file, folder / "schema.list")


def _left_out(programs: Programs) -> tuple[str, ...]:
    """Return the options that leave out what belongs to production's machine and people alone."""
    return (*PLAIN, "--no-table-access-method") if programs.major >= 15 else PLAIN


def _listed(programs: Programs, file: Path, listing: Path) -> SchemaDump:
    """Leave out what would reach other servers."""
    done = programs.run("pg_restore", ["--list", str(file)])
    if done.returncode:
        raise failed("rehearse", done.stderr)
    kept, left_out = [], []
    for line in done.stdout.splitlines():
        found = ENTRY.match(line)
        if found and found["entry"].startswith(ELSEWHERE):
            left_out.append(LeftOut(_name(found["entry"]), "a copy reaches no other server"))
        else:
            kept.append(line)
    listing.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return SchemaDump(programs, file, listing, left_out)


def _name(entry: str) -> str:
    """Return what a dump calls an entry, in lower case but for its names: `trigger public artworks guard`."""
    entry = one_line(entry)
    kind = re.match(r"(?:[A-Z]+ )*[A-Z]+(?= )", entry)
    if kind is None:
        return entry
    rest = entry[kind.end() :].strip()
    return f"{kind[0].lower()} {rest.removeprefix('- ').removeprefix('public ')}"
