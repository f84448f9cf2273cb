"""Whether visitors get the files of an upload as they were sent."""

from __future__ import annotations

from collections.abc import Mapping

from maulstick.errors import Exit, Problem
from maulstick.media.compare import Item
from maulstick.media.ledger import BroughtFiles
from maulstick.project.declarations import Check
from maulstick.release.context import ReleaseContext
from maulstick.text import amount, at_most, lines
from maulstick.verify.http import Web
from maulstick.verify.proof.delivery import arrivals
from maulstick.verify.proof.private_bucket import SAYS, is_private, with_key

UNLIKE = "visitors do not get {} as sent"
UNTOLD = "could not check whether visitors get {}"
SENT = "the bucket has what was sent: is it public, is S3_PUBLIC_URL its address, is a cache behind?"
MANY = 20
"""Files of which a person wants to see how many have answered, and the most that are named."""


def ask_as_visitors(
    context: ReleaseContext,
    items: list[Item],
    brought: BroughtFiles,
    web: Web,
    at_once: int,
    known: Mapping[str, Check],
) -> tuple[Problem | None, str]:
    """Ask for what the ledger does not know as visitors do; return the problem of what they do not get so.

    What is `known` was asked for beside the sending, and answered well. A private bucket is asked with its
    key, and what that means is returned too, "" where it is public.
    """
    files, private = [item.file for item in items if not item.known], ""
    bucket = context.open_bucket()

    def otherwise(found: Mapping[str, Check]) -> dict[str, Check] | None:
        nonlocal private
        if not is_private(web, bucket, found):
            return None
        private = SAYS
        return with_key(bucket, files)

    shown = len(files) if len(files) >= MANY else 0
    with context.console.bar("as visitors get them", shown, unit="files") as moved:
        found = arrivals(
            web,
            files,
            bucket.address.public_url,
            at_once=at_once,
            moved=moved,
            original=context.open_places().here,
            otherwise=otherwise,
            known=known,
        )
    for check in found.values():
        context.console.detail(str(check))
    reached = {key for key, check in found.items() if check.ok}
    brought.doubtful = frozenset(file.key for file in files) - reached
    return refusal_of([*found.values()], len(files) - len(found)), private


def refusal_of(checks: list[Check], unasked: int) -> Problem | None:
    """Describe the problem of wrong answers, else of those that nobody got; None where all are right."""
    for ok, code, says in ((False, Exit.WRONG, UNLIKE), (None, Exit.UNKNOWN, UNTOLD)):
        found = [str(check) for check in checks if check.ok is ok]
        if found:
            left = [f"{amount(unasked, 'file')} not asked for any more"] if unasked else []
            what = says.format(amount(len(found), "file")) + lines([*at_most(MANY, found), *left])
            return Problem("upload", what, SENT, code=code)
    return None
