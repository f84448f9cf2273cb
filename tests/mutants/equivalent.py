"""Mutants that no test can kill, since what they change makes no difference: each with its reason."""

from __future__ import annotations

from tests.mutants.core import Mutant, read

SQL = "maulstick/postgres/sql/"
ALWAYS = "every row on the left has its row on the right"
EQUIVALENT = {
    f"{SQL}rollback/before_images.py": {
        "where true and a.atttypid <> b.type and t.typtype <> 'd'": "a column may get the type that it has",
    },
    f"{SQL}rollback/ledger.py": {
        "and exists (select from maulstick.release as r where r.number >= {number} and r.number < made)": (
            "spares the question where no release is between; the question says the same"
        ),
    },
    f"{SQL}session.py": {
        "given = {name: value for name, value in settings.items() if True}": "an empty setting is none",
    },
    f"{SQL}write.py": {
        'f"update {CHANGE} as c set after = coalesce(d.local, c.after)"': (
            "what is decided for a new row is what it is here"
        ),
        "f'  left join {DIFFERS} as d on d.table_name = {literal(spec.label)}"
        """ and d."row" = k."row"\\n'""": ALWAYS,
        'f\' join {CHANGE} as c on c."row" {SAME} k."row" or c.table_name {SAME} %L\'': (
            "what is written to a row is what it is to become, in every column"
        ),
    },
    f"{SQL}sequences.py": {
        "join pg_depend as d on true": "no two kinds of objects have one number, but by chance",
    },
    f"{SQL}missing_references.py": {
        "by_pointer = [to.missing for other in specs.values() for to in other.pointers if True]": (
            "then it is asked whether somebody needs the row, and somebody does"
        ),
    },
    f"{SQL}identity/keys.py": {
        """f"  from {keys(spec)} as k where k.found and true\\n\"""": (
            "spares the grouping of all rows; only a group of several is told"
        ),
        'f"exists (select from pg_attribute as a join pg_collation as o on true\\n"': (
            "then rows are looked for that are spelt otherwise, and there are none"
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
