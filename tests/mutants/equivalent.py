"""Mutants that no test can kill, since what they change makes no difference: each with its reason."""

from __future__ import annotations

from tests.mutants.core import Mutant, read
from tests.mutants.equivalent_rows import ALWAYS, ROWS, SQL

PLAN = "maulstick/plan/"
ONE = "there is one element"
NONE = "what has no row on the right is left out by a later condition"
APART = "no two of these rows are the same"
FIRST = "`into` takes the first row anyway"
NUMBERED = "no column has the number 0"
PLACED = "a table's number and a place in it name one row: the table's name need not be compared"
SPARES = "only spares reading where there is nothing to find"
TOGETHER = "the two are made of one list"
OF_ANOTHER_KIND = "a release is of one kind: the two are not the same one"
ASKED_ALONE = "what is not asked ahead is asked by itself"
THERE = "what was recorded of the row is there already, and a conflict does nothing"
RECORD = "what the rollback itself recorded is base as it is: nothing moved since"
BETWEEN = "spares the question where no release is between; the question says the same"
EQUIVALENT = {
    "maulstick/media/compare.py": {
        "overwrite: bool = True": "compare sets it; whoever else compares asks for no action",
        "AT_ONCE = 65": "how many at once changes only how long it takes",
        "AT_ONCE = 63": "how many at once changes only how long it takes",
    },
    f"{PLAN}changes.py": {
        "return all(one == two for one, two in zip(self, other, strict=False))": "both are as many",
    },
    f"{PLAN}hints.py": {
        "(link.table, link.target[ -1]) for link in links"
        " if len(link.target) == 1 and specs[link.table].travels": ONE,
    },
    f"{PLAN}overwritten.py": {
        'if change.action in ("insert", "update") or change.cells is not None': "spares reading other rows",
        "if True": "spares reading other rows",
    },
    f"{PLAN}moved_pages.py": {
        "pairs[old[ -1]] = new[0]": ONE,
        "pairs[old[0]] = new[ -1]": ONE,
        "place: columns[specs[place[0]].key[ -1]]": ONE,
        "if specs[place[0]].key_is_value and specs[place[0]].key[ -1] in columns": ONE,
    },
    f"{PLAN}rollback.py": {
        "and n.kind = 'release' and n.number > r.number and n.number <= p.number)": OF_ANOTHER_KIND,
        "join maulstick.release as p on p.subject = r.subject"
        " and p.kind = 'publish' and p.number >= r.number": OF_ANOTHER_KIND,
        'else number end from maulstick.release as r order by r.number desc"""': "the first row is read",
        "database.ahead([subject])": ASKED_ALONE,
        "database.ahead([IS_THERE])": ASKED_ALONE,
        '[LEDGER, LAST, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}", *questions()]': (
            ASKED_ALONE
        ),
        '[IS_THERE, LAST, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}", *questions()]': (
            ASKED_ALONE
        ),
        '[IS_THERE, LEDGER, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}", *questions()]': (
            ASKED_ALONE
        ),
        '[IS_THERE, LEDGER, LAST, f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}", *questions()]': ASKED_ALONE,
        '[IS_THERE, LEDGER, LAST, f"{KNOWN} {of}", f"{PUBLISHED_BY} {of}", *questions()]': ASKED_ALONE,
        '[IS_THERE, LEDGER, LAST, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", *questions()]': ASKED_ALONE,
        '[IS_THERE, LEDGER, LAST, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}"]': ASKED_ALONE,
    },
    f"{PLAN}plan_file.py": {
        'EXACT = ConfigDict(strict=False, extra="forbid")': "JSON has no value that would pass for another's",
    },
    f"{SQL}columns/hiding.py": {
        "from {HIDDEN} as h where {ours} and {this} and true and c.after is not null;": (
            "the next statement takes it out of rows that were there"
        ),
        "from {HIDDEN} as h where {ours} and {this} and h.is_new and true;": "null with a value is null",
    },
    f"{SQL}columns/unreleased_columns.py": {
        'noted = f" from {_written(spec)} left join {real(spec)} as t on {written(spec)}"': ALWAYS,
        'restored = f" from {_written(spec)} left join {back} as c on c.key {SAME} k.key'
        ' where {written(spec)}"': "a row that lost nothing keeps its values",
        "return f'{ready(spec)} as w left join {keys(spec)} as k"
        """ on k."row" {SAME} w.maulstick_row'""": ALWAYS,
        'f"    where a.attrelid = {literal(real(spec))}::regclass and a.attnum >= 0'
        ' and not a.attisdropped\\n"': "no column has the number 0",
    },
    f"{SQL}rollback/changed_since.py": {
        "where r.of >= {number} and r.number > {last} order by r.number desc;": "into takes the first row",
        'f"      or c.times is not null or (d.times @> c.times) is not true);"': (
            "spares the comparison column by column, which says the same"
        ),
        'f"      or c.times is not null and true);"': (
            "spares the comparison column by column, which says the same"
        ),
        'f"    union {beside} is distinct from e.value) as e) as m\\n"': "a column travels or it does not",
        'f"  from {changes} left join maulstick.release as r on r.number = c.release\\n"': ALWAYS,
        'f"  join {DOOMED} as d using (table_name, key)'
        ' left join maulstick.base_row as b using (table_name, key)\\n"': "no subjects, no rows",
        """f"  cross join unnest(b.subjects) as s where c.action = 'insert' and true and {others}\\n\"""": (
            "spares looking at each subject, which says the same"
        ),
        'f"  from {CHANGE} as m left join {DIFFERS} as d using (table_name, key)\\n"': ALWAYS,
        'f"  left join {changes} using (table_name, key)\\n"': ALWAYS,
        'f"  from {changes} left join {keys(spec)} as k on k.key = c.key\\n"': NONE,
        """f'  left join {keys(spec)} as k on k."row" {SAME} v."row"\\n'""": NONE,
    },
    f"{SQL}rollback/sums.py": {
        'and a.attname = \'sums\' and true)"""': "a column that is dropped has another name",
    },
    f"{SQL}rollback/before_images.py": {
        "where a.attrelid <> {literal(stage(spec))}::regclass and a.atttypid <> b.type"
        " and t.typtype <> 'd'": "a column may get the type that it has",
        "where a.attrelid = {literal(stage(spec))}::regclass or a.atttypid <> b.type"
        " and t.typtype <> 'd'": "a column may get the type that it has",
        "where a.attrelid = {literal(stage(spec))}::regclass and true and t.typtype <> 'd'": (
            "a column may get the type that it has"
        ),
        "where a.attrelid = {literal(stage(spec))}::regclass and a.attnum >= 0": "no column has the number 0",
        'f"with kept as (select f.* from {CHANGES} left join ({_there(spec)}) on f.key = c.key\\n"': NONE,
        'found = f"(select f.* from {FOUND} as f where true) as f"': "a row's place names its table",
        'return f"{found} left join {real(spec)} as t on {is_found()}"': ALWAYS,
        'f"  select c.was, true, k.id from {CHANGES} left join {keys(spec)} as k on k.key = c.key\\n"': NONE,
        'f"  where true and {unknown}f.key)\\n"': "nothing else was looked up",
        "f'  from {CHANGES} left join {keys(spec)} as k"
        """ on k.key = c.key and k."row" is not null\\n'""": ALWAYS,
        'f"  where c.table_name = {literal(spec.label)} and true;"': "only rows to put back are staged",
        "where true and a.atttypid <> b.type and t.typtype <> 'd'": "a column may get the type that it has",
    },
    f"{SQL}rollback/ledger.py": {
        "where true": THERE,
        "or not exists (select from {CHANGE} as m": THERE,
        "and true": THERE,
        "from {CHANGES} left join maulstick.change as n"
        " on (n.table_name, n.key) = (c.table_name, c.key)": NONE,
        "from {CHANGES} join maulstick.change as n on true": "what is of no row of it is joined to none",
        "from {CHANGES} left join maulstick.release as r on r.number = c.release": ALWAYS,
        "left join {UNDID} as m on (m.table_name, m.key) = (c.table_name, coalesce(c.was, c.key))": ALWAYS,
        "order by n.table_name desc, n.key, n.release;": "of each row the first is taken anyway",
        "where n.release > {number} and n.release <= made": RECORD,
        "where n.release > {number} and true": RECORD,
        "and exists (select from maulstick.release as r"
        " where r.number > {number} or r.number < made)": BETWEEN,
        "and exists (select from maulstick.release as r"
        " where r.number > {number} and r.number <= made)": BETWEEN,
        "and exists (select from maulstick.release as r where true and r.number < made)": BETWEEN,
        "and exists (select from maulstick.release as r where r.number > {number} and true)": BETWEEN,
        "and exists (select from maulstick.release as r"
        " where r.number >= {number} and r.number < made)": BETWEEN,
    },
    f"{SQL}planted_in_ledger.sql": {
        "union select 'the trigger ' || t.tgname from pg_trigger as t where t.tgrelid = c.oid"
        " and not t.tgisinternal": APART,
        "union select 'the rule ' || r.rulename from pg_rewrite as r where r.ev_class = c.oid": APART,
        "union select 'tables that inherit' from pg_inherits as i where c.oid in (i.inhrelid, i.inhparent)": (
            "of several that are the same one is named"
        ),
        "union select 'the check ' || k.conname from pg_constraint as k where k.conrelid = c.oid"
        " and k.contype = 'c'": APART,
        "union select 'a default' from pg_attrdef as d where d.adrelid = c.oid": (
            "of several that are the same one is named"
        ),
        "union select 'a column of the type ' || format_type(a.atttypid, null) from pg_attribute as a": (
            "of several that are the same one is named"
        ),
        "union select 'the index ' || i.indexrelid::regclass from pg_index as i": APART,
    },
    f"{SQL}lacking_in_ledger.sql": {
        "union select 'lacks the column ' || n.spelled from unnest(t.columns) as n(spelled)": APART,
    },
    f"{SQL}privileges.sql": {
        "union select x.says, x.place from unnest(w.privileges) with ordinality as x(says, place)": APART,
        "union select 2, format('grant usage on schema %I to %s', nspname, grantee) from schemas": APART,
        "union select 3, format('grant %s on %s to %s', string_agg(l.says, ', ' order by l.place),": APART,
        "union select 4, format('grant usage on sequence %I.%I to %s', n.nspname, s.relname,"
        " s.grantee)": APART,
        "union select 5, format(case when l.oid is null then 'create schema maulstick authorization"
        " %s'": APART,
        "union select 6, format('grant usage on schema maulstick to %s', grantee) from ledger": APART,
        "union select 7, format('grant %s on all tables in schema maulstick to %s',": APART,
        "union select 8, format('alter role %s bypassrls', w.grantee) from wanted as w": APART,
        "select w.n, w.oid, p.says, p.place from wanted as w left join reads as d using (n, oid)": ALWAYS,
        'from lacking as l left join wanted as w using (n, oid) group by w."table", w.grantee': ALWAYS,
    },
    f"{SQL}catalogue.sql": {
        "union select b.typbasetype from base join pg_type b on b.oid = base.oid where b.typtype = 'd')": (
            "a domain is never made of itself"
        ),
        "where x.attrelid = b.typrelid and x.attnum >= 0 and not x.attisdropped) i)": NUMBERED,
        "where a.attrelid = c.oid and a.attnum >= 0),  -- a dropped column has no type": NUMBERED,
        "join pg_type y on y.oid = a.atttypid left join pg_type e on true and e.typarray = y.oid": (
            "an array has one element"
        ),
        "join pg_type y on y.oid = a.atttypid left join pg_type e on e.oid = y.typelem and true": (
            "what has an element and is no array is PostgreSQL's own, and so is its element"
        ),
        "select from pg_depend x where true and x.deptype = 'e'": (
            "no two kinds of objects have one number, but by chance"
        ),
        "where true and d.objid = i.indexrelid)) order by i.indexrelid)": (
            "no two kinds of objects have one number, but by chance"
        ),
        "from path join pg_class c on true join pg_namespace n on n.oid = c.relnamespace": "it is never null",
    },
    f"{SQL}trust/site_path.py": {
        "LAST = 1001": "a path of a thousand schemas has none",
        "LAST = 999": "a path of a thousand schemas has none",
        "union select n.oid, n.nspowner, 0 from pg_namespace as n where n.nspname = 'pg_catalog'),": (
            "whether an object has its name twice is asked of different schemas"
        ),
        "union select p.oid, p.nspowner, o.oprowner, o.oprname, 1, 'operator ' || o.oid::regoperator": APART,
        "order by 1;": FIRST,
        "union select {LAST}, 'public') as l": "the schemas are grouped",
    },
    f"{SQL}three_way.py": {
        "links = [link for link in spec.links if len(link.columns) > 0 and not holds_id(spec, link)]": (
            "a reference of one column is taken from one side anyway"
        ),
        "links = [link for link in spec.links if len(link.columns) >= 1 and not holds_id(spec, link)]": (
            "a reference of one column is taken from one side anyway"
        ),
        """f"    and exists (select from jsonb_each(c.columns) as e left join {TAKES} as t"""
        """ on t.column_name = e.key\\n\"""": "the condition asks for the take's table",
        """f"  from {CHANGE} as c where c.table_name = {literal(spec.label)} and true\\n\"""": (
            "only a row that is a conflict has a column that is one"
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
    f"{SQL}guard.py": {
        'NEW = """(d.table_name, d."row") = (c.table_name, c."row") and c.action'
        " = 'insert' and true" + '"' * 3: "what was decided comes before what is brought",
    },
    f"{SQL}diff.py": {
        'f"  where s.maulstick_matched is null and (not k.found and b.key is null\\n"': (
            "what is not there, or not known, differs in its text or has no base"
        ),
        'f"  from {KNOWN} as b where true and {ours} and not exists (\\n"': (
            "a row of another table is not looked up, and so taken out again"
        ),
        'f"  from {KNOWN} as b where b.table_name <> any ({tables}) and {ours} and not exists (\\n"': (
            "a row of another table is not looked up, and so taken out again"
        ),
        'rows = f"{FOUND} as f join {real(spec)} as t on {is_found()}{now.joins} where true"': PLACED,
        'rows = f"{FOUND} as f left join {real(spec)} as t on {is_found()}{now.joins}'
        ' where f.table_name = {label}"': "of a row that is not there nothing differs",
        "f'  from {keys(spec)} as k left join {stage(spec)} as s on s.ctid = k.\"row\"'": ALWAYS,
    },
    f"{SQL}deletes.py": {
        'parts = ",\\n".join(f"{one} as ({_delete_rows(spec)})"'
        " for one, spec in zip(deletes, group, strict=False))": TOGETHER,
        'where true and f.key in (select p.key from {here})"""': PLACED,
        "if not exists (select from {DOOMED} as d where true){enforced} then": SPARES,
        "from {DOOMED} as d left join {template(real(spec))} as t on t.tableoid = d.o and t.ctid = d.c": (
            "what is joined next needs the row"
        ),
        "where true and not exists (": PLACED,
        "if not exists (select from {DOOMED} as d where true) then": SPARES,
        'f"        where true for update of t nowait;"': PLACED,
        "select from {real(spec)} as t where t.tableoid <> d.o and t.ctid = d.c)) then": SPARES,
        "where d.table_name = {label} and {same} and (d.o = t.tableoid or d.c <> t.ctid);": (
            "a row that did not move gets its own place"
        ),
        "if not exists (select from {DOOMED} as d where d.table_name = {label} or not exists (": SPARES,
        "if not exists (select from {DOOMED} as d where true and not exists (": SPARES,
        "if not exists (select from {DOOMED} as d where d.table_name = {label} and true) then": SPARES,
        'f" where true and t.tableoid {SAME} d.o"': PLACED,
        "where d.table_name = {label} and {same} and true;": "a row that did not move gets its own place",
    },
    f"{SQL}ledger.py": {
        "return json.dumps({name: spec.to_json() for name, spec in specs.items()}, ensure_ascii=True)": (
            "jsonb holds the same"
        ),
        "where r.subject = {literal(subject)} order by r.number desc;": FIRST,
        'rows = f\'{DIFFERS} as d left join {CHANGE} as c on (c.table_name, c."row")'
        ' = (d.table_name, d."row")\'': "what has no action is not written",
        'f"      union select r.old from {RENAMES} as r where r.table_name = {literal(spec.label)});"': (
            "the right side of an `in`: how often a key is in it does not matter"
        ),
    },
    **ROWS,
}
"""Of each file, lines as mutants have them, and why the SQL or Python does the same."""


def is_equivalent(mutant: Mutant) -> bool:
    """Return whether somebody has read a mutant and said why it makes no difference."""
    before = read(mutant.source)
    after = mutant.change(before) or ""
    changed = {line.strip() for line in {*after.splitlines()} - {*before.splitlines()}}
    return bool(changed & EQUIVALENT.get(mutant.source, {}).keys())
