"""What was decided in decisions/ is heard by plan, apply and release, while both values are as they were."""

import pytest

from maulstick.plan.decisions.decision import Decision, seen
from maulstick.plan.decisions.file import write
from maulstick.project.declarations import Subject
from tests.other_sites.test_choices_heard import PLUGIN, ROWS, SERIES, TABLES, export

SUBJECT = Subject("series", "nocturne")
FILE = "decisions/series/nocturne.toml"
RELEASE = ("--only=plan", "--only=apply", "--without-media")
MISTAKES = [
    ('take = "local"', 'take = "ours"', f'{FILE}/decision/1/take: should be "local" or "production"'),
    ("version = 1", "version = 2", f"{FILE}/version: is 2; known here is 1"),
    ("nocturne", "aubade", f'{FILE}/subject: should be "series nocturne", by the name of the file'),
    ('key = "lamp"', 'key = "door"', f"{FILE}/decision/2/column: is decided above already"),
    ('"Lamp, here"', "Lamp", f"{FILE}: invalid value, line"),
]


@pytest.fixture
def disputed(other_site):
    """Both sides changed the titles of the lamp and of the door."""
    site = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    export(site)
    assert site.invoke("apply", *SERIES, "--without-media").code == 0
    site.run_dev("update artworks set title = title || ', here'")
    site.run_live("update artworks set title = title || ', there'")
    export(site)
    return site


def decide(site, *sides, target="live", gone=""):
    """Decide about the titles, each as `KEY=SIDE`; production has no row that is `gone`."""
    decisions = []
    for key, side in (one.split("=") for one in sides):
        cell = {"local": f"{key.capitalize()}, here"}
        if key != gone:
            cell["production"] = f"{key.capitalize()}, there"
        both = (seen(cell, "local", "title"), seen(cell, "production", "title"))
        decisions.append(Decision(target, "artworks", key, "title", side, *both))
    return write(site.folder, SUBJECT, decisions)


def titles(site):
    return dict(site.rows("select slug, title from artworks"))


def test_what_was_decided_is_released_once_and_said(disputed):
    decide(disputed, "lamp=production", "door=local")
    ran = disputed.invoke("apply", *SERIES, "--without-media")
    assert ran.code == 0, ran.err
    assert "artworks lamp: title: production, as decided in decisions/" in ran.err
    assert "warning: artworks door: title: what was edited in live will be overwritten" in ran.err
    assert titles(disputed) == {"lamp": "Lamp, there", "door": "Door, here"}
    again = disputed.invoke("plan", *SERIES)
    assert (again.code, "1 kept (artworks lamp: title)" in again.err) == (0, True), again.err
    assert "decided" not in again.err


def test_a_plan_hears_what_was_decided_for_its_target_after_what_was_typed(disputed):
    def plan(*words):
        ran = disputed.invoke("plan", *SERIES, *words)
        return ran.code, ran.err

    decide(disputed, "lamp=production")
    code, said = plan()
    assert (code, "1 reason not to release" in said, "artworks door: title" in said) == (3, True, True)
    decide(disputed, "lamp=production", "door=local", target="elsewhere")
    assert "2 reasons not to release" in plan()[1]
    decide(disputed, "lamp=production", "door=local", "dor=local")
    code, said = plan("--take", "local:artworks.lamp.title")
    assert (code, "1 kept" in said, "door: title: local, as decided" in said) == (0, False, True)
    assert "artworks dor: title: is decided in decisions/ and not part of this bundle" in said


def test_a_decision_ends_when_one_of_its_values_changes(disputed):
    decide(disputed, "lamp=production", "door=local")
    disputed.run_live("update artworks set title = 'Lamp, again' where slug = 'lamp'")
    ran = disputed.invoke("apply", *SERIES, "--without-media")
    says = "artworks lamp: title: what was decided (production) holds no longer: production changed since"
    assert (ran.code, says in ran.err) == (3, True), ran.err
    disputed.run_dev("update artworks set title = 'Lamp, anew' where slug = 'lamp'")
    export(disputed)
    planned = disputed.invoke("plan", *SERIES)
    assert "holds no longer: local and production changed since" in planned.err
    assert "1 reason not to release" in planned.err
    assert titles(disputed) == {"lamp": "Lamp, again", "door": "Door, there"}


def test_a_sealed_plan_carries_what_was_decided_even_about_a_row_that_is_gone_there(disputed):
    disputed.run_live("delete from artworks where slug = 'lamp'")
    assert "lamp: was deleted in live and changed here" in disputed.invoke("plan", *SERIES).err
    file = decide(disputed, "lamp=local", "door=production", gone="lamp")
    assert disputed.invoke("plan", *SERIES, "--out", "plan.json").code == 0
    file.write_text("is not read any more")
    ran = disputed.invoke("release", *SERIES, *RELEASE, "--plan", "plan.json")
    assert ran.code == 0, ran.err
    assert titles(disputed) == {"lamp": "Lamp, here", "door": "Door, there"}


def test_a_file_that_cannot_be_read_stops_all_before_anything_is_touched(disputed):
    whole = decide(disputed, "lamp=production", "door=local").read_text()
    for old, new, says in MISTAKES:
        (disputed.folder / FILE).write_text(whole.replace(old, new))
        ran = disputed.invoke("apply", *SERIES, "--without-media")
        assert (ran.code, says in ran.err, "hint: " in ran.err) == (2, True, True), (says, ran.err)
    assert disputed.invoke("release", "--all").code == 2
    export(disputed)
    assert titles(disputed) == {"lamp": "Lamp, there", "door": "Door, there"}
