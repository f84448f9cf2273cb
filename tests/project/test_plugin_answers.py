"""What plugins answer is held against what they promised: named with file, line and hook."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Page, Subject
from maulstick.project.plugins import limits, promise
from maulstick.project.plugins.registry import Plugins, load

LAMP = Subject("artwork", "lamp")
TOP = "import itertools, sys, time\nfrom pathlib import Path\nfrom maulstick import *\n\n"
HOOKS = {
    "maulstick_kinds": "",
    "maulstick_tables": "subject",
    "maulstick_files": "subject, rows",
    "maulstick_pages": "subject, rows",
    "maulstick_queries": "subject",
    "maulstick_verify": "release",
    "maulstick_steps": "",
}


def plugins(folder: Path, hook: str, body: str) -> Plugins:
    """Return the plugins of a folder with one file, its hook's body on line 7."""
    text = f"{TOP}@hookimpl\ndef {hook}({HOOKS[hook]}):\n    {body}\n"
    (folder / "plugins").mkdir(exist_ok=True)
    (folder / "plugins" / "art.py").write_text(text)
    return load(folder / "plugins")


def pages(folder: Path, body: str) -> list[Page]:
    """Return what a plugin answers when it is asked for pages."""
    return [*plugins(folder, "maulstick_pages", body).pages(LAMP, {})]


def problem(folder: Path, body: str, hook: str = "maulstick_pages") -> Problem:
    """Return what is wrong with a hook's answer."""
    with pytest.raises(Problem) as caught:
        asked(plugins(folder, hook, body), hook)
    assert caught.value.code == Exit.PLUGIN
    assert caught.value.where == f"plugins/art.py {hook}"
    return caught.value


def asked(made: Plugins, hook: str) -> object:
    made.require_all()
    match hook:
        case "maulstick_tables":
            return made.tables(LAMP)
        case "maulstick_files":
            return made.files(LAMP, {})
        case "maulstick_queries":
            return made.queries(LAMP)
        case "maulstick_verify":
            return made.checks(object())  # type: ignore[arg-type]
        case "maulstick_steps":
            return made.steps()
        case _:
            return [*made.pages(LAMP, {})]


@pytest.mark.parametrize(
    ("hook", "answer", "says"),
    [
        ("maulstick_pages", "Page('/a', texts='Lamp')", "Page.texts is 'Lamp', not a tuple of texts"),
        ("maulstick_pages", "Page('/a', absent='Lamp')", "Page.absent is 'Lamp', not a tuple of texts"),
        ("maulstick_pages", "Page('/a', texts=('Lamp', None))", "Page.texts[1] is None, not a text"),
        ("maulstick_pages", "Page('/a', images=[None])", "Page.images[0] is None, not a text"),
        ("maulstick_pages", "Page('/a', texts=('Lamp', 1865))", "Page.texts[1] is 1865, not a text"),
        ("maulstick_pages", "Page('/a', texts={'Lamp'})", "Page.texts is {'Lamp'}, not a tuple of texts"),
        ("maulstick_pages", "Page('/a', texts={'Lamp': 1})", "Page.texts is {'Lamp': 1}, not a tuple"),
        ("maulstick_pages", "Page('/a', texts=b'Lamp')", "Page.texts is b'Lamp', not a tuple of texts"),
        ("maulstick_pages", "Page('/a', pairs=('Lamp', '/a.jpg'))", "Page.pairs[0] is 'Lamp', not a pair"),
        ("maulstick_pages", "Page('/a', pairs=[('a', 'b', 'c')])", "Page.pairs[0] is ('a', 'b', 'c'), not"),
        ("maulstick_pages", "Page(None)", "Page.path is None, not a text"),
        ("maulstick_pages", "Page('/\\udc80')", "cannot be written as UTF-8"),
        ("maulstick_queries", "Query('n', 'select 0', expect=0)", "Query.expect is 0, not a text"),
        ("maulstick_queries", "Query('n', 'select 0', expect=None)", "Query.expect is None, not a text"),
        ("maulstick_queries", "Query('n', 'select true', expect=True)", "Query.expect is True, not a text"),
        ("maulstick_verify", "Check('n', 0, 'none')", "Check.ok is 0, not True or False or None"),
        ("maulstick_verify", "Check('n', 'no', 'none')", "Check.ok is 'no', not True or False or None"),
        ("maulstick_verify", "Check('n', [], 'none')", "Check.ok is [], not True or False or None"),
        ("maulstick_verify", "Check('n', True, 3)", "Check.answer is 3, not a text"),
        ("maulstick_files", "File(None)", "File.path is None, not a text"),
        ("maulstick_files", "File('/a', key=3)", "File.key is 3, not a text or None"),
        ("maulstick_tables", "Table('t', key=('slug', None))", "Table.key[1] is None, not a text"),
        ("maulstick_tables", "Table('t', key='id', where=True)", "Table.where is True, not a text or None"),
        ("maulstick_tables", "Table('t', key='id', media=['url'])", "Table.media[0] is 'url', not a MediaC"),
        ("maulstick_tables", "Table('t', key='id', media=[MediaColumn(3)])", "Table.media[0].column is 3"),
        (
            "maulstick_tables",
            "Table('t', key='id', references={'a': 'leave'})",
            "Table.references['a'] is 'leave', not a Leave or a Match",
        ),
        ("maulstick_tables", "Table('t', key='id', references=[Leave()])", "Table.references is [Leave()]"),
        ("maulstick_steps", "Step('warm', run='warm', plan=print)", "Step.run is 'warm', not a function"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_line(
    tmp_path: Path, hook: str, answer: str, says: str
) -> None:
    found = problem(tmp_path, f"yield {answer}", hook)
    assert found.what.startswith(says) or says in found.what
    assert found.what.endswith(", at plugins/art.py:7")


def test_lists_and_generators_in_answers_become_tuples(tmp_path: Path) -> None:
    body = "yield Page('/a', texts=[t for t in ['a']], images=(i for i in 'bc'), pairs=[['d', 'e']])"
    page = Page("/a", texts=("a",), images=("b", "c"), pairs=(("d", "e"),))
    assert pages(tmp_path, body) == [page]


def test_a_text_of_an_enumeration_is_its_value(tmp_path: Path) -> None:
    body = "import enum; yield Page(enum.StrEnum('P', {'A': '/a'}).A)"
    (page,) = pages(tmp_path, body)
    assert type(page.path) is str
    assert page == Page("/a")


def test_paths_of_files_may_be_paths(tmp_path: Path) -> None:
    (file,) = plugins(tmp_path, "maulstick_files", "yield File(Path('/a'), key=Path('b/c'))").files(LAMP, {})
    assert (file.path, file.key) == ("/a", "b/c")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return Page('/a')", "not a list of answers"),
        ("return '/a'", "answered '/a', not a list of answers"),
        ("return {'/a': Page('/a')}", "not a list of answers"),
        ("return 0", "answered 0, not a list of answers"),
        ("return ['/a']", "answered '/a'"),
        ("yield None", "answered None"),
        ("sys.exit('no pages today')", "failed: SystemExit('no pages today'), at plugins/art.py:7"),
        ("raise KeyError('x')", "failed: KeyError('x'), at plugins/art.py:7"),
        ("yield Page('/a', texts=(1 / n for n in [0]))", "failed: ZeroDivisionError"),
        ("return next(iter([]))", "failed: StopIteration()"),
    ],
)
def test_an_answer_that_is_no_list_or_fails_is_named(tmp_path: Path, body: str, says: str) -> None:
    assert says in problem(tmp_path, body).what


@pytest.mark.parametrize("body", ["return []", "yield Page('/a')"])
def test_an_async_hook_is_named(tmp_path: Path, body: str) -> None:
    made = plugins(tmp_path, "maulstick_pages", body)
    file = tmp_path / "plugins" / "art.py"
    file.write_text(file.read_text().replace("def maul", "async def maul"))
    made = load(file.parent)
    with pytest.raises(Problem, match="is an async .*art.py:5") as caught:
        list(made.pages(LAMP, {}))
    assert caught.value.code == Exit.PLUGIN


@pytest.mark.parametrize(
    "body",
    [
        "yield from (Page(f'/{n}') for n in itertools.count())",
        "yield Page('/a', texts=itertools.repeat('x'))",
        "yield Page('/a', pairs=(('a', 'b') for _ in itertools.count()))",
    ],
)
def test_what_does_not_end_is_stopped_and_named(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promise, "MOST", 1000)
    monkeypatch.setattr("maulstick.project.plugins.blame.MOST", 1000)
    found = problem(tmp_path, body)
    assert "does not end: more than 1000" in found.what
    assert found.what.endswith("art.py:7")


@pytest.mark.skipif(sys.gettrace() is not None, reason="time is not limited while it is traced")
@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "time.sleep(3600)",
        "__import__('threading').Event().wait()",
        "__import__('re').match('(a+)+$', 'a' * 40 + 'b')",
    ],
)
def test_a_hook_that_hangs_is_stopped_and_named(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", {**limits.SECONDS, "maulstick_pages": 0.3})
    found = problem(tmp_path, body)
    assert "took longer than 0.3 seconds, at plugins/art.py:7" in found.what


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what is taken")
def test_a_hook_that_takes_all_memory_is_stopped_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMORY", 64 << 20)
    assert "takes more memory" in problem(tmp_path, "return list(itertools.count())").what
    assert bytearray(128 << 20)


def test_stdout_is_what_it_was_though_hooks_run_in_many_threads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = plugins(tmp_path, "maulstick_pages", "time.sleep(0.01 * len(rows)); print('hello'); return []")
    before = sys.stdout
    with ThreadPoolExecutor(8) as pool:
        rows: list[dict[str, list[object]]] = [{str(key): [] for key in range(n % 7)} for n in range(40)]
        asked = [pool.submit(lambda given: [*made.pages(LAMP, given)], one) for one in rows]
        for n in range(20):
            print("result", n)
            time.sleep(0.002)
        assert [one.result() for one in asked] == [[]] * 40
    assert sys.stdout is before
    said = capsys.readouterr()
    assert said.out == "".join(f"result {n}\n" for n in range(20))
    assert said.err == "hello\n" * 40


def test_what_a_hook_prints_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pages(tmp_path, "print('hello')") == []
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")


def test_what_a_subclass_adds_stays_with_its_author(tmp_path: Path) -> None:
    body = "class Mine(Page):\n        more = 3\n\n    yield Mine('/a', texts=['Lamp'])"
    (found,) = pages(tmp_path, body)
    assert (type(found), found) == (Page, Page("/a", texts=("Lamp",)))


def test_a_field_of_a_subclass_is_left_out(tmp_path: Path) -> None:
    made = "__import__('dataclasses').make_dataclass('Mine', [('more', int, 0)], bases=(Page,), frozen=True)"
    (found,) = pages(tmp_path, f"yield {made}('/a', more=3)")
    assert (type(found), found) == (Page, Page("/a"))


def test_a_failure_that_is_no_exception_is_named_too(tmp_path: Path) -> None:
    found = problem(tmp_path, "pytest = __import__('pytest'); pytest.fail('no page')")
    assert found.what == "failed: no page, at plugins/art.py:7"
