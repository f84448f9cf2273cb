"""The one transaction in which a bundle's rows are written, or made public; and what is known of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from maulstick import git
from maulstick.claims import claims, operator
from maulstick.plan.choices import RowName
from maulstick.plan.planner import play
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.locks import say_holders
from maulstick.postgres.recovery import Fate, Lost, broken, fate_of, last_release
from maulstick.postgres.sections import Section
from maulstick.postgres.sql.columns.hiding import COUNT, PUBLISHES
from maulstick.postgres.sql.ledger import record_who
from maulstick.postgres.sql.session import opening
from maulstick.postgres.sql.verify import end
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.writing.refusals import Writing, bound_to, explained

REHEARSED = Section("end", end(commit=False))
WHO = Section("who", record_who())
HIDDEN = Section("hidden", COUNT)
PUBLISHED = Section("published", PUBLISHES)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a transaction: `number` is the ledger's, None where no release was made.

    Not `is_certain` where nobody knows whether it was committed. `actions` counts rows, `kept` those with
    such a column, and `hidden` those that went in hidden. `failure` is what stopped it.
    """

    number: int | None = None
    is_certain: bool = True
    actions: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    hidden: int = 0
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a transaction begins with: its settings, what alone may be done, the last release before."""

    before: str
    bound: str
    last: int


def prepared(writing: Writing, database: Database, options: Options) -> Prepared:
    """Ask what is to be known before a transaction; nothing is written yet."""
    bound = "" if writing.publishes else bound_to(writing, database)
    say_holders(database, writing.context.console.line)
    last = last_release(database, writing.context.load_bundle().manifest.digest)
    return Prepared(_opening(writing, options, bound), bound, last)


def written(writing: Writing, database: Database, start: Prepared) -> Written:
    """Write the rows; from the first byte to the last answer nobody knows whether they are written."""
    try:
        return _played(writing, database, start.before)
    except BaseException as error:
        return _stopped(writing, database, error, start)


def _played(writing: Writing, database: Database, before: str) -> Written:
    bundle, rehearse = writing.context.load_bundle(), writing.context.settings.rehearse
    *sections, finish = bundle.script.sections.values()
    sections += [PUBLISHED] if writing.publishes else [HIDDEN] if writing.hides else []
    answers = play(bundle, database, [*sections, *([REHEARSED] if rehearse else [WHO, finish])], before)
    text, counted, deleted, kept = answers[-1].first()
    actions: Counter[str] = Counter()
    for counts in json.loads(counted or "{}").values():
        actions.update(counts)
    actions["delete"] = int(deleted or 0)
    hidden = int(answers[-2].first()[0] or 0) if writing.hides else 0
    number = int(text) if text and not rehearse else None
    return Written(number, actions=actions, kept=int(kept or 0), hidden=hidden)


def _stopped(writing: Writing, database: Database, error: BaseException, start: Prepared) -> Written:
    """Return what is known of a transaction that was stopped: whether its rows were written."""
    context = writing.context
    newest = partial(last_release, digest=context.load_bundle().manifest.digest)
    failure = error
    if not isinstance(error, SqlProblem):
        pid = database.pid
        fate = Fate()
        if not database.abandon():
            fate = fate_of(context.production, newest, where=writing.step, pid=pid, before=start.last)
    elif database.broken:
        lost = broken(context.production, newest, Lost(writing.step, error, database.pid, start.last))
        fate, failure = lost.fate, lost
    else:
        fate = Fate()
        database.rollback()
        try:
            failure = explained(writing, database, error, start.bound, start.before)
        except BaseException as problem:  # what is known of the rows stands
            failure = problem
    if failure is not error and failure.__cause__ is None:
        failure.__cause__ = error
    if context.settings.rehearse:
        fate = Fate()
    return Written(fate.number, fate.sure, failure=failure)


def _claims(context: ReleaseContext) -> str:
    """Return what this machine says of itself, and which rows it leaves out."""
    rows = [str(RowName(*row)) for row in context.load_bundle().left_out]
    return json.dumps({**json.loads(claims()), "left_out": rows}) if rows else claims()


def _opening(writing: Writing, options: Options, bound: str) -> str:
    context = writing.context
    checkout, seal, target = context.checkout, context.seal, context.place.target
    settings: Mapping[str, str] = {
        "mode": "rehearse" if context.settings.rehearse else "",
        "target": target.name,
        "operator": context.settings.operator or operator(),
        "claims": _claims(context),
        "commit": git.head(checkout) if checkout else "",
        "lock_wait": f"{options.get('lock_wait', 60)}s",
        "plan": seal.id if seal and not writing.publishes else "",
        "seal": bound,
        "hidden": "on" if writing.hides else "",
        "although_read_only": "on" if target.although_read_only else "",
    }
    return opening({**settings, **writing.choices})
