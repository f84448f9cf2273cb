"""Sequences: new rows get ids from the target's own, and none of them stays behind a value we wrote.

A sequence is moved by `nextval`, which can only go forward and is safe beside any other session. Only where
more than `FAR` numbers are between it and a value that we wrote, it is set, forward: another session would
have to take as many between two statements to be set back.
"""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name, template
from maulstick.postgres.search_path import OURS, SAME, SITES
from maulstick.postgres.sql.session import PLANNING, REHEARSING
from maulstick.postgres.sql.temp_tables import CHANGE, PROBLEM, keys, ready, real, stage
from maulstick.postgres.tables.specs import TableSpec

FAR = 100_000
TRIES = 40
"""How often a default that is not a plain sequence is asked again for free ids."""

TEXTS = "'text'::regtype, 'varchar'::regtype"
INTEGERS = "'bigint'::regtype, 'integer'::regtype, 'smallint'::regtype"


def sequence_of(attribute: str) -> str:
    """Compose the FROM items that find the sequence `s`, described by `q`, that `attribute` draws from."""
    return f"""pg_attribute as {attribute}
    left join pg_attrdef as f on f.adrelid = {attribute}.attrelid and f.adnum = {attribute}.attnum
    join pg_depend as d on d.refclassid = 'pg_class'::regclass
      and (d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
        or d.classid = 'pg_class'::regclass and d.deptype = 'i'
          and (d.refobjid, d.refobjsubid) = ({attribute}.attrelid, {attribute}.attnum))
    join pg_class as s on s.relkind = 'S'
      and s.oid = case when d.deptype = 'i' then d.objid else d.refobjid end
    join pg_sequence as q on q.seqrelid = s.oid"""


def reserve_ids(spec: TableSpec) -> str:
    """Compose the SQL that reserves ids for new rows from the target's own default or sequence.

    One that is taken already, since somebody inserted it by hand, is left out. A plan takes none: it compares
    by key, and a sequence would move.
    """
    table, column = literal(real(spec)), literal(spec.id)
    there = f"exists (select from {real(spec)} as t where t.{name(spec.id or '')} = k.id)"
    twice = f"exists (select from {keys(spec)} as o where o.id = k.id and not o.found and o.ctid < k.ctid)"
    says = literal("has no free number left")
    return block(f"""
declare
  next text;
  take text;
  draw text;
  given record;
  counter record;
  at bigint;
  ahead numeric;
  taken bigint;
  spent numeric := 0;
  tries integer := 0;
begin
  if {PLANNING} or not exists (select from {keys(spec)} as k where {_new(spec)}) then
    return;
  end if;
  {_source_of_ids(table, column)}
  {_rehearsed(spec)}
  take := format({literal(_take(spec))}, next);
  loop
    {SITES}
    execute take;
    {OURS}
    update {keys(spec)} as k set id = null where {_new(spec)} and k.id is not null
      and ({there} or ((counter.name is null or counter.seqcycle) and {twice}));
    get diagnostics taken = row_count;
    exit when taken = 0;
    {_forward(spec)}
  end loop;
exception when sequence_generator_limit_exceeded or numeric_value_out_of_range then
  insert into {PROBLEM} select 'ids', {literal(spec.label)}, {column}, {says};
end""")


def _source_of_ids(table: str, column: str) -> str:
    """Compose the statements that find the expression that makes ids, and its sequence if it is only that.

    PostgreSQL writes it for the path under which it is read again: a name that another object took there is
    qualified.
    """
    return f"""select f.adbin as tree, f.adrelid as relation into given
    from pg_attribute as a join pg_attrdef as f on f.adrelid = a.attrelid and f.adnum = a.attnum
    where a.attrelid = {table}::regclass and a.attname = {column};
  {SITES}
  next := pg_catalog.pg_get_expr(given.tree, given.relation);
  {OURS}
  select coalesce(next,
      case when a.atttypid = 'uuid'::regtype then 'pg_catalog.gen_random_uuid()'
        when a.atttypid in ({TEXTS}) then 'pg_catalog.gen_random_uuid()::pg_catalog.text' end,
      format('nextval(%L)', pg_get_serial_sequence({table}, {column}))) into next
    from pg_attribute as a where a.attrelid = {table}::regclass and a.attname = {column};
  select s.oid::regclass as name, q.* into counter from {sequence_of("a")}
    where a.attrelid = {table}::regclass and a.attname = {column} and a.atttypid in ({INTEGERS})
      and next ~ '^nextval\\(''[^'']*''(::regclass)?\\)$';"""


def keep_ahead(spec: TableSpec) -> str:
    """Compose the SQL that advances each sequence of the target past the values written to its column.

    A rehearsal moves none: what it wrote is taken back.
    """
    table, columns, label = literal(real(spec)), literals(spec.columns), template(literal(spec.label))
    written = (
        f"select %s(w.%I) from {template(ready(spec))} as w"
        f' join {CHANGE} as c on c."row" = w.maulstick_row and c.table_name = {label}'
        " where (c.action = 'insert' or c.action = 'update' and c.after ? %L) and w.%I between %s and %s"
    )
    return block(f"""
declare
  one record;
  top bigint;
  at bigint;
  ahead numeric;
begin
  if {PLANNING} or {REHEARSING} then
    return;
  end if;
  for one in
    select distinct a.attname, s.oid::regclass as counter, q.seqincrement as step, q.seqmin, q.seqmax
    from {sequence_of("a")}
    where a.attrelid = {table}::regclass and a.attname = any ({columns}) and a.atttypid in ({INTEGERS})
  loop
    execute format({literal(written)}, case when one.step > 0 then 'max' else 'min' end,
      one.attname, one.attname, one.attname, one.seqmin, one.seqmax) into top;
    continue when top is null;
    at := coalesce(pg_sequence_last_value(one.counter), nextval(one.counter));
    ahead := div(top::numeric - at, one.step);
    if ahead > {FAR} and has_sequence_privilege(one.counter, 'update') then
      perform setval(one.counter, top);
    elsif ahead > 0 then
      perform nextval(one.counter) from generate_series(1, ahead);
    end if;
  end loop;
end""")


NEXT_GAP = (
    "select t.v from (select t.%1$I::numeric * %2$s as v,"
    " lead(t.%1$I::numeric * %2$s) over (order by t.%1$I * %2$s) as following from %3$s as t"
    " where t.%1$I::numeric * %2$s >= %4$s) as t"
    " where following is null or following - v > %5$s order by 1 limit 1"
)
"""Of a column, the direction of its sequence, its table, the next number and how many are wanted: the number
behind which so many are free.
"""
IS_NEAR = (
    "select exists (select from %3$s as t where t.%1$I between symmetric "
    + " and ".join(
        f"least(greatest(({end}) * %2$s, {-(2**63)}), {2**63 - 1})::bigint"
        for end in ("%4$s", "%4$s + %5$s - 1")
    )
    + ")"
)
"""The same parameters: whether a row has one of the numbers that are wanted."""


def step_over(spec: TableSpec) -> str:
    """Compose the SQL that advances sequences past numbers that new rows would get and other rows have.

    They are those of unique columns that stay at home, such as a serial number beside an id. Their numbers
    are given by the insert itself, one after another: as many in a row must be free as there are new rows.
    """
    ours = literals([*spec.columns, *([spec.id] if spec.id else [])])
    arguments = f"one.attname, one.sign, {literal(real(spec))}, following, wanted * abs(one.step)"
    return block(f"""
declare
  one record;
  wanted bigint;
  following numeric;
  furthest numeric;
  is_taken boolean;
begin
  for one in
    select distinct a.attname, s.oid::regclass as counter, q.seqincrement as step, q.seqstart,
      sign(q.seqincrement) as sign
    from {sequence_of("a")}
    where a.attrelid = {literal(real(spec))}::regclass and a.atttypid in ({INTEGERS})
      and a.attname <> all ({ours}) and has_sequence_privilege(s.oid, 'usage') and not q.seqcycle
      and exists (select from pg_index as i where i.indrelid = a.attrelid and i.indisunique
        and i.indnkeyatts = 1 and i.indkey[0] = a.attnum)
  loop
    wanted := coalesce(wanted, (select count(*) from {keys(spec)} as k where {_new(spec)}));
    exit when wanted = 0;
    following := coalesce(pg_sequence_last_value(one.counter) + one.step, one.seqstart) * one.sign;
    execute format({literal(IS_NEAR)}, {arguments}) into is_taken;
    continue when not is_taken;
    execute format({literal(NEXT_GAP)}, {arguments}) into furthest;
    perform nextval(one.counter)
      from generate_series(1, ceil((furthest - following + 1) / abs(one.step))::bigint);
  end loop;
end""")


def _new(spec: TableSpec) -> str:
    staged = f'select from {stage(spec)} as s where s.ctid {SAME} k."row" and s.maulstick_matched is null'
    return f"not k.found and exists ({staged})"


def _take(spec: TableSpec) -> str:
    return f"update {template(keys(spec))} as k set id = %s where {template(_new(spec))} and k.id is null"


def _rehearsed(spec: TableSpec) -> str:
    """Take the numbers that the sequence would give, without advancing it: a rehearsal is rolled back."""
    id_ = f"t.{name(spec.id or '')}"
    edge = "case when counter.seqincrement > 0 then counter.seqmax else counter.seqmin end"
    return f"""if {REHEARSING} and not counter.seqcycle then
    at := coalesce(pg_sequence_last_value(counter.name) + counter.seqincrement, counter.seqstart);
    update {keys(spec)} as k set id = free.id
      from (select k.ctid as c, row_number() over () as n from {keys(spec)} as k where {_new(spec)}) as wanted
      join (select g.id, row_number() over (order by g.n) as n
        from (select at + counter.seqincrement * n as id, n from generate_series(0,
          (select count(*) from {keys(spec)}) + (select count(*) from {real(spec)} as t
            where {id_} between least(at, {edge}) and greatest(at, {edge}))) as n) as g
        where not exists (select from {real(spec)} as t where {id_} = g.id)) as free using (n)
      where k.ctid = wanted.c and free.id between counter.seqmin and counter.seqmax;
    if exists (select from {keys(spec)} as k where {_new(spec)} and k.id is null) then
      raise sequence_generator_limit_exceeded;
    end if;
  end if;"""


def _forward(spec: TableSpec) -> str:
    """Skip all consecutive numbers that are taken at once; any other default is simply tried again."""
    id_ = name(spec.id or "")
    size = "(counter.seqmax::numeric - counter.seqmin) / abs(counter.seqincrement)"
    return f"""tries := tries + 1;
    spent := spent + taken;
    if counter.name is null then
      if tries > {TRIES} then
        raise sequence_generator_limit_exceeded;
      end if;
      draw := format('select pg_catalog.count(%s) from pg_catalog.generate_series(1, %s)', next,
        least(2 ^ tries, 1000000) - 2);
      {SITES}
      execute draw;
      {OURS}
    else
      at := currval(counter.name);
      select min(abs(t.{id_}::numeric - at)) / abs(counter.seqincrement) into ahead from {real(spec)} as t
        where case when counter.seqincrement > 0 then t.{id_} >= at else t.{id_} <= at end
          and (t.{id_}::numeric - at) % counter.seqincrement = 0
          and exists (select from {real(spec)} as n where n.{id_} = at)
          and not exists (select from {real(spec)} as n
            where n.{id_}::numeric = t.{id_}::numeric + counter.seqincrement);
      perform nextval(counter.name) from generate_series(1, ahead);
      spent := spent + coalesce(ahead, 0);
      if spent > {size} + (select count(*) from {keys(spec)}) then
        raise sequence_generator_limit_exceeded;
      end if;
    end if;"""
