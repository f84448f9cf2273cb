"""Deploy: the site's code, from a clean checkout, unless production already runs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from maulstick import git
from maulstick.errors import Problem
from maulstick.hosts.environment import secrets_of
from maulstick.project.declarations import Outcome
from maulstick.project.targets import Code
from maulstick.redact import hide
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import Earlier, PlainResult
from maulstick.text import amount, at_most, lines

SHORT, MOST = 7, 10


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlainResult:
    """Ship the checkout's commit and wait until production is healthy with it."""
    code, checkout = context.host.code, context.checkout
    if code is None:
        return _skipped(f'host = "{context.place.target.host}" has nothing to deploy to')
    if why := code.refused(asked=context.steps == ("deploy",)):
        return _skipped(why)
    if checkout is None:
        return _skipped(
            "the checkout is not here" if context.names_bundle else "the source names no checkout"
        )
    commit = _clean_commit(checkout)
    if code.deploys.get(commit) or _runs(code, commit):
        says = f"{context.place.target.name} already runs {commit[:SHORT]}"
        return PlainResult(Outcome("unchanged", says))
    if commit in code.deploys:
        says = f"{commit[:SHORT]} failed already, for the subject before"
        raise Problem("deploy", says, "mend it, then run the same again")
    _announce(context, code, checkout, commit)
    shipped = _ship(context, code, checkout, commit, options)
    warnings = (*_unpushed(context, checkout, commit), *shipped)
    return PlainResult(Outcome("done", f"{context.place.target.name} runs {commit[:SHORT]}", warnings))


def look(context: ReleaseContext) -> None:
    """Refuse early what a deploy would refuse, and say what it would ship; nothing is changed."""
    code, checkout = context.host.code, context.checkout
    if code is None or checkout is None or code.refused(asked=context.steps == ("deploy",)):
        return
    commit = _clean_commit(checkout)
    if not _runs(code, commit):
        _announce(context, code, checkout, commit)


def ships(context: ReleaseContext) -> bool:
    """Return whether a deploy would ship anything."""
    code, checkout = context.host.code, context.checkout
    if code is None or checkout is None or code.refused(asked=context.steps == ("deploy",)):
        return False
    return not _runs(code, _clean_commit(checkout))


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return what a deploy would ship, in lines."""
    code, checkout = context.host.code, context.checkout
    if code is None or checkout is None or code.refused(asked=context.steps == ("deploy",)):
        return "deploy has nothing to ship"
    commit = _clean_commit(checkout)
    if _runs(code, commit):
        return "deploy has nothing to ship"
    return "\n".join(_news(code, checkout, commit, context.place.target.name)).replace("\n      ", "\n  ")


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


def _runs(code: Code, commit: str) -> bool:
    return _is(code.running, commit) and not code.troubles


def _is(running: str | None, commit: str) -> bool:
    """Return whether a commit runs; a machine may name it by its first digits."""
    return running is not None and commit.startswith(running)


def _announce(context: ReleaseContext, code: Code, checkout: Path, commit: str) -> None:
    """Say what a deploy brings and takes back, once however many subjects are released."""
    if code.announced == commit:
        return
    code.announced = commit
    for line in _news(code, checkout, commit, context.place.target.name):
        context.console.line(f"    {line}")


def _news(code: Code, checkout: Path, commit: str, there: str) -> Iterator[str]:
    running = code.running
    drift = git.drift(checkout, running) if running else None
    if running is None:
        yield f"deploy ships {commit[:SHORT]}; it is not known which commit {there} runs"
    elif drift is None:
        yield f"deploy ships {commit[:SHORT]}; {there} runs {running[:SHORT]}, which is not known here"
    elif _is(running, commit):
        yield f"deploy ships {commit[:SHORT]} again: {'; '.join(code.troubles)}"
    else:
        yield f"deploy ships {amount(len(drift.ours), 'commit')}:{_listed(drift.ours)}"
        if drift.theirs:
            lost = amount(len(drift.theirs), "commit")
            yield f"warning: deploy takes back {lost} that {there} runs:{_listed(drift.theirs)}"


def _listed(commits: tuple[str, ...]) -> str:
    return "".join(f"\n      {commit}" for commit in at_most(MOST, commits))


def _ship(
    context: ReleaseContext, code: Code, checkout: Path, commit: str, options: Options
) -> Sequence[str]:
    secrets = secrets_of(context.host.environment)
    wait = options.get("wait")
    code.deploys[commit] = False
    warnings = code.ship(
        checkout,
        commit,
        line=context.console.streamed,
        hide=lambda text: hide(text, *secrets),
        wait=None if wait is None else float(wait),
    )
    code.deploys[commit] = True
    return warnings


def _unpushed(context: ReleaseContext, checkout: Path, commit: str) -> tuple[str, ...]:
    if context.place.target.host == "sandbox" or git.pushed(checkout):
        return ()
    return (f"{commit[:SHORT]} is not pushed: nobody else has what {context.place.target.name} runs",)
