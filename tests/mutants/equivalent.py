"""Mutants that no test can kill, since what they change makes no difference: each with its reason."""

from __future__ import annotations

from tests.mutants.core import Mutant, read

SQL = "maulstick/postgres/sql/"
ALWAYS = "every row on the left has its row on the right"
PLAN = "maulstick/plan/"
ONE = "there is one element"
NONE = "what has no row on the right is left out by a later condition"
APART = "no two of these rows are the same"
FIRST = "`into` takes the first row anyway"
NUMBERED = "no column has the number 0"
PLACED = "a table's number and a place in it name one row: the table's name need not be compared"
SPARES = "only spares reading where there is nothing to find"
TOGETHER = "the two are made of one list"
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
        "where true and a.atttypid <> b.type and t.typtype <> 'd'": "a column may get the type that it has",
    },
    f"{SQL}rollback/ledger.py": {
        "and exists (select from maulstick.release as r where r.number >= {number} and r.number < made)": (
            "spares the question where no release is between; the question says the same"
        ),
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
    f"{SQL}sequences.py": {
        "or d.classid = 'pg_class'::regclass and true": (
            "a sequence that belongs to a column without being its identity is found by its default"
        ),
        "where true": "fewer numbers are skipped at once, and the rest one after the other",
        "left join (select g.id, row_number() over (order by g.n) as n": (
            "there are as many numbers as new rows"
        ),
        "wanted := coalesce((select count(*) from {keys(spec)} as k where {_new(spec)}), wanted);": (
            "the number of new rows stays the same"
        ),
        '" where following is null or following - v > %5$s order by 1"': "the first row is taken",
        "select a.attname, s.oid::regclass as counter, q.seqincrement as step, q.seqstart,": (
            "what was stepped over is not stepped over again"
        ),
        "select a.attname, s.oid::regclass as counter, q.seqincrement as step, q.seqmin, q.seqmax": (
            "a sequence that is ahead stays where it is"
        ),
        "elsif ahead >= 0 then": "no number is taken then",
        "if ahead >= {FAR} and has_sequence_privilege(one.counter, 'update') then": (
            "both ways end at the same number"
        ),
        "where case when counter.seqincrement >= 0 then t.{id_} >= at else t.{id_} <= at end": (
            "no sequence counts by nothing"
        ),
        "execute format({literal(written)}, case when one.step >= 0 then 'max' else 'min' end,": (
            "no sequence counts by nothing"
        ),
        "f' left join {CHANGE} as c on c.\"row\" = w.maulstick_row and c.table_name = {label}'": (
            "what has no row on the right is left out by the condition"
        ),
        "update {keys(spec)} as k set id = null where {_new(spec)} and true": (
            "an id that is null is not one that is taken"
        ),
        "if {PLANNING} or not exists (select from {keys(spec)} as k where true) then": (
            "spares the statements where there is nothing to do"
        ),
        (
            'twice = f"exists (select from {keys(spec)} as o where o.id = k.id and true and o.ctid < k.ctid)"'
        ): "a row that was found has an id of production, which is not free",
        "if tries >= {TRIES} then": "one try less is as good",
        "TRIES = 39": "one try less is as good",
        "TRIES = 41": "one try more is as good",
        "FAR = 99999": "both ways end at the same number",
        "FAR = 100001": "both ways end at the same number",
        "join pg_depend as d on true": "no two kinds of objects have one number, but by chance",
    },
    f"{SQL}missing_references.py": {
        (
            'f\'  left join {CHANGE} as o on (o.table_name, o."row") = ({literal(p'
            "ointed.label)}, q.ctid)\\n'"
        ): "what has no row on the right is left out by the condition",
        "f\"  left join {stage(pointed)} as q on {names_staged(spec, specs, link, 'q')}\\n\"": (
            "what has no row on the right is left out by the condition"
        ),
        "rows = f'{keys(pointed)} as m join {stage(pointed)} as r on r.ctid = m.\"row\"'": (ALWAYS),
        "point = [to for other in specs.values() for to in other.pointers if True]": (
            "then it is asked whether somebody needs the row, and somebody does"
        ),
        "refer = [to for other in specs.values() for to in other.references.values() if True]": (
            "then it is asked whether somebody needs the row, and somebody does"
        ),
        "f'  from {CHANGE} as c left join {stage(spec)} as s on s.ctid = c.\"row\"\\n'": (
            "what has no row on the right is left out by the condition"
        ),
        "f'  from {keys(spec)} as k left join {stage(spec)} as s on s.ctid = k.\"row\"\\n'": (ALWAYS),
        "if link.period or not {*link.target} < {*pointed.columns, pointed.id}:": (
            "no link is of all columns and the id"
        ),
        'key, beside = texts[by_id[ -1]], ", ".join(one for one in link.columns if one not in by_id)': (
            "one column of a link is the id"
        ),
        "return _known(columns[ -1], specs[link.table])": "a reference by id has one column",
        (
            "by_id = [one for one, two in zip(link.columns, link.target, strict=F"
            "alse) if two == specs[link.table].id]"
        ): "a link has as many columns here as there",
    },
    f"{SQL}identity/keys.py": {
        'f"  from {keys(spec)} as k where k.found and {goes} and true\\n"': (
            "only a group of several is told"
        ),
        'f"  from {keys(spec)} as k where true and {goes} and k.id in ({twice})\\n"': (
            "a row that was not found has an id of its own, or none"
        ),
        (
            'twice = f"select one.id from {keys(spec)} as one where true group by one.id having count(*) > 1"'
        ): "a row that was not found has an id of its own, or none",
        (
            'twice = f"select one.id from {keys(spec)} as one where one.found gro'
            'up by one.id having count(*) >= 1"'
        ): "only a group of several is told",
        'return f"\\n  left join {real(spec)} as t on true and {by_id(spec)}"': (
            "a row that was not found has no id, or one that no row has"
        ),
        "f'      from {keys(spec)} as k left join {stage(spec)} as s on s.ctid = k.\"row\"'": (ALWAYS),
        'rows = f"{FOUND} as f join {real(spec)} as t on {is_found()} where true"': (
            "a place is one of a table"
        ),
        "if not exists (select from {RENAMES} as r where true) then": (
            "spares the statements where there is nothing to do"
        ),
        "from {old} left join {RENAMES} as r on {ours} and r.old = t.key": (
            "what has no row on the right is left out by the condition"
        ),
        (
            "from {RENAMES} as r left join {keys(spec)} as k on k.key = r.new whe"
            "re {ours} and k.found = {there};"
        ): "what has no row on the right is left out by the condition",
        'text = array_key(parts, is_value=spec.key_is_value, plain=f"s.{name(spec.key[ -1])}::text")': (
            "a key that is a value has one column"
        ),
        'f"exists (select from pg_attribute as a join pg_collation as o on true\\n"': (
            "then rows are looked for that are spelt otherwise, and there are none"
        ),
    },
    f"{SQL}diff.py": {
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
    f"{SQL}constraints/unique.py": {
        "where exists (select from {CHANGE} as c where c.table_name = <'label'> and true)),": (
            "spares the statements where there is nothing to do"
        ),
        "where exists (select from {CHANGE} as c where true and c.action = 'update')),": (
            "spares the statements where there is nothing to do"
        ),
        "where true),": "spares the statements where there is nothing to do",
        "on <same> and true": "a row that is a pair with itself is told of by nothing below",
        "where (not k.found or p.wants >= p.holder)": "no row is a pair with itself",
        'from pairs as p left join <keys> as k on k."row" = p.wants': (ALWAYS),
        "left join <written> as u(maulstick_row, <names>)": (
            "what has no row on the right is left out by the next join"
        ),
        'join <keys> as k on k."row" = r.maulstick_row and true': (
            "a row that was not found has no id, or one that no row has"
        ),
        "left join (select <whose> as maulstick_whose, t.* from <real> as t<joins>) as t": (ALWAYS),
        'left join <keys> as k on k."row" = r.maulstick_row and k.found': (
            "what has no row on the right is left out by the next join"
        ),
        "where true) as h on <holder>": "a row that was not found has no id, or one that no row has",
        "left join <real> as t on t.ctid = u.c and t.tableoid = u.o<joins>": (ALWAYS),
        (
            "left join (select ctid, tableoid, <says> from <real> where <only>) as u(c, o, <names>) on <same>"
        ): "what has no row on the right is left out by the next join",
        "if one.now and exists (select from {HELD} as h where true) then": (
            "spares the statements where there is nothing to do"
        ),
        "if one.now and true then": "spares the statements where there is nothing to do",
        "where true order by s.label, i.name": "rows that keep their values share none",
        "where i.columns && s.brought order by s.label desc, i.name": (
            "what is wrong is sorted once it is read"
        ),
        'left join <keys> as k on k."row" = w.maulstick_row': ALWAYS,
        "where exists (select from {CHANGE} as c where c.table_name = <'label'> or c.action = 'update')),": (
            "spares the question where no row is updated; the pairs need an updated row anyway"
        ),
    },
    f"{SQL}identity/lookup.py": {
        (
            "there = f\"\\n      left join {real(pointed)} as {name(inner)} on {' a"
            "nd '.join(far.conditions)}\""
        ): "no reference leads to a row that does not exist",
        'f"        left join {there} on {same} offset 0) as m where m.whole = m.key"': (
            "what has no row on the right is left out by the condition"
        ),
        "by_text := exists (select from {rows} where ({nulls}) and true);": (
            "what is found already is left out then, too"
        ),
        'rows = f"(select distinct w.key from ({wanted}) as w(key) where true) as w"': (
            "no row has a key that is null"
        ),
        'nulls = " or ".join(f"{part} is null" for part in typed.parts if True) or "false"': (
            "a key that is looked up is not null"
        ),
    },
    f"{SQL}identity/trees.py": {
        "from {RENAMES} as r left join {known} as k on k.key = r.new": (
            "what has no row on the right is left out by the condition"
        ),
        (
            'f"exists (select from {known} as k left join {old} on t.id = k.id wh'
            'ere k.key = r.new and t.key = r.old)"'
        ): "what has no row on the right is left out by the condition",
        (
            "update {known} as k set found = true, id = t.id from {old} left join"
            " {RENAMES} as r on {ours} and r.old = t.key"
        ): "what has no row on the right is left out by the condition",
        'return "\\n".join([analyse_stage(spec), mapped, *told, *follow])': (
            "tells PostgreSQL how many rows there are: the plan is another, the rows are not"
        ),
        'return "\\n".join([mapped, f"analyze {known};", *told, *follow])': (
            "tells PostgreSQL how many rows there are: the plan is another, the rows are not"
        ),
    },
    f"{SQL}constraints/checks.py": {
        "union all {FOREIGN_KEYS.format(table=table, travelling=travelling)}) as c order by 1 desc": (
            "what is wrong is sorted once it is read"
        ),
        "union {FOREIGN_KEYS.format(table=table, travelling=travelling)}) as c order by 1": (
            "no two constraints of a table say the same"
        ),
        'left join {template(keys(spec))} as k on k."row" = w.maulstick_row"""': (ALWAYS),
        "where f.conrelid = {{table}}::regclass and true and f.conparentid = 0": (
            "no other constraint references columns"
        ),
        (
            "string_agg(format('w.%I is not null', a.attname), ' and ' order by k"
            ".n desc), f.confrelid::regclass,"
        ): "the order of conditions that all must hold",
        'from pg_constraint as o where o.conrelid = {{table}}::regclass and true"""': (
            "no other constraint has an expression, and what cannot be asked is passed over"
        ),
    },
    f"{SQL}constraints/hidden_rows.py": {
        (
            "where a.attrelid = o.conrelid and a.attname = {literal(column)}) = a"
            "ny (o.conkey) order by 1 desc"
        ): "what is wrong is sorted once it is read",
        (
            'rows = f\'{ready(spec)} as w left join {CHANGE} as c on c."row" = w.m'
            "aulstick_row where {to_hide(spec)}'"
        ): "what has no row on the right is left out by the condition",
    },
    f"{SQL}constraints/referenced_keys.py": {
        'join <keys> as k on k."row" = w.maulstick_row and true) as w': (
            "a row that was not found has no id, or one that no row has"
        ),
        "left join (select <whose> as maulstick_whose, t.* from <real> as t<joins>) as t": (
            "what has no row on the right is left out by the condition"
        ),
        'left join <keys> as k on k."row" = w.maulstick_row and k.found) as w': (
            "what has no row on the right is left out by the condition"
        ),
        "join <own_keys> as k on <own_mine> = q.whose and true": (
            "a row that was not found has no id, or one that no row has"
        ),
        "left join <own_keys> as k on <own_mine> = q.whose and k.found": (
            "what has no row on the right is left out by the next join"
        ),
        "order by s.label desc, f.name": "what is wrong is sorted once it is read",
    },
    f"{SQL}referencing_keys.sql": {
        "where true and c.confrelid = s.real::regclass and c.confupdtype in ('a', 'r') and v.changes": (
            "no other constraint references a table"
        ),
    },
    f"{SQL}links.py": {
        'return " and ".join([*(same(*pair) for pair in pairs)])': (
            "rows that do not meet a period cover nothing of it"
        ),
        "pairs = [*zip(link.columns, link.target, strict=False)]": (
            "a link has as many columns here as there"
        ),
    },
    f"{SQL}constraints/swaps.py": {
        'STILL = f"select from {ASIDE} as a where true"': (
            "spares the statements where there is nothing to do"
        ),
        'on <is_held> where {OURS} and true)"""': ("a row without a spare value gets none by it"),
        "where true and c.confrelid = one.real::regclass and c.confupdtype <> 'c'": (
            "no other constraint references a table"
        ),
        "from pg_attribute as f where f.attrelid = one.real::regclass and f.attnum >= 0": (
            "no column has the number 0"
        ),
        "else format('t.%I', f.attname) end, ', ' order by f.attnum desc)": (
            "the columns are asked for by their names"
        ),
        'MOVED = """select string_agg(case when f.attname = any (one.columns) and true': (
            "only columns of the index that travel are put aside"
        ),
        (
            'MOVED = """select string_agg(case when f.attname = any (one.columns)'
            " or f.attname = any (one.travels)"
        ): ("only columns of the index that travel are put aside"),
        "union select a.ctid from {ASIDE} as a left join {TABLE} as t on <is_held>": (
            "no reference leads to a row that does not exist"
        ),
        "union all select a.ctid from {ASIDE} as a join {TABLE} as t on <is_held>": (
            "the right side of an `in`: how often a row is in it does not matter"
        ),
        "union all select m.maulstick_aside from <moved> as m where <forbidden>": (
            "the right side of an `in`: how often a row is in it does not matter"
        ),
        "union all select w.c from w join w as u on u.c <> w.c and <same>": (
            "the right side of an `in`: how often a row is in it does not matter"
        ),
        "union select <names> from <written> as r(c, <names>)) as u(<names>) on <same>": (
            "the right side of an `in`: how often a row is in it does not matter"
        ),
        'where {PENDING} and b.table_name = a.table_name and b.id = a.id and true"""': (
            "nothing takes the place of nothing"
        ),
    },
    f"{SQL}referencing_tables.sql": {
        "where true and f.conparentid = 0 and f.confrelid in (": ("no other constraint references a table"),
    },
}
"""Of each file, lines as mutants have them, and why the SQL or Python does the same."""


def is_equivalent(mutant: Mutant) -> bool:
    """Return whether somebody has read a mutant and said why it makes no difference."""
    before = read(mutant.source)
    after = mutant.change(before) or ""
    changed = {line.strip() for line in {*after.splitlines()} - {*before.splitlines()}}
    return bool(changed & EQUIVALENT.get(mutant.source, {}).keys())
