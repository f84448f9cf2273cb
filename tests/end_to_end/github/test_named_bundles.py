"""Bundles are planned and released by who has nothing else of the source; git says which have changed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.bundle import folder as bundles
from maulstick.bundle.selection import subject_of
from maulstick.bundle.trust import require_declared, require_like
from maulstick.errors import Problem
from maulstick.plan.planner import fit, require_fit
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Subject
from maulstick.project.plugins import registry as plugins
from maulstick.redact import Secret
from maulstick.sandbox import databases
from tests.end_to_end.github.forging import DAMAGED, FORGED, forge
from tests.end_to_end.github.studio import PLANNER, Clone, Studio
from tests.end_to_end.projects import BUCKET, SERIES, Project

BUNDLE = "releases/series/embodiment"
CONTENT = ("--playbook", "content", "--yes")
YEAR = "select year from artworks where slug = 'in-motion-v'"
EDIT = "update artworks set year = {} where slug = 'in-motion-v'"


@pytest.fixture
def elsewhere(studio: Studio, tmp_path: Path) -> Clone:
    """A clone far from the source, with an artwork's new year in its bundle."""
    studio.export(EDIT.format(1999))
    studio.here.commit("releases")
    studio.here.git("push", "--quiet", "origin", "HEAD:main")
    return studio.clone(tmp_path / "clone")


def test_a_bundle_is_released_without_its_source(studio: Studio, elsewhere: Clone) -> None:
    ran = elsewhere.invoke("units", "--changed-since", "HEAD^", "--json")
    unit = {"target": "production", "subject": "series=embodiment", "bundle": BUNDLE}
    assert ran.out == json.dumps({"include": [unit]}, separators=(",", ":")) + "\n", ran.err
    ran = elsewhere.invoke("release", "--bundle", BUNDLE, *CONTENT)
    assert ran.code == 0, ran.err
    assert ran.steps["check"] == ("done", "bundle, fly, database, bucket")
    assert ran.steps["export"] == ("skipped", "the bundle was named")
    assert (ran.words["verify"], studio.sandbox.rows(YEAR)) == ("done", [(1999,)])


def test_who_may_only_plan_plans(studio: Studio, elsewhere: Clone) -> None:
    elsewhere.project.environment["FLY_API_TOKEN"] = "plan-token"  # type: ignore[index]
    ran = elsewhere.invoke("plan", "--changed-since", "HEAD^", "--out", "plan.json", "--json")
    assert ran.code == 0, ran.err
    (planned,) = json.loads(ran.out)["plans"]
    assert (planned["subject"], planned["summary"]["update"]) == ("series embodiment", 1)
    assert {file["action"] for file in planned["media"]} == {"there"}
    assert "warning: the bucket was not asked: fly ssh console: this login has no rights" in ran.err
    assert {call.split()[1] for call in studio.calls("plan-token")} == {"proxy", "status", "ssh"}
    assert (elsewhere.folder / "plan.json").is_file()


def test_a_target_without_fly_is_planned_by_one_address(studio: Studio, elsewhere: Clone) -> None:
    server = studio.sandbox.address(databases.PRODUCTION).rpartition("@")[2]
    environment = {"PATH": studio.path, "MAULSTICK_PLAN_DATABASE": f"postgresql://{PLANNER}@{server}"}
    text = (elsewhere.folder / "inventory.toml").read_text()
    direct = re.sub(r"(?m)^(app|addressing|database_user) = .*\n", "", text).replace('"fly"', '"direct"')
    (elsewhere.folder / "inventory.toml").write_text(direct)
    ran = Clone(Project(elsewhere.folder, environment)).invoke("plan", "--bundle", BUNDLE)
    assert ran.code == 0, ran.err
    assert "the bucket was not asked: production/S3_BUCKET or BUCKET_NAME: is not set" in ran.err


def test_a_file_that_is_nowhere_is_refused_before_anything_changes(studio: Studio, elsewhere: Clone) -> None:
    key = next(key for key in studio.sandbox.objects() if key.endswith(".wav"))
    studio.sandbox.s3().delete_object(Bucket=BUCKET, Key=key)
    ran = elsewhere.invoke("release", "--bundle", BUNDLE, *CONTENT)
    assert ran.code == 3
    assert f"    {key}: the bucket lacks it, and it is not in {elsewhere.folder}/nowhere" in ran.err
    assert studio.sandbox.rows(YEAR) == [(2025,)]


def test_a_file_that_is_here_is_sent(studio: Studio, elsewhere: Clone) -> None:
    key = next(key for key in studio.sandbox.objects() if key.endswith(".wav"))
    studio.sandbox.s3().delete_object(Bucket=BUCKET, Key=key)
    here = elsewhere.folder / "nowhere" / key
    here.parent.mkdir(parents=True)
    shutil.copy(studio.sandbox.media / key, here)
    ran = elsewhere.invoke("release", "--bundle", f"{BUNDLE}/manifest.json", *CONTENT)
    assert (ran.code, ran.words["upload"], key in studio.sandbox.objects()) == (0, "done", True), ran.err


def test_a_row_that_left_the_bundle_is_named_and_left_alone(studio: Studio, elsewhere: Clone) -> None:
    studio.sandbox.rows(EDIT.format(1999))
    where = "from artworks where slug = 'in-motion-v'"
    studio.export(f"delete {where}")
    shutil.copytree(studio.here.bundle, elsewhere.bundle, dirs_exist_ok=True)
    ran = elsewhere.invoke("release", "--bundle", BUNDLE, *CONTENT)
    assert ran.code == 0, ran.err
    assert "left (artworks in-motion-v" in ran.steps["plan"][1]
    assert studio.sandbox.rows(f"select slug {where}") == [("in-motion-v",)]


def test_what_has_not_changed_is_not_released(elsewhere: Clone) -> None:
    for task in ("plan", "release"):
        ran = elsewhere.invoke(task, "--changed-since", "HEAD", "--json")
        assert (ran.code, ran.err) == (0, "no bundle has changed since HEAD\n")
        assert json.loads(ran.out).get("plans" if task == "plan" else "releases") == []


def test_a_deleted_bundle_is_named_and_left_alone(studio: Studio, elsewhere: Clone) -> None:
    shutil.rmtree(elsewhere.bundle)
    ran = elsewhere.invoke("release", "--changed-since", "HEAD", *CONTENT)
    assert ran.code == 0
    assert f"{elsewhere.bundle}: is deleted; what was released from it stays where it is" in ran.err
    assert studio.sandbox.rows(YEAR) == [(2025,)]


def test_a_name_from_git_is_nothing_but_a_name(studio: Studio, elsewhere: Clone) -> None:
    slug = 'it\'s "late" $(touch spoilt) %(key)s *'
    row = (
        f"insert into series (title, slug, inserted_at, updated_at) values ('Late', $${slug}$$, now(), now())"
    )
    studio.export(row, "--series", slug)
    shutil.copytree(studio.here.folder / "releases", elsewhere.folder / "releases", dirs_exist_ok=True)
    (elsewhere.folder / "releases" / "--help\n::error::").mkdir()
    (elsewhere.folder / "releases" / "--help\n::error::" / "notes").touch()
    elsewhere.commit("releases")
    ran = elsewhere.invoke("plan", "--changed-since", "HEAD^", "--json")
    assert ran.code == 0, ran.err
    assert [one["subject"] for one in json.loads(ran.out)["plans"]] == [f"series {slug}"]
    assert not (elsewhere.folder / "spoilt").exists()


@pytest.fixture(scope="module")
def stranger(begun: tuple[Studio, object], tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with bundles of a stranger, which nobody must release."""
    return begun[0].clone(tmp_path_factory.mktemp("stranger") / "clone")


@pytest.fixture
def strange(stranger: Clone) -> Iterator[Clone]:
    """The same, with the bundle as it came; it is so again afterwards."""
    yield stranger
    if (stranger.folder / "releases").is_symlink():
        (stranger.folder / "releases").unlink()
    stranger.git("clean", "--quiet", "--force", "-d")
    stranger.git("reset", "--quiet", "--hard")


def judge(clone: Clone, production: str) -> None:
    """Ask everything of a bundle that is asked before a plan of it is made."""
    assert subject_of(clone.bundle) == Subject("series", "embodiment")
    bundle = bundles.load(clone.bundle, source="studio")
    require_declared(bundle.manifest, plugins.load(clone.folder / "plugins"))
    with connect(Secret(production), "production") as database:
        require_fit(fit(bundle, database))
        require_like(bundle.manifest, read_schema(database))


def test_a_bundle_as_it_was_exported_is_taken(studio: Studio, strange: Clone) -> None:
    judge(strange, studio.sandbox.address(databases.PRODUCTION))


@pytest.mark.parametrize("says", [*FORGED, *DAMAGED])
def test_a_bundle_that_lies_is_refused_by_name(
    begun: tuple[Studio, object], strange: Clone, says: str
) -> None:
    spoil = DAMAGED[says] if says in DAMAGED else lambda folder: forge(folder, FORGED[says])
    spoil(strange.bundle)
    with pytest.raises(Problem, match=re.escape(says)):
        judge(strange, begun[0].sandbox.address(databases.PRODUCTION))


@pytest.mark.parametrize("says", ["users: the table", "series: its ids are not in position"])
def test_a_plan_of_a_bundle_that_lies_is_never_made(strange: Clone, says: str) -> None:
    forge(strange.bundle, FORGED[says])
    ran = strange.invoke("plan", "--changed-since", "HEAD")
    assert (ran.code, ran.out) == (3, "")
    assert says in ran.err


def test_a_folder_of_bundles_that_is_a_link_is_refused(strange: Clone) -> None:
    (strange.folder / "releases").rename(strange.folder / "away")
    (strange.folder / "releases").symlink_to("away")
    ran = strange.invoke("plan", "--changed-since", "HEAD")
    assert (ran.code, ran.out) == (3, "")
    assert f"{strange.folder}/releases: is a link" in ran.err


TYPED = [
    (("plan", "--bundle", BUNDLE, *SERIES), "--series: does not go with --bundle"),
    (("plan", "--changed-since", "HEAD", "--select", "page=x"), "--select: does not go with --changed-since"),
    (("release", "--bundle", BUNDLE, "--prune"), "--prune: does not go with --bundle"),
    (("release", "--bundle", BUNDLE, "--skip", "plan"), "--bundle: needs the step plan"),
    (("plan", "--bundle", "releases/series/none"), "--bundle releases/series/none: does not exist"),
    (("plan", "--changed-since", "--all"), "--changed-since --all: is not a commit that is known here"),
]


@pytest.mark.parametrize(("words", "says"), TYPED, ids=[says for _, says in TYPED])
def test_what_is_typed_wrong_is_a_usage_problem(stranger: Clone, words: tuple[str, ...], says: str) -> None:
    ran = stranger.invoke(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(says)


def test_the_sandbox_s_bundles_are_not_in_git(begun: tuple[Studio, object]) -> None:
    ran = begun[0].sandbox.invoke("plan", "--changed-since", "HEAD")
    assert ran.code == 2
    assert ran.err.startswith("--changed-since: git does not hold the sandbox's bundles")
