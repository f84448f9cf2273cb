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
from maulstick.release.context import Run
from maulstick.release.settings import Options
from maulstick.text import amount, at_most, lines

SHORT, MOST = 7, 10


def deploy(run: Run, options: Options) -> Outcome:
    """Ship the checkout's commit and wait until production is healthy with it."""
    code, checkout = run.host.code, run.checkout
    if code is None:
        return Outcome("skipped", f'host = "{run.place.target.host}" has nothing to deploy to')
    if checkout is None:
        return Outcome("skipped", "the checkout is not here" if run.given else "the source names no checkout")
    commit = _clean_commit(checkout)
    if code.deploys.get(commit) or _runs(code, commit):
        return Outcome("unchanged", f"{run.place.target.name} already runs {commit[:SHORT]}")
    if commit in code.deploys:
        says = f"{commit[:SHORT]} failed already, for the subject before"
        raise Problem("deploy", says, "mend it, then run the same again")
    _announce(run, code, checkout, commit)
    shipped = _ship(run, code, checkout, commit, options)
    warnings = (*_unpushed(run, checkout, commit), *shipped)
    return Outcome("done", f"{run.place.target.name} runs {commit[:SHORT]}", warnings)


def look(run: Run) -> None:
    """Refuse early what a deploy would refuse, and say what it would ship; nothing is changed."""
    code, checkout = run.host.code, run.checkout
    if code is None or checkout is None:
        return
    commit = _clean_commit(checkout)
    if not _runs(code, commit):
        _announce(run, code, checkout, commit)


def ships(run: Run) -> list[str]:
    """Return what a deploy would ship, in lines; none where nothing is to be shipped."""
    code, checkout = run.host.code, run.checkout
    if code is None or checkout is None:
        return []
    commit = _clean_commit(checkout)
    return [] if _runs(code, commit) else [*_news(code, checkout, commit, run.place.target.name)]


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
    return code.running == commit and not code.troubles


def _announce(run: Run, code: Code, checkout: Path, commit: str) -> None:
    """Say what a deploy brings and takes back, once however many subjects are released."""
    if code.announced == commit:
        return
    code.announced = commit
    for line in _news(code, checkout, commit, run.place.target.name):
        run.console.line(f"    {line}")


def _news(code: Code, checkout: Path, commit: str, there: str) -> Iterator[str]:
    running = code.running
    drift = git.drift(checkout, running) if running else None
    if running is None:
        yield f"deploy ships {commit[:SHORT]}; Fly does not tell which commit {there} runs"
    elif drift is None:
        yield f"deploy ships {commit[:SHORT]}; {there} runs {running[:SHORT]}, which is not known here"
    elif running == commit:
        yield f"deploy ships {commit[:SHORT]} again: {'; '.join(code.troubles)}"
    else:
        yield f"deploy ships {amount(len(drift.ours), 'commit')}:{_listed(drift.ours)}"
        if drift.theirs:
            lost = amount(len(drift.theirs), "commit")
            yield f"warning: deploy takes back {lost} that {there} runs:{_listed(drift.theirs)}"


def _listed(commits: tuple[str, ...]) -> str:
    return "".join(f"\n      {commit}" for commit in at_most(MOST, commits))


def _ship(run: Run, code: Code, checkout: Path, commit: str, options: Options) -> Sequence[str]:
    secrets = secrets_of(run.host.environment)
    wait = options.get("wait")
    code.deploys[commit] = False
    warnings = code.ship(
        checkout,
        commit,
        line=run.console.streamed,
        hide=lambda text: hide(text, *secrets),
        wait=None if wait is None else float(wait),
    )
    code.deploys[commit] = True
    return warnings


def _unpushed(run: Run, checkout: Path, commit: str) -> tuple[str, ...]:
    if run.place.target.host == "sandbox" or git.pushed(checkout):
        return ()
    return (f"{commit[:SHORT]} is not pushed: nobody else has what {run.place.target.name} runs",)
