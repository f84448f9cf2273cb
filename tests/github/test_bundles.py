"""Bundles are planned and released by who has nothing else of the source; git says which have changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from projects import SERIES
from studio import Clone, Studio

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


def forged(clone: Clone, **changed: Any) -> None:
    """Write other things into a bundle's manifest, with a digest that fits."""
    path = clone.bundle / "manifest.json"
    manifest = {**json.loads(path.read_text()), **changed, "digest": ""}
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False)
    manifest["digest"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def test_a_bundle_is_released_without_its_source(studio: Studio, elsewhere: Clone) -> None:
    ran = elsewhere.invoke("release", "--bundle", BUNDLE, *CONTENT)
    assert ran.code == 0, ran.err
    assert ran.steps["check"] == ("done", "bundle, fly, database, bucket")
    assert ran.steps["export"] == ("skipped", "the bundle was named")
    assert (ran.words["verify"], studio.sandbox.rows(YEAR)) == ("done", [(1999,)])
