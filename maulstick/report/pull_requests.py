"""Pull requests: which one brought a commit, its one comment of ours, and the plan that it was shown."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maulstick.errors import Problem
from maulstick.report.github_api import GitHub

MARK = "<!-- maulstick -->"
"""The first line of our comment, which nobody sees: by it the comment is found again."""
OURS = "github-actions[bot]"
"""Who writes with a workflow's token; a comment of anybody else is never touched, whatever it begins with."""
ARTIFACT = "maulstick-plan-"
PLAN = "plan.json"
LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: its number and the last commit of its branch."""

    number: int
    head: str


def brought(github: GitHub, commit: str) -> Pull | None:
    """Return the pull request that brought a commit, None where it was pushed without one."""
    found = [one for one in github.every(f"commits/{commit}/pulls") if one.get("merged_at")]
    found.sort(key=lambda one: one.get("merge_commit_sha") != commit)
    return Pull(int(found[0]["number"]), str(found[0]["head"]["sha"])) if found else None


def comment(github: GitHub, pull: int, text: str) -> str:
    """Write our comment on a pull request, or write it anew where it is there; return its address."""
    body = {"body": f"{MARK}\n{text}"}
    listed = github.every(f"issues/{pull}/comments")
    known = next((one for one in listed if _is_ours(one)), None)
    if known is None:
        written = github.send("POST", f"issues/{pull}/comments", body)
    else:
        written = github.send("PATCH", f"issues/comments/{int(known['id'])}", body)
    return str(written["html_url"])


def sealed_plan(github: GitHub, pull: Pull) -> str | None:
    """Return the text of the sealed plan that a pull request's last commit was given, None without one."""
    found = github.get("actions/artifacts", name=f"{ARTIFACT}{pull.head}")["artifacts"]
    whole = [one for one in found if not one["expired"] and _is_of(one, pull)]
    if not whole:
        return None
    newest = max(whole, key=lambda one: str(one["created_at"]))
    return _plan_in(github.download(f"actions/artifacts/{int(newest['id'])}/zip"))


def _is_ours(one: Mapping[str, Any]) -> bool:
    return (one.get("user") or {}).get("login") == OURS and str(one.get("body")).startswith(MARK)


def _is_of(one: Mapping[str, Any], pull: Pull) -> bool:
    """Tell whether a run on the pull request's own commit, in this repository and no fork, left it."""
    run = one["workflow_run"]
    return bool(run["head_sha"] == pull.head and run["head_repository_id"] == run["repository_id"])


def _plan_in(archive: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            if files.getinfo(PLAN).file_size > LARGEST:
                raise Problem("github", f"{PLAN} is larger than {LARGEST >> 20} MiB")
            return files.read(PLAN).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise Problem("github", f"the artifact holds no {PLAN}") from error
