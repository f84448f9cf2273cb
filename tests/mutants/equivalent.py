"""Mutants that no test can kill, since what they change makes no difference: each with its reason."""

from __future__ import annotations

from tests.mutants.core import Mutant, read

SQL = "maulstick/postgres/sql/"
ALWAYS = "every row on the left has its row on the right"
EQUIVALENT = {
    f"{SQL}write.py": {
        "f'  left join {DIFFERS} as d on d.table_name = {literal(spec.label)}"
        """ and d."row" = k."row"\\n'""": ALWAYS,
        'f\' join {CHANGE} as c on c."row" {SAME} k."row" or c.table_name {SAME} %L\'': (
            "what is written to a row is what it is to become, in every column"
        ),
    },
    f"{SQL}diff.py": {
        "f'  from {keys(spec)} as k left join {stage(spec)} as s on s.ctid = k.\"row\"'": ALWAYS,
    },
    f"{SQL}deletes.py": {
        "where d.table_name = {label} and {same} and true;": "a row that did not move gets its own place",
    },
    f"{SQL}ledger.py": {
        'f"      union select r.old from {RENAMES} as r where r.table_name = {literal(spec.label)});"': (
            "the right side of an `in`: how often a key is in it does not matter"
        ),
    },
    f"{SQL}constraints/unique.py": {
        'left join <keys> as k on k."row" = w.maulstick_row': ALWAYS,
        "where exists (select from {CHANGE} as c where c.table_name = <'label'> or c.action = 'update')),": (
            "spares the question where no row is updated; the pairs need an updated row anyway"
        ),
    },
}
"""Of each file, lines as mutants have them, and why the SQL or Python does the same."""


def is_equivalent(mutant: Mutant) -> bool:
    """Return whether somebody has read a mutant and said why it makes no difference."""
    before = read(mutant.source)
    after = mutant.change(before) or ""
    changed = {line.strip() for line in {*after.splitlines()} - {*before.splitlines()}}
    return bool(changed & EQUIVALENT.get(mutant.source, {}).keys())
