"""Bundles, sealed plans and records that were damaged are named, and so are those of a newer version."""

import json
import os
import shutil

import pytest

from maulstick.bundle import folder as bundles
from maulstick.errors import Problem
from maulstick.plan import seal
from maulstick.report import store
from maulstick.report.html import html
from tests.upgrade.kept import NAMES, VERSIONS, bundle_of

FLIPS = 48
"""Bits that are flipped, one after the other, at places spread over the file."""
RECORDS = sorted(VERSIONS.glob("*/record.json"))
WRONG = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link that leads nowhere": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "not text": lambda path: path.write_bytes(b"\xff\xfe\0" * 100),
    "doubled": lambda path: path.write_bytes(path.read_bytes() * 2),
}


@pytest.fixture(params=NAMES)
def bundle(request, tmp_path):
    return bundle_of(request.param, tmp_path)


def rows_of(bundle):
    return {table: list(rows) for table, rows in bundles.load(bundle, source="local").rows().items()}


@pytest.mark.parametrize("name", ["manifest.json", "release.sql"])
def test_no_flipped_bit_changes_a_row(bundle, name):
    path, rows = bundle / name, rows_of(bundle)
    whole = path.read_bytes()
    says_sql = b"sql_sha256" in (bundle / "manifest.json").read_bytes()
    refused = 0
    for turn in range(FLIPS):
        at = turn * len(whole) // FLIPS
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << turn % 8)]) + whole[at + 1 :])
        try:
            assert rows_of(bundle) == rows
        except Problem:
            refused += 1
    assert refused == FLIPS or (name == "release.sql" and not says_sql)  # of old ones no SQL is run


@pytest.mark.parametrize("name", ["manifest.json", "release.sql"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_bundle_s_file_that_is_something_else_is_named(tmp_path, name, wrong):
    bundle = bundle_of(NAMES[-1], tmp_path)
    WRONG[wrong](bundle / name)
    with pytest.raises(Problem, match=r"poetry(/manifest\.json|/release\.sql)?[:/]"):
        rows_of(bundle)


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if wrong != "a pipe"])  # `--plan <(…)` is one
def test_a_sealed_plan_or_record_that_is_something_else_is_named(tmp_path, wrong):
    for kept, read in ((VERSIONS / NAMES[-1] / "plan.json", seal.read), (RECORDS[-1], store.read)):
        path = tmp_path / kept.name
        shutil.copy(kept, path)
        WRONG[wrong](path)
        with pytest.raises(Problem, match=kept.name):
            read(path)


@pytest.mark.parametrize("version", [0, 9, None, "1", True])
def test_files_of_another_version_are_refused_by_it(tmp_path, version):
    for kept, read in ((VERSIONS / NAMES[-1] / "plan.json", seal.read), (RECORDS[-1], store.read)):
        path = tmp_path / kept.name
        path.write_text(json.dumps({**json.loads(kept.read_text(encoding="utf-8")), "version": version}))
        with pytest.raises(Problem, match=r"version: is .*; known here is 1"):
            read(path)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.parent.name)
def test_a_record_of_every_format_is_shown(path):
    record = store.read(path)
    assert record["releases"][0]["number"] == 1
    assert "embodiment" in html(record, path.parent)
