-- The indexes of a table that let no two rows be the same: what each is of, and when two are.
--
-- A column that is generated is what it is made of, so that it is known of rows that are not written yet.
select x.relname as name, i.indimmediate as now,
      coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') as only,
      coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as nulls_same,
      string_agg(coalesce('(' || pg_get_expr(g.adbin, g.adrelid) || ')',
        pg_get_indexdef(i.indexrelid, n, true)), ', ' order by n) as says,
      string_agg('e' || n, ', ' order by n) as names,
      string_agg(case when to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' and not i.indisexclusion
        then format('array[w.e%1$s] = array[u.e%1$s]', n)
        else format('w.e%s operator(%s.%s) u.e%1$s', n, o.oprnamespace::regnamespace, o.oprname) end,
        ' and ' order by n) as same,
      array(select a.attname::text from pg_attribute as a where a.attrelid = i.indrelid
        and (a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) or exists (
          select from pg_depend as d
          where (d.classid, d.objid) = ('pg_class'::regclass, i.indexrelid) and d.refclassid = d.classid
            and (d.refobjid, d.refobjsubid) = (i.indrelid, a.attnum)) or exists (
          select from pg_depend as d join pg_attribute as m on m.attrelid = i.indrelid
            and m.attnum = any (i.indkey) and m.attgenerated <> ''
          left join pg_attrdef as e on (e.adrelid, e.adnum) = (m.attrelid, m.attnum)
          where (d.refclassid, d.refobjid, d.refobjsubid) = ('pg_class'::regclass, i.indrelid, a.attnum)
            and (d.classid = 'pg_attrdef'::regclass and d.objid = e.oid
              or d.classid = d.refclassid and (d.objid, d.objsubid) = (m.attrelid, m.attnum))))) as columns,
      (select string_agg(format('t.%I', a.attname), ', ') from pg_attribute as a
        where a.attrelid = i.indrelid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          and a.attname <> all (s.brought)) as rest
    from pg_index as i join pg_class as x on x.oid = i.indexrelid
    cross join generate_series(1, i.indnkeyatts) as n
    left join pg_attribute as m on m.attrelid = i.indrelid and m.attnum = i.indkey[n - 1]
      and m.attgenerated <> ''
    left join pg_attrdef as g on (g.adrelid, g.adnum) = (m.attrelid, m.attnum)
    left join pg_constraint as c on c.conindid = i.indexrelid and c.contype in ('x', 'p', 'u')
      and i.indisexclusion
    join pg_opclass as p on p.oid = i.indclass[n - 1]
    join pg_operator as o on o.oid = coalesce(c.conexclop[n], (select m.amopopr from pg_amop as m
      where m.amopfamily = p.opcfamily and m.amopstrategy = 3
        and (m.amoplefttype, m.amoprighttype) = (p.opcintype, p.opcintype)))
    where i.indrelid = s.real::regclass and (i.indisunique or i.indisexclusion) and i.indisvalid
    group by i.indexrelid, x.relname, i.indimmediate, i.indpred, i.indrelid, i.indisexclusion, i
