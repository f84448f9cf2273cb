"""The workflow of a site on Fly, run from its parsed YAML as a runner at GitHub runs it.

Steps that run a command are executed by bash. Of the actions that they use, each is either done here, as far
as this workflow needs it, or named in LEFT_OUT; one that is neither is an error, and so is an expression
that EXPRESSION does not read.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from maulstick.report.workflow import Workflow
from tests import forked
from tests.commands import SHELL, begin_forking
from tests.end_to_end.github.studio import git
from tests.report.github_site import REPOSITORY, TOKEN, Site

SHIPPED = Workflow(
    host="fly", target="production", playbook="content", bundles="releases", environment="", browser=False
)
"""The workflow of a site on Fly."""
TEXT = SHIPPED.text()
WORKFLOW: Mapping[str, Any] = yaml.safe_load(TEXT)
LEFT_OUT = ("actions/setup-python", "superfly/flyctl-actions/setup-flyctl")
"""Actions that only install what is installed here."""
INSTALL = "python -m pip install -r requirements.txt"
"""The step that installs what is installed here."""
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at GitHub: its name, the commit and branch of its run, and its payload."""

    name: str
    sha: str
    ref: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A job that has ended: each step's exit code, and all that was printed."""

    codes: Mapping[str, int]
    said: str

    @property
    def failed(self) -> list[str]:
        return [name for name, code in self.codes.items() if code]


@dataclass(slots=True)
class Job:
    """A job on its runner: `secrets` are those that GitHub hands to it, `shell` what bash reads first."""

    name: str
    event: Event
    origin: Path
    folder: Path
    site: Site
    secrets: Mapping[str, str]
    path: str
    shell: str = SHELL
    uses: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def written(self) -> Mapping[str, Any]:
        return WORKFLOW["jobs"][self.name]

    def run(self) -> Done | None:
        """Run the job, None where its condition says no."""
        if not self.holds(self.written["if"]):
            return None
        codes: dict[str, int] = {}
        said = ""
        for step in self.written["steps"]:
            name = step.get("name") or step["uses"].partition("@")[0]
            if any(codes.values()) if "if" not in step else not self.holds(step["if"]):
                continue
            codes[name], told = self._step(step)
            said += told
        return Done(codes, said)

    def holds(self, condition: str) -> bool:
        """Tell whether a condition holds, written with or without the braces of an expression."""
        inner = EXPRESSION.fullmatch(condition)
        return bool(self._value(inner[1] if inner else condition))

    def filled(self, text: object) -> str:
        """Return a text of the workflow with its expressions filled in."""
        return EXPRESSION.sub(lambda found: str(self._value(found[1]) or ""), str(text))

    def _value(self, expression: str) -> Any:
        for sign in (" && ", " || "):
            if sign in expression:
                values = [self._value(part) for part in expression.split(sign)]
                return all(values) if sign == " && " else next((one for one in values if one), "")
        for sign in (" == ", " != "):
            left, found, right = expression.partition(sign)
            if found:
                return (self._value(left) == self._value(right)) is (sign == " == ")
        if re.fullmatch(r"'[^']*'", expression):
            return expression[1:-1]
        if expression == "!cancelled()":
            return True
        return self._looked_up(expression)

    def _looked_up(self, expression: str) -> Any:
        context, *path = expression.split(".")
        known: Mapping[str, Any] = {
            "event_name": self.event.name,
            "event": self.event.payload,
            "ref": self.event.ref,
            "repository": REPOSITORY,
            "token": TOKEN,
        }
        found: Any = {
            "github": known,
            "secrets": self.secrets,
            "inputs": self.event.inputs,
            "steps": self.outputs,
        }[context]
        for part in path:
            found = found.get(part, "") if context in ("secrets", "inputs") else found[part]
        return found

    def _step(self, step: Mapping[str, Any]) -> tuple[int, str]:
        if "run" in step:
            return (0, "") if step["run"] == INSTALL else self._command(step)
        action, _, version = step["uses"].partition("@")
        assert version, "an action is pinned"
        self.uses.append(action)
        if action not in LEFT_OUT:
            given = {name: self.filled(value) for name, value in step.get("with", {}).items()}
            address = ACTIONS[action](self, given)
            self.outputs |= {step["id"]: {"outputs": {"artifact-url": address}}} if "id" in step else {}
        return 0, ""

    def _command(self, step: Mapping[str, Any]) -> tuple[int, str]:
        assert "${{" not in step["run"], "what comes from outside goes through the environment"
        given = {**WORKFLOW["env"], **self.written.get("env", {}), **step.get("env", {})}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{self.path}",
            "HOME": str(self.folder.parent),
            "LANG": "C.UTF-8",
            "CI": "true",
            forked.LINK: str(begin_forking()),
            "GITHUB_SHA": self.event.sha,
            **self.site.environment,
            **{name: self.filled(value) for name, value in given.items()},
        }
        process = subprocess.run(
            [*BASH, self.shell + step["run"]],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        return process.returncode, process.stdout


def _checkout(job: Job, given: Mapping[str, str]) -> str:
    assert given["persist-credentials"] == "False"
    assert given["fetch-depth"] == "0"
    git(job.origin.parent, "clone", "--quiet", "--no-checkout", str(job.origin), str(job.folder))
    git(job.folder, "checkout", "--quiet", given.get("ref") or job.event.sha)
    return ""


def _upload_artifact(job: Job, given: Mapping[str, str]) -> str:
    path = job.folder / given["path"]
    assert given["if-no-files-found"] == "ignore"
    if not path.exists():
        return ""
    payload = job.event.payload.get("pull_request")
    commit = payload["head"]["sha"] if payload else job.event.sha
    # One that is not packed into a ZIP is called as its file.
    name = given["name"] if given.get("archive") != "False" else path.name
    return job.site.keep(name, {path.name: path.read_bytes()}, commit)


ACTIONS: Mapping[str, Callable[[Job, Mapping[str, str]], str]] = {
    "actions/checkout": _checkout,
    "actions/upload-artifact": _upload_artifact,
}
