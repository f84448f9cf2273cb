"""The commands that run in a workflow at GitHub, and the one that writes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import Bundles, changed_bundles
from maulstick.cli.options import TargetsOptions
from maulstick.errors import Exit, usage
from maulstick.files import writing
from maulstick.release.settings import CommandOptions, option

if TYPE_CHECKING:
    from maulstick.plan.seal import Seal
    from maulstick.project.inventory import Inventory, Target

WORKFLOW = Path(".github") / "workflows" / "maulstick.yml"
EMPTY = {
    True: "Nothing to release: no bundle has changed.",
    False: "Nothing was planned or released: the log says why.",
}
"""What is said of a run that has no release to tell of, where it went well and where it did not."""


@dataclass(frozen=True)
class WorkflowOptions(TargetsOptions):
    """What the workflow does, and how it is written."""

    playbook: str = option("content", "the playbook that a release follows; it may not deploy")
    browser: bool = option(False, "look at every page in a real Chromium too")
    force: bool = option(False, "overwrite a workflow that was changed")


@dataclass(frozen=True)
class Comment(CommandOptions):
    """Which run is shown, and where."""

    run: str | None = option(None, "the run to show, else the last one")
    pull: str | None = option(None, "the pull request's number, else the one that brought the commit")
    report: str | None = option(None, "the address of the report, to link to")


@dataclass(frozen=True)
class Sealed(TargetsOptions):
    """Which plan is fetched."""

    changed_since: str | None = option(
        None, "the commit since which the bundles changed that the plan must be of"
    )
    out: str | None = option(None, "write the sealed plan in this file")


def init(command: Command[WorkflowOptions]) -> int:
    """Write the workflow into the project's repository; a changed one stays unless it is forced."""
    from maulstick.project import playbook as playbooks
    from maulstick.report.workflow import workflow_for

    options, plugins, console = command.options, command.plugins, command.console()
    if not (command.project / ".git").exists():
        hint = "GitHub reads workflows at the root of a repository: git init"
        raise usage(str(command.project), "is not the root of a git repository", hint)
    known = playbooks.known_steps(plugins.steps().values())
    playbook = playbooks.load(command.project / "playbooks", options.playbook, known)
    inventory = command.inventory()
    target = _live_target(command, inventory)
    workflow = workflow_for(command.project, inventory, target, playbook, browser=options.browser)
    console.result(f"{WORKFLOW}: {_write(command.project / WORKFLOW, workflow.text(), force=options.force)}")
    console.result(workflow.next_steps())
    return Exit.DONE


def comment(command: Command[Comment]) -> int:
    """Show a run in its pull request's one comment, and in the job's summary."""
    from maulstick.report.github_api import from_environment
    from maulstick.report.pull_requests import merged_pull, write_comment

    console, text = command.console(), _text(command)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    number, github = _number(command.options.pull), from_environment()
    if number is None:
        pull = merged_pull(github, _commit())
        number = pull.number if pull else None
    if number is None:
        console.result(f"no pull request brought {_commit()}: nothing to comment on")
        return Exit.DONE
    console.result(write_comment(github, number, text))
    return Exit.DONE


def sealed(command: Command[Sealed]) -> int:
    """Fetch the sealed plan that this commit's pull request was shown, if it is of just these bundles."""
    from maulstick.plan import seal as plans
    from maulstick.report.github_api import from_environment
    from maulstick.report.pull_requests import merged_pull, sealed_plan

    since, out = command.options.changed_since, command.options.out
    if not since:
        raise usage("--changed-since", "is missing")
    if not out:
        raise usage("--out", "is missing")
    console, targets, github = command.console(), command.targets(), from_environment()
    bundles = changed_bundles(since, targets, console)
    pull = merged_pull(github, _commit()) if bundles else None
    text = sealed_plan(github, pull) if pull else None
    if pull is None or text is None:
        console.result("no sealed plan was found: what has changed is planned again")
        return Exit.DONE
    where = f"the plan of pull request {pull.number}"
    seals = [one for one in plans.parse(text, where) if one.target in {target.name for target in targets}]
    if why := _misfit(seals, bundles, targets):
        console.result(f"{where} is of other bundles ({why}): what has changed is planned again")
        return Exit.DONE
    plans.write(Path(out), seals)
    console.result(f"{where}: {', '.join(sorted({one.subject for one in seals}))}")
    return Exit.DONE


def _misfit(seals: Sequence[Seal], bundles: Bundles, targets: Sequence[Target]) -> str:
    """Return why seals are not of just these bundles, "" where they are.

    Whoever can push a branch can leave an artifact. So one that decides anything is not taken: it could only
    have been made by hand, and nobody was shown what it decides.
    """
    from maulstick.bundle.folder import read_manifest

    sealed = {(one.target, one.subject): one for one in seals}
    wanted = {(target.name, str(subject)): path for target in targets for subject, path in bundles.items()}
    for place in sealed.keys() ^ wanted.keys():
        return f"{place[1]} is only {'in it' if place in sealed else 'here'}"
    for place, folder in wanted.items():
        if sealed[place].digest != read_manifest(folder).digest:
            return f"{place[1]} was different then"
        if any(sealed[place].decided.values()):
            return f"{place[1]} is decided in it"
    return ""


def _live_target(command: Command[WorkflowOptions], inventory: Inventory) -> Target:
    """Return the target that is named, else the default one, or the only one that others reach too."""
    if command.options.target:
        targets = inventory.chosen(command.options.target)
    else:
        live = [target for target in inventory.targets.values() if target.source is not None]
        targets = [target for target in live if target.name == inventory.default] or live
    if len(targets) != 1:
        hint = f"--target names one of them: {', '.join(target.name for target in targets)}"
        what = "takes one target" if targets else "finds no target that others reach too"
        raise usage("github.init", what, hint if targets else "maulstick init writes one")
    return targets[0]


def _write(path: Path, text: str, *, force: bool) -> str:
    """Write the workflow, and return whether that was needed."""
    from maulstick.files import write_whole

    there = path.read_text(encoding="utf-8") if path.exists() else None
    if there == text:
        return "unchanged"
    if there is not None and not force:
        hint = "--force writes it again; git diff shows the difference"
        raise usage(str(WORKFLOW), "exists and was changed, or fits another target", hint)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, iter([text.encode()]))
    return "written"


def _text(command: Command[Comment]) -> str:
    """Return the text of the comment: the report of a run, and where its whole report and its log are."""
    from maulstick.report.markdown import markdown
    from maulstick.report.store import ids, load

    record = (
        load(command.project, command.options.run)[0] if command.options.run or ids(command.project) else None
    )
    text = markdown(record) if record and record["releases"] else ""
    text = text or EMPTY[bool(record and not record["exit"])] + "\n"
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    places = {
        "The report, with its pictures": command.options.report or "",
        "The log": f"{server}/{repository}/actions/runs/{run}" if run else "",
    }
    links = " · ".join(f"[{name}]({address})" for name, address in places.items() if address)
    return f"{text}\n{links}\n" if links else text


def _commit() -> str:
    commit = os.environ.get("GITHUB_SHA", "")
    if not commit.isalnum():
        raise usage("GITHUB_SHA", "is not set in the environment", "--pull N names the pull request")
    return commit


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise usage(f"--pull {text}", "is not a number", "for example --pull 7")
    return int(text)


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("init", "Write the workflow for pull requests and main.", WorkflowOptions, init),
    Definition("comment", "Show a run in its pull request's comment.", Comment, comment),
    Definition("sealed", "Fetch the sealed plan that a pull request was shown.", Sealed, sealed),
)
"""The tasks `github.…`."""
