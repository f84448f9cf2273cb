"""Options that do not go together, and choices that name nothing: found before anything is touched."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.projects import SERIES, Project, untouched

SEAL = {
    "id": "1", "subject": "series embodiment", "target": "sandbox", "digest": "2", "fingerprint": "3",
    "decided": {}, "rows": {},
}  # fmt: skip
CONTENT = ("--playbook", "content")


@pytest.fixture
def edited(released: Project) -> Project:
    """Both sides changed the year of an artwork."""
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    released.rows("update artworks set year = 2 where slug = 'in-motion-v'")
    return released


BESIDE = [
    (("--take", "local"), "--take"),
    (("--rename", "artworks:a=b"), "--rename"),
    (("--older",), "--older"),
    (("--prune",), "--prune"),
    (("--prune-limit", "5"), "--prune-limit"),
    (("--ask",), "--ask"),
    (("--all",), "--all"),
]


@pytest.mark.parametrize(("words", "option"), BESIDE, ids=[option for _, option in BESIDE])
def test_what_a_sealed_plan_holds_cannot_be_typed_beside_it(
    other: Project, words: tuple[str, ...], option: str
) -> None:
    (other.folder / "plan.json").write_text(json.dumps({"version": 1, "plans": [SEAL]}))
    ran = other.invoke("release", "--plan", "plan.json", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{option}: does not go with --plan\n  hint: ")


def test_a_subject_beside_all_of_them_is_refused(other: Project) -> None:
    ran = other.release("--all")
    assert (ran.code, ran.err) == (
        2,
        "--all: names every subject already\n  hint: leave it out, or name none\n",
    )


def test_a_sealed_plan_names_its_subjects(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    assert released.invoke("export", *SERIES).code == 0
    file = str(released.sandbox / "plan.json")
    assert released.invoke("plan", *SERIES, "--out", file).code == 0
    ran = released.invoke("release", *CONTENT, "--plan", file)
    assert ran.code == 0, ran.err
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(1,)]


MISSPELT = [
    ("local:artwork.year", 'no table of this release is called "artwork"', "artworks"),
    ("local:artworks.yaer", 'artworks has no row or column "yaer" here', "year"),
    ("local:artworks.in-motion-w", 'artworks has no row or column "in-motion-w" here', "in-motion-v"),
    ("local:artworks.in-motion-v.yaer", 'artworks has no column "yaer"', "year"),
]


def test_a_take_that_names_nothing_is_told_before_anything_is_touched(edited: Project) -> None:
    before = untouched(edited)
    for take, says, meant in MISSPELT:
        ran = edited.release(*CONTENT, "--take", take)
        assert (ran.code, ran.out) == (2, "")
        assert f'--take {take}: {says}\n  hint: did you mean "{meant}"?' in ran.err
    assert untouched(edited) == before


def test_a_take_may_be_meant_for_one_of_several_subjects(edited: Project) -> None:
    before = untouched(edited)
    several = ("release", *CONTENT, *SERIES, "--page", "about", "--take", "production:page_sections")
    ran = edited.invoke(*several, "--take", "local:artworks.in-motion-w.year")
    assert (ran.code, untouched(edited)) == (2, before)
    assert 'artworks has no row "in-motion-w" here\n  hint: did you mean "in-motion-v"?' in ran.err
    ran = edited.invoke(*several, "--take", "local:artworks.in-motion-v.year")
    assert ran.code == 0, ran.err
    assert edited.rows("select year from artworks where slug = 'in-motion-v'") == [(1,)]


def test_a_plan_says_that_the_source_has_newer_rows(released: Project) -> None:
    says = "warning: the source has changed since this bundle was exported: invoke export --series embodiment"
    assert says not in released.invoke("plan", *SERIES).err
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    ran = released.invoke("plan", *SERIES)
    assert (ran.code, ran.out) == (0, "nothing to release\n")
    assert says in ran.err
    assert "warning" not in released.release("--only", "export", "--only", "plan").err


LISTED = [("plugins",), ("plan", *SERIES), ("export", *SERIES, "--out", "-")]


@pytest.mark.parametrize("words", LISTED, ids=[words[0] for words in LISTED])
def test_who_reads_no_more_of_it_ends_it_quietly(released: Project, words: tuple[str, ...]) -> None:
    process = released.start(*words)
    assert process.stdout
    process.stdout.close()
    _, err = process.communicate(timeout=600)
    assert (process.returncode, "Traceback" in err, "BrokenPipe" in err) == (0, False, False), err
