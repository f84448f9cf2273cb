"""The search path: ours, and the one under which the site's own code runs.

Our statements run where nobody can put anything in their way: in `pg_catalog`. What the site brought along
needs the path that it has everywhere else: its triggers, what its types check, its plugins' SQL. So the path
is the site's while rows are staged and written and while a plugin's SQL runs, and ours again behind it.
"""

from __future__ import annotations

from maulstick.postgres.quoting import block

OWN = "pg_catalog, pg_temp"
SITES = "perform pg_catalog.set_config('search_path', pg_catalog.current_setting('maulstick.path'), true);"
"""The statement, inside a block, that changes to the site's path; `OURS` changes back."""
OURS = "perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);"
SAME = "operator(pg_catalog.=)"
"""Equality in a statement that runs under the site's path: PostgreSQL's own operator."""


def as_site() -> str:
    """Compose the SQL after which the site's own code finds what it needs."""
    return block(f"begin\n  {SITES}\nend")


def as_ourselves() -> str:
    """Compose the SQL after which nothing is found but PostgreSQL's own objects."""
    return f"set local search_path = {OWN};"
