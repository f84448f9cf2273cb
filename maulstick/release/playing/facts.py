"""What a condition may ask of a release: whether code, rows and files change, as planned or as done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maulstick.errors import Problem, usage
from maulstick.project.mistakes import Mistake
from maulstick.project.play.conditions import facts_in, holds
from maulstick.project.playbook import PlaybookStep
from maulstick.release.progress import Progress


def unmet(progress: Progress, step: PlaybookStep) -> str:
    """Say why a step is skipped: for this target, or because of its condition; "" where it is not."""
    if step.left_out or not step.when:
        return step.left_out
    try:
        facts = {name: FACTS[name](progress) for name in facts_in(step.when)}
        return "" if holds(step.when, {**step.values, **facts}) else f"not when {step.when}"
    except Mistake as mistake:
        raise usage(f"{step.name}/when", mistake.what, mistake.hint) from mistake


def _code_changed(progress: Progress) -> bool:
    context, word = progress.context, progress.earlier.word("deploy")
    if word in ("done", "failed", "unchanged") or "deploy" not in context.steps:
        return word in ("done", "failed")
    if progress.problem or (word == "skipped" and not context.settings.rehearse):
        return False
    from maulstick.release.steps.deploy import ships

    return ships(context)


def _rows_changed(progress: Progress) -> bool:
    word = progress.earlier.word("apply")
    if progress.published is not None:
        return True
    if word in ("done", "failed", "unchanged"):
        return word == "done" or progress.may_be_written
    if progress.plan is None and not progress.problem:
        what = "rows_changed is not known before the deploy, which brings the schema"
        raise Problem("when", what, "have this step after deploy", harmless=True)
    counts = progress.plan.counts() if progress.plan else {}
    return bool(counts.get("insert") or counts.get("update") or progress.deletes)


def _media_changed(progress: Progress) -> bool:
    word = progress.earlier.word("upload")
    if word in ("done", "failed", "unchanged"):
        return word in ("done", "failed")
    return any(item.action != "there" for item in progress.files or ())


FACTS: Mapping[str, Callable[[Progress], bool]] = {
    "code_changed": _code_changed,
    "rows_changed": _rows_changed,
    "media_changed": _media_changed,
}
