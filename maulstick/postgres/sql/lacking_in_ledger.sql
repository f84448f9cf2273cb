-- What the ledger lacks of what every Maulstick made that can write it: a table, or a column of its type.
with needed(name, columns) as (values
  ('ledger', array['version integer', 'target text']),
  ('release', array['number bigint', 'subject text', 'digest text', 'kind text', 'of bigint', 'operator text',
    'commit text', 'target text', 'as_of text', 'started timestamp with time zone',
    'finished timestamp with time zone', 'plan text', 'verified boolean', 'shapes jsonb']),
  ('change', array['release bigint', 'table_name text', 'key text', 'action text', 'before jsonb', 'after jsonb',
    'base jsonb', 'subjects text[]', 'was text', 'times jsonb']),
  ('base_row', array['table_name text', 'key text', 'values jsonb', 'subjects text[]', 'release bigint']),
  ('agreed', array['subject text', 'rows text', 'release bigint']),
  ('object', array['key text', 'sha256 text', 'size bigint', 'etag text', 'modified timestamp with time zone',
    'headers jsonb']),
  ('upload', array['subject text', 'key text', 'sha256 text', 'before text', 'release bigint', 'undone bigint'])
), there as (
  select n.name, n.columns, c.oid from needed as n left join pg_class as c
    on c.relnamespace = 'maulstick'::regnamespace and c.relname = n.name
)
select format('maulstick.%s %s', t.name, l.says) from there as t cross join lateral (
  select 'does not exist' where t.oid is null
  union all select 'lacks the column ' || n.spelled from unnest(t.columns) as n(spelled)
    where n.spelled not in (
      select format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)) from pg_attribute as a
      where a.attrelid = t.oid)
) as l(says)
where exists (select from there as t where t.oid is not null) order by 1 limit 1
