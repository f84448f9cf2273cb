"""A plugin's file is a module like any other: known to Python, with helpers beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.project.plugins.registry import Plugins, load

KIND = """
from maulstick import Kind, hookimpl

@hookimpl
def maulstick_kinds():
    yield Kind(NAME, table="posts", key="slug")
"""


def loaded(folder: Path, **files: str) -> Plugins:
    """Return the plugins of a folder with these files."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return load(folder)


@pytest.mark.parametrize(
    "line",
    [
        "from shared import NAME",
        "from .shared import NAME",
        "import shared; NAME = shared.NAME",
        "from . import shared; NAME = shared.NAME",
        "from words.plain import NAME",
        "from .words.plain import NAME",
    ],
)
def test_a_helper_beside_a_plugin_can_be_imported(tmp_path: Path, line: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "__init__.py").touch()
    (tmp_path / "words" / "plain.py").write_text("NAME = 'post'")
    made = loaded(tmp_path, art=f"{line}\n{KIND}", shared="NAME = 'post'")
    made.require_all()
    assert [*made.kinds()] == ["post"]


def test_a_helper_is_one_module_however_it_is_imported(tmp_path: Path) -> None:
    text = (
        "import shared\nfrom . import shared as same\nassert shared is same\nfrom base import shared as other"
    )
    made = loaded(
        tmp_path, art=f"{text}\nassert other is same\nNAME = 'post'\n{KIND}", shared="", base="import shared"
    )
    made.require_all()


def test_a_dataclass_with_future_annotations_is_loaded(tmp_path: Path) -> None:
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\nNAME = 'post'\n"
    more = "\n@dataclass(slots=True)\nclass Settings:\n    depth: int = 3\n"
    loaded(tmp_path, art=text + KIND + more).require_all()


def test_imports_for_type_checkers_alone_are_no_matter(tmp_path: Path) -> None:
    text = "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nNAME = 'post'\n"
    more = "if TYPE_CHECKING:\n    from collections.abc import Iterable\n\n"
    hook = KIND.replace("maulstick_kinds()", "maulstick_kinds() -> Iterable[Kind]")
    loaded(tmp_path, art=text + more + hook).require_all()


def test_a_plugin_named_like_a_module_of_python_is_in_nobodys_way(tmp_path: Path) -> None:
    made = loaded(
        tmp_path, calendar=f"NAME = 'post'\n{KIND}", art="import calendar\ncalendar.monthrange(2026, 1)"
    )
    made.require_all()
    assert [*made.kinds()] == ["post"]


def test_plugins_that_are_loaded_again_are_read_again(tmp_path: Path) -> None:
    for name in ("post", "pages"):
        made = loaded(tmp_path, art=f"from shared import NAME\n{KIND}", shared=f"NAME = '{name}'")
        assert [*made.kinds()] == [name]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import sys\nsys.exit('not set up')", "SystemExit: not set up, at .*/broken.py:2"),
        ("x = 1\nx.y", "AttributeError: .*, at .*/broken.py:2"),
        ("def f(:", "SyntaxError: .*broken.py, line 1"),
        ("from nowhere import x", "ModuleNotFoundError: .*, at .*/broken.py:1"),
        (KIND, "maulstick_kinds: failed: NameError"),
    ],
)
def test_one_that_does_not_load_is_named_and_leaves_the_others(tmp_path: Path, text: str, says: str) -> None:
    made = loaded(tmp_path, art=f"NAME = 'post'\n{KIND}", broken=text)
    assert [*made.kinds()] == ["post"]
    (failed,) = [plugin for plugin in made.found if plugin.failure]
    assert failed.name == "broken"
    with pytest.raises(Exception, match=says):
        made.require_all()


def test_what_a_plugin_prints_when_it_is_loaded_goes_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(tmp_path, art="print('hello')")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")
