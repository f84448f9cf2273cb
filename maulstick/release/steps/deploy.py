"""Deploy: the site's code, from a clean checkout, unless production already runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick import git
from maulstick.errors import Problem
from maulstick.hosts.environment import secrets_of
from maulstick.hosts.host import FlyApp
from maulstick.project.declarations import Outcome
from maulstick.redact import hide
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import Earlier, PlainResult
from maulstick.text import amount, at_most, lines

if TYPE_CHECKING:
    from maulstick.hosts.fly.deploy import Deployed

SHORT, MOST, LONGEST = 7, 10, 200


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlainResult:
    """Ship the checkout's commit and wait until production is healthy with it."""
    app, checkout = context.host.app, context.checkout
    if app is None:
        return _skipped(f'host = "{context.place.target.host}" has nothing to deploy to')
    if checkout is None:
        return _skipped(
            "the checkout is not here" if context.names_bundle else "the source names no checkout"
        )
    commit = _clean_commit(checkout)
    if app.deploys.get(commit) or _runs(app, commit):
        says = f"{context.place.target.name} already runs {commit[:SHORT]}"
        return PlainResult(Outcome("unchanged", says))
    if commit in app.deploys:
        says = f"{commit[:SHORT]} failed already, for the subject before"
        raise Problem("deploy", says, "mend it, then run the same again")
    _announce(context, app, checkout, commit)
    shipped = _ship(context, app, checkout, commit, options)
    warnings = (*_unpushed(context, checkout, commit), *_seen_after(context, app, shipped))
    return PlainResult(Outcome("done", f"{context.place.target.name} runs {commit[:SHORT]}", warnings))


def look(context: ReleaseContext) -> None:
    """Refuse early what a deploy would refuse, and say what it would ship; nothing is changed."""
    app, checkout = context.host.app, context.checkout
    if app is None or checkout is None:
        return
    commit = _clean_commit(checkout)
    if not _runs(app, commit):
        _announce(context, app, checkout, commit)


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return what a deploy would ship, in lines."""
    app, checkout = context.host.app, context.checkout
    commit = _clean_commit(checkout) if app is not None and checkout is not None else ""
    if app is None or checkout is None or _runs(app, commit):
        return "deploy has nothing to ship"
    return "\n".join(_news(app, checkout, commit, context.place.target.name)).replace("\n      ", "\n  ")


def _skipped(why: str) -> PlainResult:
    return PlainResult(Outcome("skipped", why))


def _clean_commit(checkout: Path) -> str:
    changed = git.dirty(checkout)
    if changed:
        says = (
            f"the checkout has {amount(len(changed), 'change')} that no commit holds{lines(changed[:MOST])}"
        )
        hint = "commit or stash them, or use --playbook content"
        raise Problem("deploy", says, hint, harmless=True)
    return git.head(checkout)


def _runs(app: FlyApp, commit: str) -> bool:
    return app.status.running_commit == commit and app.status.healthy


def _announce(context: ReleaseContext, app: FlyApp, checkout: Path, commit: str) -> None:
    """Say what a deploy brings and takes back, once however many subjects are released."""
    if app.announced == commit:
        return
    app.announced = commit
    for line in _news(app, checkout, commit, context.place.target.name):
        context.console.line(f"    {line}")


def _news(app: FlyApp, checkout: Path, commit: str, there: str) -> Iterator[str]:
    running = app.status.running_commit
    drift = git.drift(checkout, running) if running else None
    if running is None:
        yield f"deploy ships {commit[:SHORT]}; Fly does not tell which commit {there} runs"
    elif drift is None:
        yield f"deploy ships {commit[:SHORT]}; {there} runs {running[:SHORT]}, which is not known here"
    elif running == commit:
        yield f"deploy ships {commit[:SHORT]} again: {'; '.join(app.status.troubles)}"
    else:
        yield f"deploy ships {amount(len(drift.ours), 'commit')}:{_listed(drift.ours)}"
        if drift.theirs:
            lost = amount(len(drift.theirs), "commit")
            yield f"warning: deploy takes back {lost} that {there} runs:{_listed(drift.theirs)}"


def _listed(commits: tuple[str, ...]) -> str:
    return "".join(f"\n      {commit}" for commit in at_most(MOST, commits))


def _ship(context: ReleaseContext, app: FlyApp, checkout: Path, commit: str, options: Options) -> Deployed:
    from maulstick.hosts.fly.deploy import DEPLOY_SECONDS
    from maulstick.hosts.fly.deploy import deploy as ship

    secrets = secrets_of(context.host.environment)
    app.deploys[commit] = False
    shipped = ship(
        app.fly,
        checkout,
        commit=commit,
        line=context.console.streamed,
        hide=lambda text: hide(text, *secrets),
        timeout=float(options.get("wait", DEPLOY_SECONDS)),
    )
    app.deploys[commit] = True
    app.forget(shipped.status)
    return shipped


def _seen_after(context: ReleaseContext, app: FlyApp, shipped: Deployed) -> Iterator[str]:
    from maulstick.hosts.fly.logs import troubles_since

    if shipped.status.running_commit is None:
        yield "Fly does not tell which commit it runs: the next release deploys again"
    secrets = secrets_of(context.host.environment)
    for text in troubles_since(app.fly, shipped.release.created)[:MOST]:
        yield f"the log says: {hide(text, *secrets)[:LONGEST]}"


def _unpushed(context: ReleaseContext, checkout: Path, commit: str) -> tuple[str, ...]:
    if context.place.target.host == "sandbox" or git.pushed(checkout):
        return ()
    return (f"{commit[:SHORT]} is not pushed: nobody else has what {context.place.target.name} runs",)
