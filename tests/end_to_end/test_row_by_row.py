"""A release without one of its artworks, on the site itself: pages are as they should be without it."""

from __future__ import annotations

import json

from tests.end_to_end.projects import Project

WITHOUT = ("--without", "artworks:in-motion-v")


def test_a_series_goes_live_without_an_artwork_that_follows_later(fresh: Project) -> None:
    ran = fresh.release(*WITHOUT, "--json")
    assert ran.code == 0, ran.err
    [release] = json.loads(ran.out)["releases"]
    assert release["left_out"][0] == "artworks:in-motion-v"
    assert {table for table, _, _ in (row.partition(":") for row in release["left_out"][1:])} == {
        "media",
        "media_analyses",
    }
    asked = {check["name"] for check in release["checks"]}
    assert "page /artworks/in-motion-iv" in asked
    assert not [name for name in asked if "in-motion-v " in name or name.endswith("in-motion-v")]
    assert fresh.visit("/series/embodiment")[0] == 200
    assert "left out of release 1: artworks:in-motion-v" in fresh.invoke("status").out
    ran = fresh.release()
    assert (ran.code, ran.steps["apply"]) == (0, ("done", "3 inserted")), ran.err
    assert fresh.visit("/artworks/in-motion-v")[0] == 200
