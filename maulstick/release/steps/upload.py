"""Upload: the bundle's files into the bucket, each proven after."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from maulstick.errors import Problem, refused
from maulstick.media import ledger as media_ledger
from maulstick.media.compare import AT_ONCE, KEPT, Item
from maulstick.media.ledger import BroughtFiles, bringing
from maulstick.media.quota import quota
from maulstick.media.transfer import upload as send
from maulstick.plan.database_state import unwritable
from maulstick.plan.view import SIGNS
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.locks import locked, say_holders
from maulstick.postgres.sqlstates import LOCKED
from maulstick.project.declarations import Check, MediaFile, Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import ApplyResult, Earlier, PlainResult, PlanResult
from maulstick.release.steps import prefetch
from maulstick.release.steps.as_visitors_get import ask_as_visitors
from maulstick.release.steps.file_locations import compare_files, conflicts, unlocated
from maulstick.release.steps.file_warnings import replaced
from maulstick.release.steps.live_site import site_of
from maulstick.text import amount, lines, size_text
from maulstick.verify.http import Web
from maulstick.verify.proof.delivery import AT_ONCE as MOST_AT_ONCE
from maulstick.verify.proof.delivery import early

HINT = "give the changed file a name of its own, as browsers keep what they got; or --overwrite"

PACK = "upload where the files are, or bring them beside the bundle: invoke export --pack"

SHOWN = 10
"""How many files a target that asks is shown."""


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlainResult:
    """Send what the bucket lacks; other content under a key stops it before anything is sent (exit 3)."""
    items = compare_files(context)
    if not items:
        return PlainResult(Outcome("unchanged", "the bundle names no files"))
    return PlainResult(bring(context, earlier, items, options))


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return which files would be sent or mended, a line each."""
    planned = earlier.last(PlanResult)
    known = planned.files if planned is not None else None
    items: Sequence[Item] = compare_files(context) if known is None else known
    moved = [item for item in items if item.action != "there"]
    if not moved:
        return f"files: unchanged, {amount(len(items), 'file')} there"
    sent = [
        f"{SIGNS['insert']} {item.action} {item.file.key} ({size_text(item.file.bytes)})"
        for item in moved[:SHOWN]
    ]
    if len(moved) > SHOWN:
        size = size_text(sum(item.file.bytes for item in moved[SHOWN:]))
        sent.append(f"… and {amount(len(moved) - SHOWN, 'more file')} ({size})")
    return "\n".join(sent)


def bring(context: ReleaseContext, earlier: Earlier, items: list[Item], options: Options) -> Outcome:
    """Send and mend what was found; refused as a whole, before anything is sent, where one file cannot go."""
    if taken := conflicts(items):
        raise refused("upload", f"nothing was sent: the bucket holds other content{lines(taken)}", HINT)
    if missing := unlocated(context, items):
        raise refused("upload", f"nothing was sent: files are missing{lines(missing)}", PACK)
    problem, nearly_full = quota(context.open_bucket(), items, context.place.target.storage_quota)
    if problem is not None:
        raise problem
    if earlier.last(PlanResult) is None:  # which would have said so
        for warning in replaced(items):
            context.console.line(f"    warning: {warning}")
    brought, web, known = _begun(context, items), site_of(context, options), dict[str, Check]()
    at_once = int(options.get("concurrency", AT_ONCE))
    if any(item.action != "there" for item in items):
        known = _sent(context, items, brought, web, at_once)
    else:
        with suppress(Problem):  # all is there: parts that an earlier run left are of no use
            context.open_bucket().throw_away(item.file.key for item in items)
    unlike, private = ask_as_visitors(context, items, brought, web, min(at_once, MOST_AT_ONCE), known)
    applied = earlier.last(ApplyResult)
    _finished(context, brought, applied.number if applied is not None else None)
    if unlike is not None:
        raise unlike
    return _outcome(items, tuple(said for said in (nearly_full, private) if said))


def _begun(context: ReleaseContext, items: list[Item]) -> BroughtFiles:
    """Write down what will be sent, so that a run that breaks off leaves nothing that nobody knows of."""
    folder = f"{KEPT}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}/"
    brought = bringing(str(context.subject), items, folder)
    brought.proofs |= {item.file.key: item.proof for item in items if item.proof is not None}
    if not brought.files:
        return brought
    try:
        with context.production() as database:
            prefetch.of_upload(database)
            if problem := unwritable(database, although=context.place.target.although_read_only):
                raise problem
            _open(context, database)
            earlier = media_ledger.claims(database, brought.subject) if brought.kept else {}
            media_ledger.go_on(brought, context.open_bucket(), earlier)
            media_ledger.begin(database, brought)
    except Problem as problem:
        problem.harmless = True
        raise
    return brought


def _open(context: ReleaseContext, database: Database) -> None:
    """Refuse another target's ledger, and make it where there is none."""
    if media_ledger.require_target(database, context.place.target.name):
        return
    say_holders(database, context.console.line)
    try:
        media_ledger.make(database, context.place.target.name)
    except SqlProblem as problem:
        if problem.state == LOCKED:
            raise locked("upload", database) from problem
        raise


def _sent(
    context: ReleaseContext, items: list[Item], brought: BroughtFiles, web: Web, concurrency: int
) -> dict[str, Check]:
    """Send and mend, and ask for each file as soon as it has arrived; return what visitors got well."""
    size = sum(item.file.bytes for item in items if item.file.key in brought.files)
    public, at_once = context.open_bucket().address.public_url, min(concurrency, MOST_AT_ONCE)
    with (
        context.console.transfers(len(brought.files), size) as (moved, ended),
        early(web, public, at_once=at_once, original=context.open_places().here) as asking,
    ):

        def arrived(file: MediaFile) -> None:
            ended()
            asking.ask(file)

        try:
            proofs = send(
                context.open_bucket(),
                items,
                places=context.open_places(),
                kept=brought.kept,
                concurrency=concurrency,
                progress=moved,
                arrived=arrived,
            )
        except Problem as failure:
            failure.harmless = False  # other files may have been sent before
            raise
    brought.proofs |= proofs
    return asking.right


def _finished(context: ReleaseContext, brought: BroughtFiles, release: int | None) -> None:
    """Write down what arrived; without a ledger nothing was sent."""
    if not brought.files and not brought.proofs and not brought.doubtful:
        return
    with context.production() as database:
        if brought.files or media_ledger.has_uploads(database):  # what is sent was written down before
            media_ledger.finish(database, brought, release=release)


def _outcome(items: list[Item], warnings: tuple[str, ...]) -> Outcome:
    actions = Counter(item.action for item in items)
    size = sum(item.file.bytes for item in items if item.action in ("upload", "overwrite"))
    new = actions["upload"] + actions["overwrite"]
    if not new and not actions["repair"]:
        return Outcome("unchanged", f"{amount(len(items), 'file')} there already")
    said = [f"{amount(new, 'file')}, {size_text(size)}"] if new else []
    said += [f"{actions['overwrite']} of them replaced"] if actions["overwrite"] else []
    said += [f"{actions['repair']} repaired"] if actions["repair"] else []
    there = f"; {actions['there']} there already" if actions["there"] else ""
    return Outcome("done", ", ".join(said) + there, warnings)
