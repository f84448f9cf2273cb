"""Apply: the bundle's rows into production, in one transaction."""

from __future__ import annotations

import getpass
import json
from collections import Counter
from collections.abc import Mapping

from maulstick import git
from maulstick.console import amount
from maulstick.errors import Exit, Problem, refused
from maulstick.ledger import LOCKED
from maulstick.media import compare
from maulstick.planning import lines
from maulstick.postgres import Database, SqlProblem
from maulstick.quote import literal
from maulstick.report import Outcome
from maulstick.run import Options, Run
from maulstick.sections.guard import REFUSED

DONE = {"insert": "inserted", "update": "updated", "kept": "kept", "removed": "removed there"}
HOLDER = """
select a.usename, a.application_name, to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS')
from pg_locks as l join pg_stat_activity as a using (pid)
where l.locktype = 'advisory' and l.granted and l.database = (
  select oid from pg_database where datname = current_database())
"""


def apply(run: Run, options: Options) -> Outcome:
    """Write the rows; what was found at the last moment stops it with nothing changed (exit 3, 4 or 7)."""
    if not run.settings.without_media and "upload" not in run.steps:
        _require_media(run)
    script = run.bundle.script
    with run.production() as database:
        try:
            answers = database.play(script, script.sections.values(), before=_settings(run, options))
        except SqlProblem as problem:
            raise _explained(problem, database, run) from problem
    number, counted = answers[-1].rows[0]
    run.report.number = int(number) if number else None
    actions = _actions(json.loads(counted or "{}"))
    rows = sum(run.bundle.manifest.counts().values())
    if not actions["insert"] and not actions["update"]:
        return Outcome("unchanged", _unchanged(actions, rows))
    said = [f"{actions[action]} {word}" for action, word in DONE.items() if actions[action]]
    return Outcome("done", ", ".join(said))


def _require_media(run: Run) -> None:
    lacking = [item for item in compare(run.bucket(), run.bundle.manifest.media) if item.action != "there"]
    missing = [item.file.key for item in lacking if item.action in ("upload", "conflict")]
    if missing:
        says = f"the bucket lacks {amount(len(missing), 'file')} that these rows name{lines(missing)}"
        hint = "invoke upload first, or apply --without-media"
        raise refused("apply", f"nothing was changed: {says}", hint)


def _settings(run: Run, options: Options) -> str:
    checkout = run.place.source.checkout
    settings = {
        "target": run.place.target.name,
        "operator": run.settings.operator or getpass.getuser(),
        "commit": git.head(checkout) if checkout else "",
        "lock_wait": f"{options.get('lock_wait', 60)}s",
    }
    return "begin;\n" + "".join(
        f"set local maulstick.{name} = {literal(value)};\n" for name, value in settings.items()
    )


def _explained(problem: SqlProblem, database: Database, run: Run) -> Problem:
    if problem.state == REFUSED:
        reasons = json.loads(problem.detail)
        says = f"production moved since the plan; nothing was changed{lines(reasons)}"
        return refused("apply", says, "invoke plan shows it")
    if problem.state == LOCKED:
        database.run("rollback")
        holders = [f"{user} ({program}) since {since} UTC" for user, program, since in database.query(HOLDER)]
        who = ", ".join(holders) or "it has just ended"
        says = f"another release holds the lock: {who}; nothing was changed"
        return Problem("apply", says, "wait for it, then run this again", code=Exit.LOCKED)
    return Problem("apply", f"{problem.what}; nothing was changed", problem.hint)


def _actions(tables: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    actions: Counter[str] = Counter()
    for counts in tables.values():
        actions.update(counts)
    return actions


def _unchanged(actions: Counter[str], rows: int) -> str:
    others = [f"{actions[action]} {word}" for action, word in DONE.items() if actions[action]]
    equal = rows - sum(actions[action] for action in DONE)
    return ", ".join([f"{equal} rows equal", *others])
