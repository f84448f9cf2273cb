-- What is in the ledger that Maulstick did not make and that could run code when the ledger is read or written.
select format('%s has %s', c.oid::regclass, o.says)
from pg_class as c cross join lateral (
  select 'another kind: it is not a plain table' where c.relkind <> 'r'
  union all select 'the trigger ' || t.tgname from pg_trigger as t where t.tgrelid = c.oid and not t.tgisinternal
  union all select 'the rule ' || r.rulename from pg_rewrite as r where r.ev_class = c.oid
  union all select 'tables that inherit' from pg_inherits as i where c.oid in (i.inhrelid, i.inhparent)
  union all select 'the check ' || k.conname from pg_constraint as k where k.conrelid = c.oid and k.contype = 'c'
  union all select 'a default' from pg_attrdef as d where d.adrelid = c.oid
  union all select 'a column of the type ' || format_type(a.atttypid, null) from pg_attribute as a
    join pg_type as t on t.oid = a.atttypid
    where a.attrelid = c.oid and t.typnamespace <> 'pg_catalog'::regnamespace
  union all select 'the index ' || i.indexrelid::regclass from pg_index as i
    where i.indrelid = c.oid and (i.indexprs is not null
      or pg_get_expr(i.indpred, i.indrelid) is distinct from '(release IS NULL)' and i.indpred is not null)
) as o(says)
where c.relnamespace = 'maulstick'::regnamespace and c.relname = any (known) order by 1 limit 1
