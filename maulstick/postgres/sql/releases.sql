-- The releases of the ledger, newest first.
select number, subject, kind, of, operator,
  to_char(finished at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at,
  coalesce(c.rows, 0) as rows,
  case when kind = 'rollback' then '-' when verified then 'verified' when not verified then 'wrong'
    else 'not verified' end as proof, left(commit, 7) as commit
from maulstick.release as r left join (
  select release, count(*) as rows from maulstick.change
  where action in ('insert', 'update', 'delete') group by release) as c on c.release = r.number
order by number desc
