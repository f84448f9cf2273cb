"""Steps alone, in the order of another playbook, and what they print for programs."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.checkout import ROOT
from tests.end_to_end.projects import BUCKET, SERIES, Project, result, untouched


def _step(project: Project, name: str, *words: str) -> tuple[str, str]:
    ran = project.invoke(name, *SERIES, *words)
    assert ran.code == 0, ran.err
    return ran.steps[name]


def _valid(text: str, schema: str) -> Any:
    found = json.loads(text)
    jsonschema.validate(found, json.loads((ROOT / "docs" / schema).read_text()))
    return found


def test_step_by_step_is_the_same_as_release(undisturbed: dict[str, Any], fresh: Project) -> None:
    before = untouched(fresh)
    assert _step(fresh, "check")[0] == "done"
    assert _step(fresh, "export")[0] == "done"
    assert _step(fresh, "plan")[1].startswith("18 to insert, 4 files to upload")
    assert untouched(fresh) == before
    assert _step(fresh, "deploy")[0] == "unchanged"
    assert _step(fresh, "upload")[1] == "4 files, 3.0 MB, 1 repaired"
    assert _step(fresh, "apply") == ("done", "18 inserted")
    assert _step(fresh, "verify")[1] == "5 pages, 4 images, 77 checks"
    assert result(fresh) == undisturbed


def test_the_classic_order_is_the_same_as_release(undisturbed: dict[str, Any], fresh: Project) -> None:
    ran = fresh.release("--playbook", "classic")
    assert ran.code == 0, ran.err
    assert list(ran.words) == ["check", "export", "plan", "deploy", "apply", "upload", "verify"]
    assert result(fresh) == undisturbed


def test_apply_alone_refuses_rows_whose_files_the_bucket_lacks(fresh: Project) -> None:
    _step(fresh, "export")
    before = untouched(fresh)
    ran = fresh.invoke("apply", *SERIES)
    assert ran.code == 3
    assert "the bucket lacks 4 files that these rows name" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(fresh) == before


def test_apply_without_media_is_a_choice(fresh: Project) -> None:
    _step(fresh, "export")
    assert _step(fresh, "apply", "--without-media") == ("done", "18 inserted")
    assert fresh.invoke("verify", *SERIES).code == 5


@pytest.mark.parametrize("step", ["plan", "upload", "apply", "verify"])
def test_a_step_that_needs_a_bundle_says_how_to_make_one(fresh_once: Project, step: str) -> None:
    ran = fresh_once.invoke(step, *SERIES)
    assert ran.code == 3
    assert "holds no bundle" in ran.err
    assert "hint: invoke export --series embodiment" in ran.err


def test_plan_for_programs_is_of_its_schema_and_exits_10(fresh: Project) -> None:
    _step(fresh, "export")
    ran = fresh.invoke("plan", *SERIES, "--json", "--exit-code")
    (plan,) = _valid(ran.out, "plan.schema.json")["plans"]
    assert ran.code == 10
    assert (plan["summary"]["insert"], plan["summary"]["upload_files"]) == (18, 4)
    analysis = next(change for change in plan["changes"] if change["table"] == "media_analyses")
    assert analysis["key"]["media_file_id"] == {"url": "/uploads/media/1763483281_a84d8a1756abb807.JPG"}


def test_plan_exits_0_when_there_is_nothing_to_release(released: Project) -> None:
    ran = released.invoke("plan", *SERIES, "--json", "--exit-code")
    (plan,) = _valid(ran.out, "plan.schema.json")["plans"]
    assert ran.code == 0
    assert plan["changes"] == []
    assert plan["summary"]["unchanged"] == 18


def test_plan_shows_both_sides_of_a_change(released: Project) -> None:
    released.local("update artworks set year = 1999, location = null where slug = 'in-motion-v'")
    _step(released, "export")
    (plan,) = _valid(released.invoke("plan", *SERIES, "--json").out, "plan.schema.json")["plans"]
    (change,) = plan["changes"]
    assert (change["action"], change["key"]) == ("update", {"slug": "in-motion-v"})
    assert change["columns"]["year"] == {
        "action": "update",
        "base": "2025",
        "local": "1999",
        "production": "2025",
    }
    assert change["columns"]["location"]["local"] is None
    assert 'year: update: base "2025", local "1999"' in released.invoke("plan", *SERIES).out


def test_plan_for_programs_shows_a_conflict_and_exits_3(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    released.rows("update artworks set year = 2 where slug = 'in-motion-v'")
    _step(released, "export")
    ran = released.invoke("plan", *SERIES, "--json")
    (plan,) = _valid(ran.out, "plan.schema.json")["plans"]
    assert ran.code == 3
    assert plan["summary"]["conflict"] == 1


def test_release_for_programs_prints_its_report(released: Project) -> None:
    ran = released.release("--json")
    (report,) = _valid(ran.out, "report.schema.json")["releases"]
    assert ran.code == 0
    assert report["number"] is None
    assert report["page"] == f"{released.site}/series/embodiment"
    assert [step["name"] for step in report["steps"]][-1] == "verify"


def test_a_failed_release_for_programs_prints_its_report_too(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    released.rows("update artworks set year = 2 where slug = 'in-motion-v'")
    ran = released.release("--json")
    (report,) = _valid(ran.out, "report.schema.json")["releases"]
    assert ran.code == 3
    assert report["steps"][-1]["word"] == "failed"


def test_two_subjects_in_one_command_are_released_in_turn(released: Project) -> None:
    released.local("update pages set title = 'Über uns' where slug = 'about'")
    ran = released.release("--playbook", "content", "--artwork", "in-motion-v")
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == 2


def test_an_object_with_wrong_headers_is_repaired_in_place(released: Project) -> None:
    key = "uploads/media/1763722109_e4982724359e6940.jpg"
    body = (released.media / key).read_bytes()
    released.s3().put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="text/plain")
    assert _step(released, "upload")[1] == "1 repaired; 4 there already"
    assert released.s3().head_object(Bucket=BUCKET, Key=key)["ContentType"] == "image/jpeg"
