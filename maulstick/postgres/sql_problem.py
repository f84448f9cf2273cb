"""What a database refused, as a problem that names the row and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from psycopg import pq

from maulstick.errors import Exit, Problem
from maulstick.postgres.sections import Range
from maulstick.postgres.sqlstates import DAMAGED, ONLY_READ, OTHER_VERSION, OUR_OWN, PLANTED

STOPS = (OTHER_VERSION, ONLY_READ, PLANTED, DAMAGED)
WITHIN = re.compile(r"PL/pgSQL[^\n]*? (?!inline_code_block)([\w.$\"]+\([^)\n]*\))[^\n]*?(\d+)")
"""Which function a message comes from, in any language, and its line: not a block of our own."""
COPIED = re.compile(r"COPY \S+, \S+ (\d+)(?:, \S+ (.+?)(?::|$))?")
"""Which row and column of a COPY a message is about, in any language; no other field says so."""


class SqlProblem(Problem):
    """A statement that the database refused, with its SQLSTATE and detail.

    `row` is the row of a COPY that it refused: where its rows stand, its number, and its column if known.
    """

    def __init__(
        self,
        where: str,
        what: str,
        hint: str,
        *,
        state: str,
        detail: str,
        row: tuple[Range, int, str] | None = None,
    ) -> None:
        super().__init__(where, what, hint, code=Exit.REFUSED if state in STOPS else Exit.FAILED)
        self.state = state
        self.detail = detail
        self.row = row


def problem_of(
    result: pq.abc.PGresult, fed: Range | None, where: str, hint_of: Callable[[str, str], str]
) -> SqlProblem:
    """Describe the problem of a refused statement; `fed` is where the rows of its COPY are."""
    field = pq.DiagnosticField
    says = {one: (result.error_field(one) or b"").decode() for one in (
        field.MESSAGE_PRIMARY, field.MESSAGE_DETAIL, field.MESSAGE_HINT, field.SQLSTATE, field.CONTEXT,
        field.TABLE_NAME
    )}  # fmt: skip
    detail, state = says[field.MESSAGE_DETAIL], says[field.SQLSTATE]
    hint = says[field.MESSAGE_HINT] or hint_of(state, says[field.MESSAGE_PRIMARY])
    what = says[field.MESSAGE_PRIMARY] if state.startswith(OUR_OWN) or not detail else ""
    what = what or f"{says[field.MESSAGE_PRIMARY]} ({detail})"
    if (table := says[field.TABLE_NAME]) and table not in what:
        what = f"{table}: {what}"
    if within := WITHIN.match(says[field.CONTEXT]):
        what = f"{what}, in {within[1]} line {within[2]}"
    copied = COPIED.match(says[field.CONTEXT])
    row = (fed, int(copied[1]), copied[2] or "") if copied and fed else None
    return SqlProblem(where, what, hint, state=state, detail=detail, row=row)


def one_line(text: str) -> str:
    """Return a message of libpq or a server as one line."""
    return " ".join(text.split())
