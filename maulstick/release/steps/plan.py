"""Plan: what a release would change, in rows and pictures; refused where it would not be safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from maulstick.bundle.export import has_moved_on
from maulstick.errors import refused
from maulstick.media.compare import Item
from maulstick.plan import database_state, prune
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.hidden import to_publish
from maulstick.plan.hints import base_of_pulls, hint_for
from maulstick.plan.moved_pages import MovedPage, moved_pages
from maulstick.plan.overwritten import overwritten
from maulstick.plan.planner import Unfit, carried_out, decides_nothing, nothing_to_do, require_fit
from maulstick.plan.seal import SealedRows
from maulstick.plan.shared_reads import TableNotes
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger
from maulstick.project.declarations import Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.settings import Options
from maulstick.release.step_results import Earlier, PlanResult
from maulstick.release.steps.file_locations import conflicts, locate_files, unlocated
from maulstick.release.steps.file_warnings import about_files
from maulstick.release.steps.lookalikes import lookalikes
from maulstick.release.steps.plan_admission import fit_of, note_of, require_allowed, unpublished
from maulstick.release.steps.plan_rows import PlannedRows, plan_rows, renamed
from maulstick.release.steps.prefetch import is_as_released
from maulstick.release.unused_choices import bring_back
from maulstick.text import amount, at_most, lines, size_text

COLUMNS = 4
"""How many columns of a row are named."""
NAMED = 3
"""How many deleted rows are named with the option that brings each back."""
SHOWN = 5
"""How many addresses that change are named."""
SAID = ("insert", "update", "kept", "removed", "gone", "left")


@dataclass(frozen=True, slots=True)
class _Look:
    """What was learned of the target's rows: the plan, why not to release, and what there is to say."""

    rows: PlannedRows
    note: TableNotes
    reasons: Sequence[str] = ()
    warnings: Sequence[str] = ()
    carried: Sequence[SealedRows] = ()


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlanResult:
    """Say what would change; a problem (exit 3) lists every reason not to release."""
    if (note := _note_that_holds(context, earlier)) is not None:
        return _run_as_noted(context, earlier, note)
    result: PlanResult | None = None
    try:
        with context.reading() as database:
            look = _look(context, earlier, database)
            result = replace(look.rows.as_result(), is_first=not has_ledger(database))
            items, unknown = locate_files(context, database)
            result = replace(result, files=tuple(items))
        warnings = _safe(context, earlier, look, items, unknown)
        moved = moved_pages(context.load_bundle(), look.rows.plan, context.plugins)
        says, stay = _hidden(context, look.rows.plan)
        says = summary(look.rows.plan, items) + says
        outcome = Outcome("done", says, (*warnings, *stay, *_said_of(moved)))
        return replace(result, outcome=outcome, note=look.note, moved=moved)
    except Unfit as problem:
        if context.place.pulled is not None:
            problem.hint = "migrate the local database first, or the site: its code is another"
        if context.names_bundle or not _deploy_comes(context, earlier):
            raise
        says = "the rows are not known yet: the deploy must bring the schema"
        return PlanResult(Outcome("done", says, problem.reasons))
    except BaseException as error:
        if result is None:
            raise
        return replace(result, failure=error)


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return what a plan does."""
    return f"compare the bundle with {context.place.target.name}"


def summary(plan: Plan, items: Sequence[Item]) -> str:
    """Return a plan in one line."""
    counts = plan.counts()
    counts |= {"kept": len(plan.with_cell("kept"))}
    parts = [f"{counts[action]} {_words(plan, action)}" for action in SAID if counts[action]]
    actions = Counter(item.action for item in items)
    size = sum(item.file.bytes for item in items if item.action == "upload")
    if actions["upload"]:
        parts.append(f"{amount(actions['upload'], 'file')} to upload ({size_text(size)})")
    if actions["overwrite"]:
        parts.append(f"{amount(actions['overwrite'], 'file')} to replace")
    if actions["repair"]:
        parts.append(f"{amount(actions['repair'], 'file')} to repair")
    equal, there = amount(counts["unchanged"], "row"), amount(len(items), "file")
    return ", ".join(parts) or f"unchanged: {equal} equal, {there} there"


def _look(context: ReleaseContext, earlier: Earlier, database: Database) -> _Look:
    specs = context.load_bundle().manifest.specs
    fit = fit_of(context, database)
    require_fit(fit)
    lacking = require_allowed(context, database)
    carried = carried_out(context.other_seals, database)
    rows = plan_rows(context, earlier, database)
    looks = () if "export" in context.steps else fit.suspects  # an export has said so already
    alike = lookalikes(context.load_bundle(), rows.plan, database)
    return _Look(
        rows,
        TableNotes(specs, fit, looks, lacking),
        reasons=unpublished(specs, rows.plan, database),
        warnings=(
            *database_state.rewritten(database, specs.values(), rows.plan.changes),
            *at_most(NAMED, alike, "and {} more look like rows that are there"),
        ),
        carried=carried,
    )


def _note_that_holds(context: ReleaseContext, earlier: Earlier) -> TableNotes | None:
    """Return what the plan of an earlier subject has noted, where all of this one's rows are as released."""
    if context.shared is None or not decides_nothing(
        decided(context, takes=earlier.takes, deletes=earlier.deletes)
    ):
        return None
    note = note_of(context)
    queries = context.place.target.plan_database is None  # another role may read, and not answer these
    holds = note is not None and is_as_released(context, earlier, "plan", context.reading, queries=queries)
    return note if holds else None


def _run_as_noted(context: ReleaseContext, earlier: Earlier, note: TableNotes) -> PlanResult:
    """Say that no row would change, and what is noted of their tables; files are looked at as ever."""
    manifest, items, unknown = context.load_bundle().manifest, list[Item](), list[str]()
    rows = PlannedRows(nothing_to_do(manifest, context.place.target.name))
    result = rows.as_result()
    try:
        if manifest.media:
            with context.reading() as database:
                items, unknown = locate_files(context, database)
        result = replace(result, files=tuple(items))
        warnings = _safe(context, earlier, _Look(rows, note), items, unknown)
        return replace(result, outcome=Outcome("done", summary(rows.plan, items), warnings))
    except BaseException as error:
        return replace(result, failure=error)


def _safe(
    context: ReleaseContext, earlier: Earlier, look: _Look, items: Sequence[Item], unknown: Sequence[str]
) -> tuple[str, ...]:
    """Refuse what is not safe to release; return the warnings about what is."""
    plan, specs, fit = look.rows.plan, context.load_bundle().manifest.specs, look.note.fit
    sends = context.names_bundle or "upload" in context.steps  # a plan alone sends no files
    reasons = [
        *plan.reasons(),
        *look.reasons,
        *conflicts(items),
        *(unlocated(context, items) if sends else ()),
    ]
    if reasons:
        says = f"{amount(len(reasons), 'reason')} not to {context.verb}, nothing was changed{lines(reasons)}"
        raise refused("plan", says, hint_for(plan, specs))
    if context.seal is not None:
        sealed.holds(context.seal, target=plan.target, digest=plan.digest)
        sealed.still(context.seal, plan, look.carried)
    about = (
        *renamed(plan, specs),
        *overwritten(plan),
        *prune.said(plan, look.rows.deletes),
        *bring_back(plan, NAMED),
        *at_most(NAMED, base_of_pulls(context.load_bundle().manifest.bases, plan), "and {} more were pulled"),
        *_stale(context),
        *about_files(context, earlier, items),
    )
    return (*fit.warnings, *look.note.looks, *look.note.lacking, *look.warnings, *unknown, *about)


def _hidden(context: ReleaseContext, plan: Plan) -> tuple[str, Sequence[str]]:
    """Say how many rows go in hidden, and warn where they stay so."""
    rows = len(to_publish(plan.changes, context.load_bundle().manifest.specs))
    if not rows or context.place.pulled is not None:
        return "", ()
    go = f"; {amount(rows, 'row')} {'goes' if rows == 1 else 'go'} in hidden"
    if context.settings.hidden:
        return f"{go}, and stay so (--hidden)", ()
    if "apply" in context.steps and "publish" not in context.step_kinds:
        return go, (f"{amount(rows, 'row')} will stay hidden: publish is not among the steps",)
    return f"{go}, then {'is' if rows == 1 else 'are'} published", ()


def _said_of(moved: Sequence[MovedPage]) -> Iterator[str]:
    """Say which addresses break; the report has the redirects to copy."""
    said = (
        f"{one.old} moves to {one.new}: who knows the old address needs a redirect from the site"
        if one.new
        else f"{one.old} goes: who knows the address will not find it"
        for one in moved
    )
    yield from at_most(SHOWN, said, "{} more addresses move; the report lists them", total=len(moved))


def _deploy_comes(context: ReleaseContext, earlier: Earlier) -> bool:
    is_ahead = "deploy" in context.steps and earlier.word("deploy") is None
    return is_ahead and not context.settings.rehearse


def _words(plan: Plan, action: str) -> str:
    if action in ("insert", "update"):
        return f"to {action}"
    changes = plan.with_cell(action) or plan.with_action(action)
    first = changes[0]
    names = (name for name, cell in first.columns.items() if cell["action"] == action)
    columns = ", ".join(at_most(COLUMNS, names, "… and {} more"))
    says = f"{first.table} {first.key}{': ' if columns else ''}{columns}"
    return f"{action} ({' and '.join(at_most(1, [says], '{} more', total=len(changes)))})"


def _stale(context: ReleaseContext) -> Iterator[str]:
    """Say that the source has newer rows, where the bundle was not made by this very command."""
    here, steps = context.load_whole().manifest, context.steps
    if "plan" not in steps or "export" in steps or context.seal is not None or context.names_bundle:
        return
    if has_moved_on(here, context.place.source, context.plugins):
        again = f"invoke export --{here.subject.kind} {quote(here.subject.key)}"
        yield f"the source has changed since this bundle was exported: {again}"
