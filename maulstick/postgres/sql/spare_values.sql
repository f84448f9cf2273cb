-- What may stand in a column for a while: nothing, or what is beyond all others.
select f.attname as column_name, format_type(f.atttypid, f.atttypmod) as type,
        replace(replace(replace(v.value,
          'MOST', format('(select max(m.x) from (select %I as x from %s union all select %I from %s) as m)',
            f.attname, one.real, f.attname, one.ready)),
          'LEAST', format('(select min(m.x) from (select %I as x from %s union all select %I from %s) as m)',
            f.attname, one.real, f.attname, one.ready)),
          'LENGTH', case when f.atttypmod > 4 then f.atttypmod - 4 else 32 end::text) as value
      from pg_attribute as f cross join (values
        (1, 'null'), (2, 'MOST + a.n'), (3, 'LEAST - a.n'), (4, 'MOST + a.n * interval ''1 day'''),
        (5, 'LEAST - a.n * interval ''1 day'''), (6, 'left(''z'' || md5(a.n::text), LENGTH)'),
        (7, 'left(''Z'' || upper(md5(a.n::text)), LENGTH)'),
        (8, 'left(translate(md5(a.n::text), ''abcdef'', ''012345''), LENGTH)'), (9, '''empty''')
      ) as v(n, value)
      where f.attrelid = one.real::regclass and f.attname = any (one.columns)
        and f.attname = any (one.travels)
        and (v.value <> 'null' or not (f.attnotnull or one.nulls_same or exists (
          select from pg_constraint as c where c.contype = 'f' and c.confrelid = f.attrelid
            and f.attnum = any (c.confkey))))
        and (v.value = 'null' or not exists (select from pg_constraint as c where c.contype = 'f'
          and c.conrelid = f.attrelid and f.attnum = any (c.conkey) and not c.condeferrable))
      order by v.n, f.attnum
