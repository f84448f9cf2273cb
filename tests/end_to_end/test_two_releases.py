"""Two releases at the same moment."""

from __future__ import annotations

from typing import Any

import psycopg
from projects import Project, result

from maulstick.ledger import LOCK
from maulstick.sandbox import databases


def test_two_at_once_leave_what_one_would(undisturbed: dict[str, Any], fresh: Project) -> None:
    both = [fresh.start("release", "--series", "embodiment") for _ in range(2)]
    ended = [(process.communicate(timeout=90)[1], process.returncode) for process in both]
    assert sorted(code for _, code in ended) in ([0, 0], [0, 7]), ended
    assert result(fresh) == undisturbed


def test_the_second_says_for_whom_it_waited_in_vain(fresh: Project) -> None:
    book = fresh.folder / "playbooks" / "hasty.toml"
    steps = [f'[[step]]\nname = "{name}"' for name in ("export", "upload")]
    text = "\n".join([*steps, '[[step]]\nname = "apply"\nlock_wait = 1'])
    book.write_text(f'name = "hasty"\nsays = "waits for nobody"\n{text}\n')
    with psycopg.connect(fresh.address(databases.PRODUCTION), application_name="somebody") as first:
        first.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        ran = fresh.release("--playbook", "hasty")
    book.unlink()
    assert ran.code == 7
    assert "another release holds the lock: olivia_art_portfolio (somebody) since" in ran.err
    assert ran.last_said == "production: new pictures that no row names yet; its rows are unchanged"
    assert fresh.rows("select 1 from series where slug = 'embodiment'") == []
