"""A project's own plugins: broken ones are named, missing ones leave the rest working."""

from __future__ import annotations

from tests.end_to_end.projects import OURS, Project

HOOK = """
from maulstick import Kind, Table, hookimpl

@hookimpl
def {hook}({arguments}):
    {answer}
"""


def _plugin(project: Project, name: str, hook: str, answer: str, arguments: str = "") -> None:
    text = HOOK.format(hook=hook, answer=answer, arguments=arguments)
    (project.folder / "plugins" / f"{name}.py").write_text(text)


def test_a_plugin_that_cannot_be_imported_leaves_the_list_working(other: Project) -> None:
    (other.folder / "plugins" / "broken.py").write_text("import nothing_there\n")
    assert other.invoke("--list").code == 0
    listed = other.invoke("plugins")
    assert listed.code == 6
    reason = "could not be loaded: ModuleNotFoundError: No module named 'nothing_there'"
    assert reason in listed.out
    ran = other.release()
    assert ran.code == 6
    assert f"plugins/broken.py: {reason}" in ran.err


def test_a_misspelt_hook_is_named_with_the_nearest(other: Project) -> None:
    _plugin(other, "misspelt", "maulstick_tabels", "yield from ()", "subject")
    ran = other.invoke("plugins")
    assert ran.code == 6
    assert "maulstick_tabels" in ran.out
    assert 'did you mean "maulstick_tables"?' in ran.out


def test_a_misspelt_argument_of_a_hook_is_named(other: Project) -> None:
    _plugin(other, "misspelt", "maulstick_tables", "yield from ()", "subjct")
    ran = other.invoke("plugins")
    assert ran.code == 6
    assert "subjct" in ran.out


def test_two_plugins_with_the_same_table_are_both_named(other: Project) -> None:
    _plugin(other, "second", "maulstick_tables", 'yield Table("artworks", key="slug")', "subject")
    ran = other.release()
    assert ran.code == 6
    assert "table artworks for series embodiment: is declared by" in ran.err
    assert "plugins/second.py maulstick_tables" in ran.err
    assert "plugins/series.py maulstick_tables" in ran.err


def test_two_plugins_with_the_same_kind_are_both_named(other: Project) -> None:
    _plugin(other, "second", "maulstick_kinds", 'yield Kind("series", table="series", key="id")')
    ran = other.release()
    assert ran.code == 6
    assert "kind series: is declared by" in ran.err
    assert "plugins/second.py" in ran.err


def test_a_kind_that_clashes_with_an_option_is_named(other: Project) -> None:
    _plugin(other, "second", "maulstick_kinds", 'yield Kind("target", table="series", key="slug")')
    ran = other.release()
    assert ran.code == 2
    assert "kind target: clashes with the option --target" in ran.err


def test_a_wrong_answer_names_plugin_and_hook(other: Project) -> None:
    _plugin(other, "second", "maulstick_tables", 'return ["artworks"]', "subject")
    ran = other.release()
    assert ran.code == 6
    assert "plugins/second.py maulstick_tables: answered 'artworks'" in ran.err


def test_a_hook_that_fails_names_plugin_and_hook(fresh: Project, other: Project) -> None:
    _plugin(other, "second", "maulstick_verify", "raise KeyError('x')", "release")
    ran = other.release("--playbook", "content")
    assert ran.code == 6
    assert "plugins/second.py maulstick_verify: failed: KeyError('x')" in ran.err
    assert ran.last_said == "sandbox: release 1 is there, its rows are live, not verified"


def test_a_new_kind_becomes_an_option(other: Project) -> None:
    kind = 'yield Kind("press-feature", table="press_features", key="title")'
    _plugin(other, "press", "maulstick_kinds", kind)
    assert "--press-feature" in other.invoke("--help", "release").out


def test_without_the_plugin_of_annotations_all_else_works(fresh: Project, other: Project) -> None:
    (other.folder / "plugins" / "annotations.py").unlink()
    ran = other.release()
    assert ran.code == 0, ran.err
    assert ran.steps["apply"] == ("done", "14 inserted")
    assert fresh.rows(f"select count(*) from annotations where {OURS['annotations']}") == [(0,)]


def test_a_page_and_an_artwork_are_released_by_their_own_kinds(released: Project) -> None:
    released.local("update artworks set year = 1999 where slug = 'in-motion-v'")
    ran = released.invoke("release", "--artwork", "in-motion-v", "--playbook", "content")
    assert ran.code == 0, ran.err
    assert ran.steps["plan"][1] == "1 to update"
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(1999,)]
