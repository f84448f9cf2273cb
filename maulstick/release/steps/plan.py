"""Plan: what a release would change, in rows and pictures; refused where it would not be safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from shlex import quote

from maulstick.bundle.export import has_moved_on
from maulstick.bundle.trust import require_like
from maulstick.diffs import cell_lines
from maulstick.errors import refused, usage
from maulstick.hosts import database as login
from maulstick.media.compare import Item
from maulstick.plan import database_state
from maulstick.plan import prune as gone
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import Take
from maulstick.plan.hints import hint_for
from maulstick.plan.planner import (
    Unfit,
    askable,
    carried_out,
    decides_nothing,
    fit,
    make_plan,
    nothing_to_do,
    require_fit,
    require_unused,
)
from maulstick.plan.schema_fit import Fit
from maulstick.plan.shared_reads import TableNotes
from maulstick.postgres import privileges as rights
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.tables.keys import topmost
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Outcome
from maulstick.release import foresight, heard
from maulstick.release.context import Run
from maulstick.release.files_planned import about_files
from maulstick.release.newcomers import planned_with_others
from maulstick.release.settings import Options
from maulstick.release.whereabouts import nowhere, whereabouts
from maulstick.text import amount, at_most, lines, size_text

NAMED = 3
"""How many deleted rows are named with the option that brings each back."""
SAID = ("insert", "update", "kept", "removed", "gone", "left")


def plan(run: Run, options: Options) -> Outcome:
    """Say what would change; raise a problem (exit 3) that lists every reason not to."""
    if (note := _noted(run)) is not None:
        return _as_noted(run, note)
    with run.reading() as database:
        found = _fit(run, database)
        try:
            require_fit(found)
            lacking = _allowed(run, database)
            carried = carried_out(run.other_seals, database)
            run.plan = _decided(run, database)
        except Unfit as problem:
            if run.given or not _deploy_comes(run):
                raise
            run.plan = None
            says = "rows cannot be told yet: the deploy must bring the schema"
            return Outcome("done", says, problem.reasons)
        unpublished = _unpublished(run, run.plan, database)
        set_too = database_state.rewritten(database, run.bundle.manifest.specs.values(), run.plan.changes)
        run.media, unknown = whereabouts(run, database)
    specs = run.bundle.manifest.specs
    taken = [f"{one.file.key}: {one.why}" for one in conflicts(run.media)]
    _refuse(run.plan, specs, [*unpublished, *taken, *_nowhere(run)])
    if run.seal is not None:
        sealed.holds(run.seal, target=run.plan.target, digest=run.plan.digest)
        sealed.still(run.seal, run.plan, carried)
    said = gone.said(run.plan, run.doomed)
    back = heard.bring_back(run.plan, NAMED)
    renamed = _renamed(run.plan, run.bundle.manifest.specs)
    about = (*renamed, *said, *back, *_stale(run), *about_files(run))
    looks = () if "export" in run.steps else found.suspects  # an export has said so already
    warnings = (*found.warnings, *looks, *lacking, *set_too, *unknown, *about)
    if run.ahead is not None:
        run.ahead.note(TableNotes(run.bundle.manifest.specs, found, looks, lacking))
    return Outcome("done", summary(run.plan, run.media), warnings)


def _note(run: Run) -> TableNotes | None:
    """Return what an earlier plan of this command has noted of the same tables."""
    return run.ahead.note_of(run.bundle.manifest.specs) if run.ahead is not None else None


def _fit(run: Run, database: Database) -> Fit:
    """Return how the target, which may be written to, takes the bundle; its catalogue is read once."""
    if (note := _note(run)) is not None:
        return note.fit
    foresight.of_plan(run, database)
    _require_writable(run, database)
    return fit(run.bundle, database, run.place.target.name)


def _noted(run: Run) -> TableNotes | None:
    """Return what the plan of an earlier subject has noted, where all of this one's rows are as released."""
    if run.ahead is None or not decides_nothing(run.decided()):
        return None
    note = _note(run)
    queries = run.place.target.plan_database is None  # another role may read, and not answer these
    return note if note is not None and run.agrees("plan", run.reading, queries=queries) else None


def _as_noted(run: Run, note: TableNotes) -> Outcome:
    """Say that no row would change, and what is noted of their tables; files are looked at as ever."""
    run.plan, run.media, unknown = nothing_to_do(run.bundle.manifest, run.place.target.name), [], list[str]()
    if run.bundle.manifest.media:
        with run.reading() as database:
            run.media, unknown = whereabouts(run, database)
    taken = [f"{one.file.key}: {one.why}" for one in conflicts(run.media)]
    _refuse(run.plan, run.bundle.manifest.specs, [*taken, *_nowhere(run)])
    warnings = (*note.fit.warnings, *note.looks, *note.lacking, *unknown, *_stale(run), *about_files(run))
    return Outcome("done", summary(run.plan, run.media), warnings)


def _allowed(run: Run, database: Database) -> list[str]:
    """Refuse what may not be planned at all; return what a release would lack."""
    if run.given:
        require_like(run.bundle.manifest, read_schema(database.query))
    note = _note(run)
    lacking = note.lacking if note is not None else _rights(run, database)
    if run.seal is not None:
        require_unused(run.seal, database)
    if run.place.target.plan_database is None:
        _require_askable(run, database)
    if note is not None:
        return [*lacking]
    return [*lacking, *database_state.strangers(database, run.bundle.manifest.specs.values())]


def _unpublished(run: Run, planned: Plan, database: Database) -> list[str]:
    updated = {change.table for change in planned.with_action("update")}
    if not updated:
        return []
    found = database_state.unpublishable(database, run.bundle.manifest.specs.values())
    return [says for table, says in found if table in updated]


def _require_askable(run: Run, database: Database) -> None:
    """Have production plan each question of a plugin, which proves its tables and columns."""
    unfit = []
    if database.foretold(askable(run.bundle.manifest.queries)):
        return
    with database.transaction():  # under the path that the site's own code has
        for query in run.bundle.manifest.queries:
            try:
                database.query(f"explain {query.sql}")
            except SqlProblem as problem:
                owner = run.plugins.owner_of("maulstick_queries", query.name, run.subject)
                unfit.append(f'the query "{query.name}" of {owner} cannot be asked: {problem.what}')
                break
    if unfit:
        raise Unfit(unfit, run.place.target.name)


def _require_writable(run: Run, database: Database) -> None:
    """Refuse a database that is a replica, or set to be only read (exit 3)."""
    target = run.place.target
    own = target.plan_database is not None
    role = (login.releaser(target, run.host) or "") if own else None
    problem = database_state.unwritable(database, although=target.although_read_only, role=role)
    if problem is not None:
        raise problem


def _decided(run: Run, database: Database) -> Plan:
    """Return the plan with what the user says to it."""
    planned = _planned(run, database)
    if run.settings.ask and planned.conflicts():
        run.asked = tuple(_asked(run, planned))
        planned = _planned(run, database)
    if run.settings.prune:
        run.doomed = gone.to_prune(planned, run.settings.prune_limit)
        planned = _planned(run, database)
    heard.require(run, planned, database)
    return planned


def _nowhere(run: Run) -> list[str]:
    """Return the files that a release could not send; a plan alone sends none."""
    sends = run.given or "upload" in run.steps
    return nowhere(run, run.media or ()) if sends else []


def conflicts(media: list[Item]) -> list[Item]:
    """Return the files whose key holds other content in the bucket."""
    return [item for item in media if item.action == "conflict"]


def summary(planned: Plan, media: list[Item]) -> str:
    """Return a plan in one line."""
    counts = planned.counts()
    counts |= {"kept": len(planned.with_cell("kept"))}
    rows = [f"{counts[action]} {_words(planned, action)}" for action in SAID if counts[action]]
    actions = Counter(item.action for item in media)
    files = sum(item.file.bytes for item in media if item.action == "upload")
    if actions["upload"]:
        rows.append(f"{amount(actions['upload'], 'file')} to upload ({size_text(files)})")
    if actions["overwrite"]:
        rows.append(f"{amount(actions['overwrite'], 'file')} to replace")
    if actions["repair"]:
        rows.append(f"{amount(actions['repair'], 'file')} to repair")
    equal, there = amount(counts["unchanged"], "row"), amount(len(media), "file")
    return ", ".join(rows) or f"unchanged: {equal} equal, {there} there"


def _deploy_comes(run: Run) -> bool:
    return "deploy" in run.steps and run.report.word("deploy") is None and not run.settings.rehearse


def _rights(run: Run, database: Database) -> list[str]:
    """Refuse a role that may not plan, or not release where that follows; warn where it does not."""
    specs, own = run.bundle.manifest.specs, run.place.target.plan_database is not None
    role = login.releaser(run.place.target, run.host) if own else None
    lacks: list[str] = []
    if role is not None or not own:
        lacks = rights.missing(database, specs, role=role, writes=True, deletes=run.settings.prune)
    if lacks and "apply" in run.steps:
        raise rights.refusal(role, lacks)
    if lacks or own:
        rights.require(database, specs, writes=False)
    return [f"to release, this is missing: {statement};" for statement in lacks]


def _planned(run: Run, database: Database) -> Plan:
    planned = planned_with_others(run, database)
    if planned is None:
        planned = make_plan(run.bundle, database, run.place.target.name, run.decided())
    if run.given:
        return gone.without_source(planned)
    return gone.with_source(planned, run.place.source, run.bundle.manifest.specs)


def _refuse(planned: Plan, specs: TableSpecs, more: list[str]) -> None:
    reasons = [*planned.reasons(), *more]
    if reasons:
        says = f"{amount(len(reasons), 'reason')} not to release, nothing was changed{lines(reasons)}"
        raise refused("plan", says, hint_for(planned, specs))


def _words(planned: Plan, action: str) -> str:
    if action in ("insert", "update"):
        return f"to {action}"
    named = planned.with_cell(action) or planned.with_action(action)
    first = named[0]
    columns = ", ".join(name for name, cell in first.columns.items() if cell["action"] == action)
    says = f"{first.table} {first.key}{': ' if columns else ''}{columns}"
    return f"{action} ({' and '.join(at_most(1, [says], '{} more', total=len(named)))})"


def _asked(run: Run, planned: Plan) -> Iterator[Take]:
    """Go through the conflicts one by one and print the options that repeat the answers."""
    if not run.console.interactive:
        raise usage("--ask", "nobody is there to answer", "use --take, or answer on a terminal")
    taken = [_ask(run, change, name) for change in planned.conflicts() for name in change.conflicts()]
    run.console.line("the same answers again: " + " ".join(f"--take {quote(str(take))}" for take in taken))
    yield from taken


def _ask(run: Run, change: Change, name: str) -> Take:
    for line in cell_lines(change.columns[name]):
        run.console.line(f"    {line}")
    side = run.console.choose(f"{change.table} {change.key}: {name}: take", ("local", "production"))
    return Take(side, change.table, change.key, name)


def _renamed(planned: Plan, specs: TableSpecs) -> Iterator[str]:
    """Name pairs that may be one row under a new key."""
    gone_from = {change.table for change in planned.with_action("gone")}
    for table in sorted(table for table in gone_from if specs[table].surrogate):
        old, new = (
            topmost(
                specs[table], [change.key for change in planned.with_action(action) if change.table == table]
            )
            for action in ("gone", "insert")
        )
        if len(old) == len(new) == 1:
            yield f"if {table} {new[0]} is {old[0]} renamed: --rename {quote(f'{table}:{old[0]}={new[0]}')}"


def _stale(run: Run) -> Iterator[str]:
    """Say that the source has newer rows, where the bundle was not made by this very command."""
    here = run.bundle.manifest
    if "plan" not in run.steps or "export" in run.steps or run.seal is not None or run.given:
        return
    if has_moved_on(here, run.place.source, run.plugins):
        again = f"invoke export --{here.subject.kind} {quote(here.subject.key)}"
        yield f"the source has changed since this bundle was exported: {again}"
