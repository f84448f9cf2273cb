-- The releases of the ledger, newest first.
--
-- An old ledger has no column `who`: the name then means that of `unknown`, which is null.
select number, subject, kind, of, operator,
  to_char(finished at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at,
  coalesce(c.rows, 0) as rows,
  case when kind = 'rollback' then '-' when verified then 'verified' when not verified then 'wrong'
    else 'not verified' end as proof, left(commit, 7) as commit,
  to_char(started at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as started, digest, plan,
  commit as whole_commit,
  (select who from maulstick.release as own where own.number = r.number) as who
from maulstick.release as r cross join (select null::jsonb) as unknown(who) left join (
  select release, count(*) as rows from maulstick.change
  where action in ('insert', 'update', 'delete') group by release) as c on c.release = r.number
where (%(number)s::bigint is null or number = %(number)s::bigint)
  and (%(first)s::bigint is null or number >= %(first)s::bigint)
  and (%(since)s::timestamptz is null or finished >= %(since)s::timestamptz)
  and (%(subjects)s::text[] is null or subject = any (%(subjects)s::text[]))
order by number desc
limit %(limit)s::bigint
