-- Every table of the database, with its columns, keys and triggers.
-- Types are named the same on every server: those of an extension without the schema that it is in, those
-- of `public` too, and others with theirs.
with path as materialized (
  select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) as is_safe),
made as materialized (  -- what the site's own types are made of, down to PostgreSQL's
  select root.oid, (with recursive part(at, name, oid, mod) as (
      select array[0], '' collate "C", root.oid, -1
      union all select p.at || i.n, concat_ws('.', nullif(p.name, ''), i.name) collate "C", i.oid, i.mod
        from part p join pg_type b on b.oid = p.oid and b.typnamespace <> 'pg_catalog'::regnamespace
        cross join lateral (select 0 as n, null as name, b.typbasetype as oid, b.typtypmod as mod
            where b.typtype = 'd'
          union all select 0, null, b.typelem, p.mod where b.typtype = 'b' and b.typelem <> 0 and b.typlen < 0
          union all select 0, null, r.rngsubtype, -1 from pg_range r
            where b.oid in (r.rngtypid, r.rngmultitypid)
          union all select x.attnum, quote_ident(x.attname), x.atttypid, x.atttypmod from pg_attribute x
            where x.attrelid = b.typrelid and x.attnum > 0 and not x.attisdropped) i)
    select case when max(p.name) > ''
        then '(' || string_agg(concat_ws(' ', p.name, t.is), ', ' order by p.at) || ')' else max(t.is) end
      from part p cross join lateral (
        select regexp_replace(format_type(p.oid, p.mod), '^[^.]*[.]', '') as is) t
      where not exists (select from part o where o.at[:cardinality(p.at)] = p.at and o.at <> p.at)) as built
  from path join pg_type root on path.is_safe is not null
  where root.typtype in ('d', 'c', 'r', 'm') and root.typnamespace <> 'pg_catalog'::regnamespace
    and (root.oid in (select x.atttypid from pg_attribute x)
      or root.typarray in (select x.atttypid from pg_attribute x)))
select n.nspname, c.relname,
  case when c.relkind = 'v' then 'a view' when c.relkind = 'm' then 'a materialized view'
    when c.relkind = 'f' then 'a foreign table'
    when c.relispartition then 'a partition of ' || (
        select string_agg(regexp_replace(i.inhparent::regclass::text, '^public[.]', ''), ', ')
      from pg_inherits i where i.inhrelid = c.oid)
    when c.relkind = 'r' and exists (select from pg_inherits i where i.inhparent = c.oid)
      then 'a table that others inherit from' end,
  (select json_agg(json_build_array(a.attname,
      case when m.is_near and starts_with(m.name, m.schema) then substr(m.name, length(m.schema) + 1)
        else m.name end,
      a.attnotnull and not exists (select from pg_constraint o where o.conrelid = c.oid
        and o.contype = 'n' and a.attnum = any (o.conkey) and not o.convalidated),
      pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', a.attidentity <> '',
      a.attidentity = 'a', m.name,
      case when y.typtype = 'd' then (with recursive base(oid) as (select y.typbasetype
          union all select b.typbasetype from base join pg_type b on b.oid = base.oid where b.typtype = 'd')
        select format_type(b.oid, null) from base join pg_type b on b.oid = base.oid where b.typtype <> 'd')
      end, u.built) order by a.attnum)
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_type y on y.oid = a.atttypid left join pg_type e on e.oid = y.typelem and e.typarray = y.oid
    join pg_namespace s on s.oid = y.typnamespace
    cross join lateral (select format_type(a.atttypid, a.atttypmod) as name,
      quote_ident(s.nspname) || '.' as schema, s.nspname = 'public' or exists (
        select from pg_depend x where x.classid = 'pg_type'::regclass and x.deptype = 'e'
          and x.objid = coalesce(e.oid, y.oid)) as is_near) m
    left join made u on u.oid = coalesce(e.oid, y.oid)
    where a.attrelid = c.oid and a.attnum > 0),  -- a dropped column has no type
  (select json_agg(a.attname order by k.n)
    from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary),
  (select json_agg(json_build_array(f.conname,
      (select json_agg(a.attname order by k.n) from unnest(f.conkey) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
      rn.nspname, r.relname,
      (select json_agg(a.attname order by k.n) from unnest(f.confkey) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum),
      coalesce((to_jsonb(f) ->> 'conperiod')::boolean, false)) order by f.conname)
    from pg_constraint f join pg_class r on r.oid = f.confrelid
    join pg_namespace rn on rn.oid = r.relnamespace
    where f.conrelid = c.oid and f.conparentid = 0),  -- one more for each partition it leads to
  (select json_agg(g.tgname order by g.tgname) from pg_trigger g  -- before insert, for each row
    where g.tgrelid = c.oid and g.tgenabled in ('O', 'A') and g.tgtype & 7 = 7),
  (select json_agg(json_build_array(
      (select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= i.indnkeyatts),
      pg_get_expr(i.indpred, i.indrelid),
      (select json_agg(distinct a.attname) from pg_depend d  -- of a constraint's index none
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid)) order by i.indexrelid)
    from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid)
from path join pg_class c on path.is_safe is not null join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'maulstick')
order by 1, 2
