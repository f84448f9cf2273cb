"""Questions about one subject: its rows, references, files and pages."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.export import exported
from maulstick.diffs import quoted_apart
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places, skipped, warn
from maulstick.doctor.runner import Question
from maulstick.errors import Problem
from maulstick.hosts.environment import bucket_address
from maulstick.media.compare import compare
from maulstick.media.ledger import sent
from maulstick.plan.changes import Change, Plan
from maulstick.plan.planner import fit, make_plan, require_fit
from maulstick.project.declarations import Check, Subject
from maulstick.text import amount, row_amount, size_text
from maulstick.verify.live import Live
from maulstick.verify.proof.expected import UNRELEASED, expected
from maulstick.verify.proof.site import visited

AT_ONCE = 4
NEW = "it was not released yet"


@dataclass(slots=True)
class Case:
    """A subject with what its questions find out: a bundle made for them, and what it would change."""

    subject: Subject
    bundle: Bundle | None = None
    plan: Plan | None = None


def questions_of(subject: Subject) -> list[Question]:
    """List the questions about a subject, in the order in which a person would look."""
    case, name = Case(subject), str(subject)
    source = ("plugins", "source database", "media root", "staging bucket")
    here, rows = f"{name}: here", f"{name}: rows"
    return [
        Question(here, partial(_here, case), needs=source),
        Question(rows, partial(_rows, case), needs=(here, "plan rights")),
        Question(f"{name}: links", partial(_links, case), needs=(rows,)),
        Question(f"{name}: files", partial(_files, case), needs=(here, "bucket")),
        Question(f"{name}: pages", partial(_pages, case), needs=(rows, "site", "bucket variables")),
    ]


def _here(case: Case, context: DoctorContext) -> Finding:
    """Export the subject to a temporary folder; the bundle in git stays as it is."""
    place = bundles.folder_of(context.scratch, case.subject)
    whole = exported(
        case.subject, context.local, context.plugins, context.originals, site=context.target.site
    )
    with whole as slice_:
        slice_.write(place)
    case.bundle = bundles.load(place, source=context.local.name)
    manifest = case.bundle.manifest
    rows = ", ".join(row_amount(count, table) for table, count in manifest.counts().items() if count)
    size = size_text(sum(file.bytes for file in manifest.media))
    return ok(f"{rows}; {amount(len(manifest.media), 'file')}, {size}")


def _rows(case: Case, context: DoctorContext) -> Finding:
    """Plan a release of the subject: does production have its rows, and would a release be refused?"""
    bundle = _bundle(case)
    with context.reading(read_only=False) as database:  # a plan first stages rows in temporary tables
        require_fit(fit(bundle, database, context.target.name))
        case.plan = plan = make_plan(bundle, database, context.target.name)
    reasons = plan.reasons()
    if reasons:
        says = f"a release would be refused{places(reasons)}"
        return fail(says, f"`invoke plan {_option(case.subject)}` shows both sides")
    counts = plan.counts()
    lacking = {f"{counts['insert']} missing": counts["insert"], f"{counts['update']} other": counts["update"]}
    if any(lacking.values()):
        says = ", ".join(text for text, count in lacking.items() if count)
        return warn(f"{says}, of {amount(plan.rows, 'row')}", f"invoke release {_option(case.subject)}")
    kept = f"; edited there: {amount(counts['kept'], 'row')}" if counts["kept"] else ""
    return ok(f"{plan.target} has all {plan.rows}{kept}")


def _links(case: Case, context: DoctorContext) -> Finding:
    """Check that the rows in production refer to the same rows as here, such as an artwork to its picture."""
    bundle, plan = _bundle(case), case.plan
    if _is_new(case):
        return skipped(NEW)
    specs = bundle.manifest.specs.items()
    references = {label: (*spec.references, *spec.pointing) for label, spec in specs}
    differ = [line for change in plan.changes for line in _elsewhere(change, references)] if plan else []
    if differ:
        return warn(
            f"{amount(len(differ), 'reference')} differ{places(differ)}", "invoke plan shows both sides"
        )
    rows, empty = bundle.rows(), []
    for label, columns in references.items():
        for column in columns if label in rows else ():
            count = sum(row[column] is None for row in rows[label])
            empty += [f"{label}.{column} in {amount(count, 'row')}"] if count else []
    return ok("as here" + (f"; empty on both sides: {', '.join(empty)}" if empty else ""))


def _files(case: Case, context: DoctorContext) -> Finding:
    """Check that the bucket has the files, whole and with the right headers."""
    files = _bundle(case).manifest.media
    with context.reading() as database:
        items = compare(context.bucket, files, sent=sent(database, files))
    taken = [f"{item.file.key}: {item.why}" for item in items if item.action == "conflict"]
    if taken:
        hint = "a file of other content needs a name of its own"
        return fail(f"the bucket holds other content under the same names{places(taken)}", hint)
    lacking = [f"{item.file.key}: {item.why}" for item in items if item.action != "there"]
    if lacking:
        hint = f"invoke upload {_option(case.subject)}"
        return warn(f"{len(lacking)} of {amount(len(items), 'file')} not as here{places(lacking)}", hint)
    return ok(f"the bucket has {'all ' if len(items) > 1 else ''}{amount(len(items), 'file')}")


def _pages(case: Case, context: DoctorContext) -> Finding:
    """Check that the pages show the subject and all its images."""
    if _is_new(case):
        return skipped(NEW)
    checks = _shown(case, context)
    wrong = [f"{check.name}: {check.answer}" for check in checks if check.ok is False]
    if wrong:
        return fail(f"{amount(len(wrong), 'thing')} wrong{places(wrong)}", "see its rows and files above")
    untold = [check for check in checks if check.ok is None]
    if untold:
        lines = places(f"{check.name}: {check.answer}" for check in untold)
        return warn(f"{amount(len(untold), 'thing')} that could not be checked{lines}", untold[0].hint)
    return ok(f"{amount(len(_bundle(case).manifest.pages), 'page')}, {amount(len(checks), 'check')}")


def _shown(case: Case, context: DoctorContext) -> list[Check]:
    """Ask what `verify` asks about pages and pictures; the plugins' own checks are left to `verify`."""
    bundle, changes = _bundle(case), case.plan.changes if case.plan else ()
    live = Live(
        case.subject,
        context.web,
        bundle=lambda: bundle,
        database=_nothing_else,
        machine=_nothing_else,
        expected=expected(bundle, changes, context.plugins, UNRELEASED),
    )
    public = bucket_address(context.target, context.environment).public_url
    return visited(live, live.manifest, public=public, concurrency=AT_ONCE)


def _elsewhere(change: Change, references: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, cell in change.columns.items():
        if change.action != "insert" and name in references.get(change.table, ()):
            here, there = quoted_apart([cell.get("local"), cell.get("production")])
            yield f"{change.table} {change.key}: {name}: local {here}, production {there}"


def _is_new(case: Case) -> bool:
    return case.plan is not None and case.plan.counts()["insert"] == case.plan.rows


def _bundle(case: Case) -> Bundle:
    if case.bundle is None:
        raise Problem(str(case.subject), "was not exported")
    return case.bundle


def _nothing_else() -> NoReturn:
    raise Problem("doctor", "asks a page for nothing but itself")


def _option(subject: Subject) -> str:
    return f"--{subject.kind} {shlex.quote(subject.key)}"
