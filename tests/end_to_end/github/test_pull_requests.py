"""A bundle on its way through a pull request: planned, shown, merged, released, and what may go wrong."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.commands import SHELL
from tests.end_to_end.github.forging import FORGED, forge
from tests.end_to_end.github.studio import PLAN_DATABASE, Studio
from tests.report.github_site import REPOSITORY, Site, running
from tests.report.workflow import Done, Event, Job

YEAR = "select year from artworks where slug = 'in-motion-v'"
EDIT = "update artworks set year = {} where slug = 'in-motion-v'"
SECRETS = {"FLY_PLAN_TOKEN": "plan-token", "MAULSTICK_PLAN_DATABASE": PLAN_DATABASE}
PRODUCTION = {**SECRETS, "FLY_API_TOKEN": "release-token"}
PULL = 7


@dataclass(frozen=True, slots=True)
class GitHub:
    """The studio's repository at GitHub: pull requests are opened and merged, and its workflow runs."""

    studio: Studio
    site: Site
    folder: Path
    shell: str = SHELL

    def opened(self, *, source: str = REPOSITORY, secrets: Mapping[str, str] = SECRETS) -> Done | None:
        """Push what the studio has as a branch, open a pull request, and run what GitHub runs."""
        here = self.studio.here
        here.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/edit")
        head: dict[str, Any] = {"sha": here.git("rev-parse", "HEAD"), "repo": {"full_name": source}}
        payload = {"pull_request": {"number": PULL, "head": head}}
        return self._run(
            "plan", Event("pull_request", head["sha"], f"refs/pull/{PULL}/merge", payload), secrets
        )

    def merged(self) -> Done | None:
        """Merge the pull request and run what GitHub runs for the push."""
        here = self.studio.here
        head, before = here.git("rev-parse", "HEAD"), here.git("rev-parse", "origin/main")
        here.git("checkout", "--quiet", "origin/main")
        here.git("merge", "--quiet", "--no-ff", "--message", "merged", head)
        commit = here.git("rev-parse", "HEAD")
        here.git("push", "--quiet", "origin", "HEAD:main")
        self.site.merged(PULL, head, commit)
        return self._run("release", Event("push", commit, "refs/heads/main", {"before": before}), PRODUCTION)

    def typed(self, since: str, ref: str = "refs/heads/main") -> Done | None:
        """Run the workflow by hand."""
        commit = self.studio.here.git("rev-parse", "origin/main")
        event = Event("workflow_dispatch", commit, ref, {"before": ""}, {"since": since})
        return self._run("release", event, PRODUCTION)

    @property
    def comment(self) -> str:
        (body,) = self.site.bodies(PULL)
        return body

    def _run(self, job: str, event: Event, secrets: Mapping[str, str]) -> Done | None:
        runner = self.folder / f"runner-{len([*self.folder.iterdir()])}"
        runner.mkdir()
        place = runner / "site"
        path = self.studio.path
        return Job(job, event, self.studio.origin, place, self.site, secrets, path, self.shell).run()


@pytest.fixture
def github(studio: Studio, tmp_path: Path) -> Iterator[GitHub]:
    """GitHub, with the studio's repository and a visitor's comment on its pull request."""
    (tmp_path / "runners").mkdir()
    with running() as site:
        for _ in range(3):
            site.say(PULL, "I like the second one best")
        yield GitHub(studio, site, tmp_path / "runners")


@pytest.fixture
def edited(github: GitHub) -> GitHub:
    """An artwork of another year in the studio's bundle, committed."""
    github.studio.export(EDIT.format(1999))
    github.studio.here.commit("releases", says="the year is another")
    return github


def done(found: Done | None) -> Done:
    assert found is not None
    return found


def plan_of(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return files.read("plan.json")


def test_what_was_shown_is_what_is_released(edited: GitHub) -> None:
    ran = done(edited.opened())
    assert ran.failed == [], ran.said
    assert "planned" in edited.comment
    assert "`2025` → `1999`" in edited.comment
    assert "the bucket was not asked: fly ssh console: this login has no rights" in edited.comment
    ran = done(edited.merged())
    assert ran.failed == [], ran.said
    assert "the plan of pull request 7: series embodiment\n" in ran.said
    assert [token for asked, _, token in edited.site.asked if asked == "storage"] == [""]
    assert "release 2: released" in edited.comment
    (report,) = (one for one in edited.site.artifacts if one["name"] == "maulstick-report.html")
    assert (
        f"[The report, with its pictures]({edited.site.address}/artifacts/{report['id']})" in edited.comment
    )
    assert re.search(r"(\d+) of \1 checks right", edited.comment)
    assert edited.studio.sandbox.rows("select plan is not null from maulstick.release order by number") == [
        (False,),
        (True,),
    ]
    assert edited.studio.sandbox.rows(YEAR) == [(1999,)]


def test_the_comment_follows_the_pull_request(edited: GitHub) -> None:
    assert done(edited.opened()).failed == []
    edited.studio.export(EDIT.format(2001))
    edited.studio.here.commit("releases")
    assert done(edited.opened()).failed == []
    assert "`2025` → `2001`" in edited.comment
    assert len(edited.site.artifacts) == 2


def test_a_conflict_is_shown_and_nothing_is_sealed(edited: GitHub) -> None:
    edited.studio.sandbox.rows(EDIT.format(5))
    ran = done(edited.opened())
    assert ran.failed == ["plan"]
    assert "Conflicts: both sides changed: 1" in edited.comment
    assert edited.site.artifacts == []


def test_a_conflict_at_the_release_is_shown_and_fails_it(edited: GitHub) -> None:
    edited.studio.sandbox.rows(EDIT.format(5))
    ran = done(edited.merged())
    assert ran.failed == ["release"]
    assert "no sealed plan was found: what has changed is planned again" in ran.said
    assert "Conflicts: both sides changed: 1" in edited.comment
    assert edited.studio.sandbox.rows(YEAR) == [(5,)]


def test_what_moved_since_it_was_shown_is_not_released(edited: GitHub) -> None:
    assert done(edited.opened()).failed == []
    edited.studio.sandbox.rows("update artworks set medium = 'ink' where slug = 'in-motion-v'")
    ran = done(edited.merged())
    assert ran.failed == ["release"]
    assert "production moved since it was made" in edited.comment
    assert edited.studio.sandbox.rows(YEAR) == [(2025,)]
    assert done(edited.typed("HEAD^")).failed == []
    assert "released" in edited.comment
    assert edited.studio.sandbox.rows(YEAR) == [(1999,)]


def test_code_of_a_pull_request_is_not_run(edited: GitHub, tmp_path: Path) -> None:
    proof, here = tmp_path / "was-run", edited.studio.here
    evil = f"import pathlib\npathlib.Path({str(proof)!r}).touch()\n"
    for name in ("tasks.py", "plugins/series.py", "plugins/zz.py", "releases/sitecustomize.py"):
        file = here.folder / name
        file.write_text(evil + (file.read_text() if file.exists() else ""))
    (here.folder / "inventory.toml").write_text('default = "mine"\n')
    here.commit(".", says="and something else")
    ran = done(replace(edited, shell="").opened())  # a Python that starts may run what it finds
    assert (ran.failed, proof.exists()) == ([], False), ran.said
    assert "`2025` → `1999`" in edited.comment


def test_a_link_among_the_bundles_is_refused(edited: GitHub) -> None:
    here = edited.studio.here
    (here.folder / "releases" / "page").symlink_to("/etc")
    here.commit("releases")
    ran = done(edited.opened())
    assert ran.failed == ["plan"]
    assert "releases/page: is a link" in ran.said
    assert "Nothing was planned or released: the log says why." in edited.comment


def test_a_bundle_that_lies_is_refused(edited: GitHub) -> None:
    forge(edited.studio.here.bundle, FORGED["users: the table"])
    edited.studio.here.commit("releases")
    ran = done(edited.opened())
    assert ran.failed == ["plan"]
    assert "users: the table" in edited.comment


def test_a_fork_gets_nothing(edited: GitHub) -> None:
    assert edited.opened(source="somebody/site", secrets={}) is None
    assert edited.site.bodies(PULL) == []


def test_a_branch_is_not_released(edited: GitHub) -> None:
    assert edited.typed("HEAD^", ref="refs/heads/edit") is None
    assert edited.studio.sandbox.rows(YEAR) == [(2025,)]


def test_a_plan_that_somebody_else_sealed_is_not_taken(edited: GitHub) -> None:
    assert done(edited.opened()).failed == []
    here = edited.studio.here
    head, name = here.git("rev-parse", "HEAD"), edited.site.artifacts[0]["name"]
    sealed = next(iter(edited.site.archives.values()))
    text = plan_of(sealed).replace(b'"take": ""', b'"take": "[{\\"side\\": \\"local\\"}]"')
    edited.site.keep(name, {"plan.json": text}, head)
    edited.site.keep(name, {"plan.json": plan_of(sealed)}, head, fork=True)
    ran = done(edited.merged())
    assert "is of other bundles (series embodiment is decided in it)" in ran.said
    assert ran.failed == [], ran.said


def test_a_deleted_bundle_is_left_alone(edited: GitHub) -> None:
    here = edited.studio.here
    shutil.rmtree(here.bundle)
    here.commit("releases")
    ran = done(edited.opened())
    assert ran.failed == [], ran.said
    assert "is deleted; what was released from it stays where it is" in ran.said
    assert "Nothing to release: no bundle has changed." in edited.comment
