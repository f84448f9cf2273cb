"""Whether a release may be planned at all: the target's schema, rights, state and answers to queries."""

from __future__ import annotations

from maulstick.bundle.trust import require_like
from maulstick.hosts import database as login
from maulstick.plan import database_state
from maulstick.plan.changes import Plan
from maulstick.plan.planner import Unfit, askable, fit, require_unused
from maulstick.plan.schema_fit import Fit
from maulstick.plan.shared_reads import TableNotes
from maulstick.postgres import privileges
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.sql.trust.site_path import opening_as_site
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.release.context import ReleaseContext
from maulstick.release.steps import prefetch


def note_of(context: ReleaseContext) -> TableNotes | None:
    """Return what an earlier plan of this command has noted of the same tables."""
    if context.shared is None:
        return None
    return context.shared.note_of(context.load_bundle().manifest.specs)


def fit_of(context: ReleaseContext, database: Database) -> Fit:
    """Return how the target, which must be writable, takes the bundle; its catalogue is read once."""
    if (note := note_of(context)) is not None:
        return note.fit
    prefetch.of_plan(context, database)
    target = context.place.target
    own = target.plan_database is not None
    role = (login.releaser(target, context.host) or "") if own else None
    problem = database_state.unwritable(database, although=target.although_read_only, role=role)
    if problem is not None:
        raise problem
    return fit(context.load_bundle(), database, target.name)


def require_allowed(context: ReleaseContext, database: Database) -> list[str]:
    """Refuse what may not be planned at all; return what a release would lack."""
    manifest = context.load_bundle().manifest
    if context.names_bundle:
        require_like(manifest, read_schema(database))
    note = note_of(context)
    lacking = [*note.lacking] if note is not None else _missing_rights(context, database)
    if context.seal is not None:
        require_unused(context.seal, database)
    if context.place.target.plan_database is None:
        _require_answerable(context, database)
    if note is not None:
        return lacking
    return [*lacking, *database_state.strangers(database, manifest.specs.values())]


def unpublished(specs: TableSpecs, plan: Plan, database: Database) -> list[str]:
    """Return a line for each table that would be updated and whose updates PostgreSQL refuses."""
    updated = {change.table for change in plan.with_action("update")}
    if not updated:
        return []
    refused = database_state.unpublishable(database, specs.values())
    return [says for table, says in refused if table in updated]


def _missing_rights(context: ReleaseContext, database: Database) -> list[str]:
    """Refuse a role that may not plan, or not release where that follows; warn where it does not."""
    specs, own = context.load_bundle().manifest.specs, context.place.target.plan_database is not None
    role = login.releaser(context.place.target, context.host) if own else None
    lacks: list[str] = []
    if role is not None or not own:
        deletes = context.settings.prune
        lacks = privileges.missing(database, specs, role=role, writes=True, deletes=deletes)
    if lacks and "apply" in context.steps:
        raise privileges.refusal(role, lacks)
    if lacks or own:
        privileges.require(database, specs, writes=False)
    return [f"to release, this is missing: {statement};" for statement in lacks]


def _require_answerable(context: ReleaseContext, database: Database) -> None:
    """Have production plan each question of a plugin, which proves its tables and columns."""
    manifest = context.load_bundle().manifest
    queries = manifest.queries
    if database.foretold(askable(queries, manifest.specs)):
        return
    with database.transaction(opening=opening_as_site(manifest.specs.values())):
        for query in queries:
            try:
                database.query(f"explain {query.sql}")
            except SqlProblem as problem:
                owner = context.plugins.owner_of("maulstick_queries", query.name, context.subject)
                unfit = f'the query "{query.name}" of {owner} cannot be asked: {problem.what}'
                break
        else:
            return
    raise Unfit([unfit], context.place.target.name)
