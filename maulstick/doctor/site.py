"""Questions about the site: does it answer a visitor, and do all clocks agree?"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, skipped, warn
from maulstick.verify.barriers import hint_of, refusal

# S3 refuses a request that is signed 15 minutes off, and signatures of Fly's are as strict.
REFUSED, WORTH_SAYING = 15 * 60, 60


def site(context: DoctorContext) -> Finding:
    """Check that the site answers; if its machine sleeps, this visit wakes it."""
    if not context.web.site:
        return skipped("the target has no site: pages are not asked for")
    answer = context.web.get("/")
    if date := answer.headers.get("date"):
        context.clocks["the site"] = parsedate_to_datetime(date).timestamp() - time.time()
    address = context.web.site
    if says := refusal(answer.status, answer.headers):
        return warn(f"{address} {says}: verify cannot see what is behind it", hint_of(answer.status))
    if answer.status != 200:
        return fail(f"{address} answers {answer.status}", "is it the address that visitors use?")
    return ok(f"{address} answers 200 ({answer.seconds:.1f} s)")


def clocks(context: DoctorContext) -> Finding:
    """Check that this machine's clock agrees with those of the site, the bucket and the database."""
    if not context.clocks:
        return skipped("nothing with a clock answered")
    who, ahead = max(context.clocks.items(), key=lambda clock: abs(clock[1]))
    if abs(ahead) < WORTH_SAYING:
        return ok(f"ours agrees with {', '.join(sorted(context.clocks))}")
    says = f"{who} is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} us"
    if abs(ahead) >= REFUSED:
        return fail(f"{says}; S3 refuses 15 minutes", "set this machine's clock: timedatectl set-ntp true")
    return warn(says, "set this machine's clock: timedatectl set-ntp true")
