"""Pull requests: which one a commit came from, our one comment on it, and the plan that it showed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maulstick.errors import Problem
from maulstick.report.github_api import GitHub

MARK = "<!-- maulstick -->"
"""The invisible first line of our comment, by which it is found again."""
OURS = "github-actions[bot]"
"""Who writes with a workflow's token; a comment of anybody else is never changed."""
ARTIFACT = "maulstick-plan-"
PLAN = "plan.json"
LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: its number and the last commit of its branch."""

    number: int
    head: str


def merged_pull(github: GitHub, commit: str) -> Pull | None:
    """Find the pull request that a commit was merged from, None where it was pushed without one."""
    merged = [pull for pull in github.each(f"commits/{commit}/pulls") if pull.get("merged_at")]
    merged.sort(key=lambda pull: pull.get("merge_commit_sha") != commit)
    return Pull(int(merged[0]["number"]), str(merged[0]["head"]["sha"])) if merged else None


def write_comment(github: GitHub, pull: int, text: str) -> str:
    """Write our comment on a pull request, in the place of an earlier one, and return its address."""
    body = {"body": f"{MARK}\n{text}"}
    earlier = next(filter(_is_ours, github.each(f"issues/{pull}/comments")), None)
    if earlier is None:
        written = github.send("POST", f"issues/{pull}/comments", body)
    else:
        written = github.send("PATCH", f"issues/comments/{int(earlier['id'])}", body)
    return str(written["html_url"])


def sealed_plan(github: GitHub, pull: Pull) -> str | None:
    """Fetch the text of the sealed plan of a pull request's last commit, None if there is none."""
    artifacts = github.get("actions/artifacts", name=f"{ARTIFACT}{pull.head}")["artifacts"]
    usable = [artifact for artifact in artifacts if not artifact["expired"] and _is_of(artifact, pull)]
    if not usable:
        return None
    newest = max(usable, key=lambda artifact: str(artifact["created_at"]))
    return _plan_in(github.download(f"actions/artifacts/{int(newest['id'])}/zip"))


def _is_ours(comment: Mapping[str, Any]) -> bool:
    return (comment.get("user") or {}).get("login") == OURS and str(comment.get("body")).startswith(MARK)


def _is_of(artifact: Mapping[str, Any], pull: Pull) -> bool:
    """Return whether an artifact is of a run on the pull request's commit, in this repository and no fork."""
    run = artifact["workflow_run"]
    return bool(run["head_sha"] == pull.head and run["head_repository_id"] == run["repository_id"])


def _plan_in(archive: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            if files.getinfo(PLAN).file_size > LARGEST:
                raise Problem("github", f"{PLAN} is larger than {LARGEST >> 20} MiB")
            return files.read(PLAN).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise Problem("github", f"the artifact holds no {PLAN}") from error
