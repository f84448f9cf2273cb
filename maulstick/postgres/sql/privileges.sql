-- The statements that give a role what it lacks for a plan or a release.
with role as (
  select oid, quote_ident(rolname) as name, rolsuper or rolbypassrls as sees_all from pg_roles
  where rolname = coalesce(:'role', current_user)),
wanted as (
  select w.*, c.oid, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
    format('%I.%I', w.schema, w.name) as "table", r.oid as role, r.name as grantee, r.sees_all
  from jsonb_to_recordset(:'wanted'::jsonb)
    as w(n integer, schema text, name text, whole boolean, privileges text[], columns text[])
  join pg_namespace as n on n.nspname = w.schema
  join pg_class as c on c.relnamespace = n.oid and c.relname = w.name
  cross join role as r),
reads as (
  select w.n, w.oid, has_table_privilege(w.role, w.oid, 'select') or not exists (
    select from pg_attribute as a where a.attrelid = w.oid and a.attname = any (w.columns)
      and not has_column_privilege(w.role, w.oid, a.attnum, 'select')) as allowed
  from wanted as w),
lacking as (
  select w.n, w.oid, p.says, p.place from wanted as w join reads as d using (n, oid)
  cross join lateral (
    select case when w.whole then 'select' else format('select (%s)',
      (select string_agg(quote_ident(x), ', ') from unnest(w.columns) as x)) end, 0 where not d.allowed
    union all select x.says, x.place from unnest(w.privileges) with ordinality as x(says, place)
      where not has_table_privilege(w.role, w.oid, x.says)) as p(says, place)),
sequences as (
  select distinct s.oid, s.relname, s.relnamespace, w.grantee, w.role from wanted as w
  join pg_depend as d on (d.refclassid = 'pg_class'::regclass and d.refobjid = w.oid and d.deptype = 'i')
    or d.objid in (select a.oid from pg_attrdef as a where a.adrelid = w.oid)
  join pg_class as s on s.relkind = 'S' and s.oid in (d.objid, d.refobjid)
  where 'insert' = any (w.privileges)),
schemas as (
  select distinct s.oid, s.nspname, w.grantee, w.role from wanted as w
  join pg_attribute as a on a.attrelid = w.oid join pg_type as t on t.oid = a.atttypid
  join pg_namespace as s on s.oid = t.typnamespace or s.nspname = w.schema),
ledger as (
  select n.oid, r.oid as role, r.name as grantee,
    exists (select from pg_class where relnamespace = n.oid and relname = 'ledger') as made,
    (select bool_and(has_table_privilege(r.oid, c.oid, p)) from pg_class as c, unnest(:'ledger'::text[]) as p
      where c.relnamespace = n.oid and c.relkind in ('r', 'v')) as allowed
  from role as r left join pg_namespace as n on n.nspname = 'maulstick')
select says from (
  select 1, format('grant temporary on database %I to %s', current_database(), r.name) from role as r
    where not has_database_privilege(r.oid, current_database(), 'temporary')
  union all select 2, format('grant usage on schema %I to %s', nspname, grantee) from schemas
    where not has_schema_privilege(role, oid, 'usage')
  union all select 3, format('grant %s on %s to %s', string_agg(l.says, ', ' order by l.place),
      w."table", w.grantee)
    from lacking as l join wanted as w using (n, oid) group by w."table", w.grantee
  union all select 4, format('grant usage on sequence %I.%I to %s', n.nspname, s.relname, s.grantee)
    from sequences as s join pg_namespace as n on n.oid = s.relnamespace
    where not has_sequence_privilege(s.role, s.oid, 'usage')
  union all select 5, format(case when l.oid is null then 'create schema maulstick authorization %s'
      else 'grant usage, create on schema maulstick to %s' end, l.grantee)
    from ledger as l where :'writes' and not l.made and not case
      when l.oid is null then has_database_privilege(l.role, current_database(), 'create')
      else has_schema_privilege(l.role, l.oid, 'usage') and has_schema_privilege(l.role, l.oid, 'create') end
  union all select 6, format('grant usage on schema maulstick to %s', grantee) from ledger
    where made and not has_schema_privilege(role, oid, 'usage')
  union all select 7, format('grant %s on all tables in schema maulstick to %s',
      array_to_string(:'ledger'::text[], ', '), grantee) from ledger where made and not allowed
  union all select 8, format('alter role %s bypassrls', w.grantee) from wanted as w
    where w.relrowsecurity and not w.sees_all
      and (w.relforcerowsecurity or not pg_has_role(w.role, w.relowner, 'usage')) group by w.grantee
) as found(place, says) order by place, says
