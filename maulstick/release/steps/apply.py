"""Apply: the bundle's rows into production, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from maulstick.errors import Problem, refused
from maulstick.plan import seal as sealed
from maulstick.plan.overwritten import overwritten_as_sealed
from maulstick.plan.planner import as_released, make_plan
from maulstick.postgres.connection import Database
from maulstick.project.declarations import Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided, decides_single_rows
from maulstick.release.settings import Options
from maulstick.release.step_results import FAILED, ApplyResult, Earlier
from maulstick.release.steps import prefetch
from maulstick.release.steps.file_locations import compare_files
from maulstick.release.steps.noted_decisions import as_planned
from maulstick.release.steps.prefetch import is_as_released
from maulstick.release.unused_choices import require_used
from maulstick.release.writing.preview import (
    gone,
    look_alone,
    preview,
    rows_to_delete,
    show_diff,
    warn,
    warn_of_losses,
    warn_of_unknown,
)
from maulstick.release.writing.refusals import Writing
from maulstick.release.writing.transaction import Written, prepared, written
from maulstick.text import amount, lines

DONE = {
    "insert": "inserted",
    "update": "updated",
    "delete": "deleted",
    "kept": "kept",
    "removed": "removed",
}
WRITTEN = ("insert", "update", "delete")


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> ApplyResult:
    """Write the rows; what was found at the last moment stops it with nothing changed (exit 3, 4 or 7).

    A rehearsal runs everything, real constraints and triggers included, and rolls back.
    """
    settings, seal = context.settings, context.seal
    is_tried = settings.rehearse or context.place.is_copy
    if not (is_tried or settings.without_media or _sends_files(context, earlier)):
        _require_media(context)
    if seal is not None:
        digest = context.load_bundle().manifest.digest
        sealed.holds(seal, target=context.place.target.name, digest=digest)
    deletes, is_alone = earlier.deletes, earlier.plan is None
    if settings.prune and is_alone and seal is None:
        deletes = rows_to_delete(context, decided(context, takes=earlier.takes))
    earlier = as_planned(context, earlier, deletes)
    if is_alone and earlier.plan is not None:
        warn_of_losses(context, earlier.plan, deletes)
    choices = decided(context, takes=earlier.takes, deletes=deletes)
    if settings.diff and is_alone:
        show_diff(context, choices)
    return _write(Writing(context, earlier, choices, deletes), options)


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return what the rows would become, a page of lines."""
    return "\n".join(preview(context, earlier))


def unused_choices_of(context: ReleaseContext) -> Mapping[str, Problem]:
    """Return the choices that no row of a subject hears, where no plan goes before; nothing is changed."""
    with context.production() as database:
        plan = make_plan(context.load_bundle(), database, context.place.target.name, decided(context))
        deletes = gone(context, plan) if context.settings.prune else ()
        return require_used(context, plan, database, deletes)


def _write(writing: Writing, options: Options) -> ApplyResult:
    context, earlier = writing.context, writing.earlier
    may_be_told = writing.may_be_unchanged and not decides_single_rows(context)
    if may_be_told and is_as_released(context, earlier, "apply", context.production, queries=True):
        return _nothing_written(writing)
    result: ApplyResult | None = None
    try:
        with context.production() as database:
            writing = _looked(writing, database)
            prefetch.of_apply(context, earlier, database)
            if writing.may_be_unchanged and _is_as_released(context, database):
                return _nothing_written(writing)
            if writing.alone is None and earlier.plan is None and context.seal is None:
                warn_of_unknown(context, database)
            start = prepared(writing, database, options)
            result = ApplyResult(FAILED, is_certain=context.settings.rehearse)  # until the last answer
            result = _result(writing, written(writing, database, start))
            if result.failure is not None:
                raise result.failure
            if database.interrupted and not context.settings.rehearse:
                raise KeyboardInterrupt
    except BaseException as error:
        if result is None:
            raise
        return replace(result, failure=error)
    return replace(result, plan=None if context.settings.rehearse else earlier.plan)


def _looked(writing: Writing, database: Database) -> Writing:
    """Return the same with a plan made now, where none went before and single rows are decided about."""
    context = writing.context
    if writing.earlier.plan is not None:
        return writing
    if context.seal is not None:
        warn(context, overwritten_as_sealed(context.seal))
    elif decides_single_rows(context):
        return replace(writing, alone=look_alone(context, database, writing.choices, writing.deletes))
    return writing


def _is_as_released(context: ReleaseContext, database: Database) -> bool:
    bundle = context.load_bundle()
    queries = bundle.manifest.queries
    return as_released(bundle, database, context.place.target.name, queries=queries)


def _result(writing: Writing, done: Written) -> ApplyResult:
    if done.failure is not None:
        return ApplyResult(
            FAILED, done.number, done.is_certain, deletes=writing.deletes, failure=done.failure
        )
    counts = {**done.actions, "kept": done.kept}
    del counts["delete"]
    outcome = _outcome(writing, done.number, done.actions, done.hidden)
    return ApplyResult(outcome, done.number, counts=counts, deletes=writing.deletes, hidden=done.hidden)


def _nothing_written(writing: Writing) -> ApplyResult:
    return ApplyResult(_outcome(writing, None, Counter()), deletes=writing.deletes)


def _outcome(writing: Writing, number: int | None, actions: Counter[str], hidden: int = 0) -> Outcome:
    place = "there" if writing.context.place.pulled is None else "here"
    done = {**DONE, "removed": f"removed {place}"}
    others = [f"{actions[action]} {word}" for action, word in done.items() if actions[action]]
    others += [f"{amount(hidden, 'row')} hidden"] if hidden else []
    if any(actions[action] for action in WRITTEN):
        rehearse = writing.context.settings.rehearse
        return Outcome("done", ", ".join(others) + ("; rolled back, nothing was changed" if rehearse else ""))
    rows = sum(writing.context.load_bundle().manifest.counts().values())
    equal = rows - sum(actions[action] for action in DONE)
    what = "how both sides stand" if others else "that both sides agree"
    what = "its files" if writing.earlier.word("upload") == "done" else what
    adopted = f"; release {number} wrote down {what}" if number else ""
    return Outcome("unchanged", ", ".join([f"{amount(equal, 'row')} equal", *others]) + adopted)


def _sends_files(context: ReleaseContext, earlier: Earlier) -> bool:
    """Return whether the files are sent, before or after; an upload with a condition may be skipped."""
    upload = next((step for step in context.playbook if step.name == "upload"), None)
    word = earlier.word("upload")
    return upload is not None and (word != "skipped" if word else not upload.when)


def _require_media(context: ReleaseContext) -> None:
    lacking = ("upload", "overwrite", "conflict")
    missing = [item.file.key for item in compare_files(context) if item.action in lacking]
    if missing:
        says = f"the bucket lacks {amount(len(missing), 'file')} that these rows name{lines(missing)}"
        hint = "invoke upload first, or apply --without-media"
        raise refused("apply", f"nothing was changed: {says}", hint)
