"""Deploy: the site's code, from a clean checkout, unless production already runs it."""

from __future__ import annotations

from maulstick import git
from maulstick.console import amount
from maulstick.content import Outcome
from maulstick.errors import Problem
from maulstick.host import secrets_of
from maulstick.planning import lines
from maulstick.redact import hide
from maulstick.run import Options, Run

SHORT = 7


def deploy(run: Run, options: Options) -> Outcome:
    """Ship the checkout's commit and wait until production is healthy with it."""
    app, checkout = run.host.app, run.place.source.checkout
    if app is None:
        return Outcome("skipped", "this target is not on Fly")
    if checkout is None:
        return Outcome("skipped", "the source names no checkout")
    changed = git.dirty(checkout)
    if changed:
        says = f"the checkout has {amount(len(changed), 'change')} that no commit holds{lines(changed[:10])}"
        hint = "commit or stash them, or use --playbook content"
        raise Problem("deploy", says, hint, harmless=True)
    commit = git.head(checkout)
    if app.status.running_commit == commit and app.status.healthy:
        return Outcome("unchanged", f"production already runs {commit[:SHORT]}")
    from maulstick.fly.deploy import DEPLOY_SECONDS
    from maulstick.fly.deploy import deploy as ship

    secrets = secrets_of(run.host.environment)
    app.forget(
        ship(
            app.fly,
            checkout,
            commit=commit,
            line=lambda text: run.console.line(f"    {hide(text, *secrets)}"),
            timeout=float(options.get("wait", DEPLOY_SECONDS)),
        )
    )
    return Outcome("done", f"production runs {commit[:SHORT]}", _warnings(run, commit))


def _warnings(run: Run, commit: str) -> tuple[str, ...]:
    checkout = run.place.source.checkout
    if run.place.target.host == "sandbox" or checkout is None or git.pushed(checkout):
        return ()
    return (f"{commit[:SHORT]} is not pushed: nobody else has what production runs",)
