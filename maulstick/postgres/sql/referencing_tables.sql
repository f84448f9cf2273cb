-- Tables that refer to rows which may be deleted: whether one does is asked first.
select n.nspname, c.relname, array_agg(distinct a.attname::text) from pg_constraint as f
join pg_class as c on c.oid = f.conrelid join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
where f.contype = 'f' and f.conparentid = 0 and f.confrelid in (
  select c.oid from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where (n.nspname, c.relname) in (select * from jsonb_to_recordset(:'tables'::jsonb) as t(s text, t text)))
group by 1, 2
