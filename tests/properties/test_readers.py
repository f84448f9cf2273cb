"""Whatever stands in a file or an answer from outside, its reader understands it or says what is wrong."""

from __future__ import annotations

import copy
import gzip
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from maulstick.bundle import manifest
from maulstick.bundle.folder import load
from maulstick.errors import Problem
from maulstick.hosts.fly import machines
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.kinds import own_kinds
from maulstick.plan import choices, seal
from maulstick.plan.changes import Changes, Plan
from maulstick.project import dsn, inventory, playbook
from maulstick.project.plugins.json_path import values_at
from maulstick.project.plugins.markdown import paragraphs
from maulstick.report import store
from maulstick.report.html import html
from maulstick.report.junit import junit
from maulstick.report.markdown import markdown
from maulstick.report.terminal import text
from maulstick.verify.html.page import elements, parse, plainly_seen, seen
from tests.checkout import ROOT
from tests.report.records import record

OLD = Path(__file__).parents[1] / "bundle" / "bundles" / "version_2"
SPECS = manifest.read(OLD / "manifest.json", "kept").specs
SEALED = {
    "version": 1,
    "plans": [
        {
            "id": "1",
            "subject": "shelf poetry",
            "target": "production",
            "digest": "d",
            "fingerprint": "f-g",
            "decided": {"prune": '[{"table_name": "book", "key": "1"}]', "take": "[]"},
            "rows": {
                "book 1": {"action": "update", "columns": {"price": {"action": "update", "local": "1"}}}
            },
        }
    ],
}
NOW = Plan("shelf poetry", "production", "d", Changes(), (), 0, "x-y")
FLY = {
    "status": {"Machines": [{"id": "1", "state": "started", "checks": [{"name": "a", "status": "b"}]}]},
    "machine": [{"id": "1", "config": {"metadata": {"fly_release_version": "3"}, "standbys": None}}],
    "releases": [{"Version": 3, "Status": "complete", "CreatedAt": "x"}],
}
SCALARS = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=20), some.just("\0")
)
VALUES = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXTS = some.text(max_size=300) | some.text(
    alphabet="[]{}()<>&;:=,.*$\"'`\\#!|@-_ \n\t\0abc019", max_size=200
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where each value of a JSON document stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, one in inner for place in places(one, (*at, name)))]


@some.composite
def spoilt(draw: Callable[..., Any], whole: Any) -> Any:
    """Draw a document with another value in one of its places, or with a place less."""
    *way, last = draw(some.sampled_from([place for place in places(whole) if place]))
    found = parent = copy.deepcopy(whole)
    for name in way:
        parent = parent[name]
    if draw(some.booleans()):
        parent[last] = draw(VALUES)
    else:
        del parent[last]
    return found


@some.composite
def damaged(draw: Callable[..., Any], whole: bytes) -> bytes:
    """Draw bytes with a piece cut out, turned round, doubled or replaced."""
    start = draw(some.integers(0, len(whole)))
    end = draw(some.integers(start, min(len(whole), start + 40)))
    piece = draw(some.sampled_from([b"", whole[start:end][::-1], whole[start:end] * 2, b"\xff\0", b"\r\n"]))
    return whole[:start] + piece + whole[end if piece else draw(some.integers(end, len(whole))) :]


def understood(read: Callable[[], Any]) -> Any:
    """Return what is read, None where the reader says what is wrong."""
    with suppress(Problem):
        return read()
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("read")


@given(raw=some.binary(max_size=300) | damaged((ROOT / "inventory.toml").read_bytes()))
def test_an_inventory(folder: Path, raw: bytes) -> None:
    (folder / "inventory.toml").write_bytes(raw)
    understood(lambda: inventory.load(folder / "inventory.toml", own_kinds()))


@given(raw=damaged((ROOT / "maulstick" / "playbooks" / "classic.toml").read_bytes()))
def test_a_playbook(folder: Path, raw: bytes) -> None:
    (folder / "mine.toml").write_bytes(raw)
    understood(lambda: playbook.load(folder, "mine", playbook.known_steps()))


@given(found=spoilt(json.loads((OLD / "manifest.json").read_text())))
def test_a_manifest_with_a_digest_that_fits(folder: Path, found: Any) -> None:
    whole = {name: value for name, value in found.items() if name not in ("pages", "digest")}
    found["digest"] = manifest._digest(whole)
    head = json.dumps({name: found[name] for name in found if name != "pages"}, indent=2)
    (folder / "manifest.json").write_bytes(head[:-2].encode() + b",\n" + manifest.PAGES + manifest.END)
    understood(lambda: manifest.read(folder / "manifest.json", "manifest.json"))


@given(raw=damaged((OLD / "manifest.json").read_bytes()))
def test_a_bundle(folder: Path, raw: bytes) -> None:
    shelf = folder / "shelf" / "poetry"
    shelf.mkdir(parents=True, exist_ok=True)
    (shelf / "manifest.json").write_bytes(raw)
    (shelf / "release.sql").write_bytes(gzip.decompress((OLD / "release.sql.gz").read_bytes()))
    understood(lambda: load(shelf, source="local"))


@given(raw=damaged(gzip.decompress((OLD / "release.sql.gz").read_bytes())))
def test_the_sql_of_a_bundle(folder: Path, raw: bytes) -> None:
    shelf = folder / "shelf" / "prose"
    shelf.mkdir(parents=True, exist_ok=True)
    shutil.copy(OLD / "manifest.json", shelf)
    (shelf / "release.sql").write_bytes(raw)
    understood(lambda: load(shelf, source="local").rows())


@given(found=spoilt(SEALED) | VALUES, text=TEXTS)
def test_a_sealed_plan(found: Any, text: str) -> None:
    for raw in (json.dumps(found), text):
        for one in understood(lambda raw=raw: seal.parse(raw, "plan.json")) or ():
            understood(lambda one=one: seal.still(one, NOW))


@example(found={"id": "x", **record(), "started": "\0"})
@given(found=spoilt({"id": "x", **record()}) | VALUES)
def test_a_record(folder: Path, found: Any) -> None:
    (folder / "record.json").write_text(json.dumps(found))
    known = understood(lambda: store.read(folder / "record.json"))
    if known is not None:
        understood(lambda: [html(known, folder), markdown(known), junit(known), text(known)])


@example(found=[{"Version": float("inf"), "Status": "complete"}])
@given(found=some.one_of(*(spoilt(told) for told in FLY.values())) | VALUES)
def test_what_fly_tells(found: Any) -> None:
    class Told(Fly):
        def json(self, *arguments: str, timeout: float = 0) -> Any:
            return found

    for read in (machines.status, machines.machines, machines.newest_release):
        understood(lambda read=read: read(Told("fly", "app")))


@given(raw=some.binary(max_size=400) | TEXTS.map(str.encode), charset=some.sampled_from(["", "utf-8", "x"]))
def test_a_page(raw: bytes, charset: str) -> None:
    page = parse(raw, "https://site.example/", charset)
    seen(page), plainly_seen(page), elements(page, "a")


@given(written=TEXTS, path=TEXTS, value=VALUES)
def test_markdown_paths_and_addresses(written: str, path: str, value: Any) -> None:
    assert all(isinstance(one, str) for one in paragraphs(written))
    understood(lambda: list(values_at(value, path)))
    understood(lambda: dsn.as_libpq(written, {"host", "dbname"}))
    understood(lambda: dsn.as_libpq(f"postgres://{path}", {"host", "dbname"}))


@given(typed=TEXTS | some.builds("local:{}.{}".format, some.sampled_from(["book", "boo"]), TEXTS))
def test_what_is_typed_about_rows(typed: str) -> None:
    known = choices.Known(SPECS, lambda table: ["1", "2"])
    for read in (choices.takes, choices.renames, choices.restores):
        understood(lambda read=read: read([typed], known))
    understood(lambda: choices.rows("--except", [typed]))
