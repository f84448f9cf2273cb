"""Mutants that make no difference where rows are found, referenced, numbered and kept apart."""

from __future__ import annotations

SQL = "maulstick/postgres/sql/"
ALWAYS = "every row on the left has its row on the right"
ROWS = {
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
        'on <is_held> where {OURS} and true)"""': "a row without a spare value gets none by it",
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
        ): "only columns of the index that travel are put aside",
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
        "where true and f.conparentid = 0 and f.confrelid in (": "no other constraint references a table",
    },
    f"{SQL}unique_indexes.sql": {
        "pg_get_indexdef(i.indexrelid, n, false)), ', ' order by n) as says,": (
            "an expression is the same, however it is spaced"
        ),
        ("where a.attrelid = i.indrelid and a.attnum >= 0 and not a.attisdropped and a.attgenerated = ''"): (
            "no column has the number 0"
        ),
        "' and ' order by n desc) as same,": ("the order of conditions that all must hold"),
    },
    f"{SQL}spare_values.sql": {
        "select from pg_constraint as c where true and c.confrelid = f.attrelid": (
            "no other constraint references a table"
        ),
    },
}
"""Of each file, lines as mutants have them, and why the SQL or Python does the same."""
