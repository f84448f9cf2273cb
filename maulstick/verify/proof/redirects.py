"""Whether an old address of a page leads to the new one, for good."""

from __future__ import annotations

from urllib.parse import urljoin

from maulstick.project.declarations import Check
from maulstick.verify.http import MOVED, Web
from maulstick.verify.proof.pages import path_of
from maulstick.verify.response import Unreachable, Wrong

FOR_GOOD = (301, 308)
"""What search engines take for a page that has moved."""


def redirected(web: Web, old: str, new: str) -> Check:
    """Ask for an old address, which must lead to the new one by 301 or 308."""
    name, hint = f"old address {old}", f"the site needs a redirect: {old} {new} 301"
    try:
        answer = web.once(old)
    except Unreachable as problem:
        return Check(name, None, problem.what, problem.hint)
    except Wrong as problem:
        return Check(name, False, problem.what, hint)
    if answer.status not in MOVED:
        return Check(name, False, f"answers {answer.status}: who knows it does not come to {new}", hint)
    there = urljoin(web.address(old), answer.headers.get("location", ""))
    if path_of(there) != path_of(web.address(new)):
        return Check(name, False, f"leads to {there}, not to {new}", hint)
    if answer.status not in FOR_GOOD:
        says = f"leads to {new} by {answer.status}, which is only for now"
        return Check(name, False, says, "answer 301 or 308, else search engines keep the old address")
    return Check(name, True, f"leads to {new} ({answer.status})")
