-- The foreign keys to a table that refuse a change of what they name.
select c.conname as name, c.conrelid::regclass as child,
        regexp_replace(c.conrelid::regclass::text, '^public[.]', '') as called,
        v.columns, v.named, v.old, v.new,
        v.same, v.fresh, case c.confupdtype when 'a' then v.given else 'false' end as given
      from pg_constraint as c cross join lateral (
        select array_agg(o.attname::text) as columns, string_agg(p.attname, ', ' order by k.n) as named,
          string_agg(format('t.%I', p.attname), ', ' order by k.n) as old,
          string_agg(format(case when p.attname = any (s.travels) then 'w.%I' else 't.%I' end, p.attname),
            ', ' order by k.n) as new,
          string_agg(format('x.%I', o.attname), ', ' order by k.n) as fresh,
          string_agg(format('t.%I operator(%s.%s) r.%I', p.attname, q.oprnamespace::regnamespace, q.oprname,
            o.attname), ' and ') as same,
          format('exists (select from %s as o where %s)', s.ready, string_agg(
            case when p.attname = any (s.travels) then format('array[o.%I] = array[t.%1$I]', p.attname)
              else 'true' end,
            ' and ')) as given, bool_or(p.attname = any (s.travels)) as changes
        from unnest(c.conkey, c.confkey, c.conpfeqop) with ordinality as k(own, pointed, same, n)
        join pg_operator as q on q.oid = k.same
        join pg_attribute as o on (o.attrelid, o.attnum) = (c.conrelid, k.own)
        join pg_attribute as p on (p.attrelid, p.attnum) = (c.confrelid, k.pointed)) as v
      where c.contype = 'f' and c.confrelid = s.real::regclass and c.confupdtype in ('a', 'r') and v.changes
        and c.conparentid = 0 and to_jsonb(c) ->> 'conperiod' is distinct from 'true'
        and to_jsonb(c) ->> 'conenforced' is distinct from 'false'
