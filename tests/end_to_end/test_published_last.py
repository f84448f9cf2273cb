"""A series goes in hidden, is looked at where the site previews it, and only then is there for visitors."""

from __future__ import annotations

from dataclasses import replace
from urllib.error import HTTPError

import pytest

from maulstick.sandbox import launch
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import SERIES, Project

PAGE = "/series/embodiment"
PREVIEW = '\n[targets.sandbox.preview_headers]\nx-preview = "${PREVIEW}"\n'


@pytest.fixture
def hidden_first(fresh: Project, other: Project) -> Project:
    """A project whose series and artworks are published last, beside the sandbox on its first day."""
    plugin, inventory = other.folder / "plugins/series.py", other.folder / "inventory.toml"
    text = plugin.read_text()
    for column in ("cover_image_url", "image_url"):
        media = f'media=[MediaColumn("{column}")]'
        text = text.replace(media, f'publish="published", {media}')
    text = text.replace(
        "pairs=tuple(pairs),", "pairs=tuple(pairs), preview=f\"/preview/series/{row['slug']}\","
    )
    plugin.write_text(text)
    inventory.write_text(inventory.read_text() + PREVIEW)
    return replace(
        other, environment={**other.environment, "PREVIEW": fresh.state.secrets["secret_key_base"]}
    )


def status(project: Project) -> int:
    """Return what a visitor of the series gets."""
    try:
        return project.visit(PAGE)[0]
    except HTTPError as error:
        return error.code


def test_a_series_is_previewed_and_hidden_again_where_visitors_see_something_else(
    hidden_first: Project,
) -> None:
    lies = launch.lies_of(hidden_first.sandbox)
    tell(lies, {"path": f"/preview{PAGE}", "lie": "other text", "old": "IN MOTION", "new": "AT REST"})
    ran = hidden_first.release("--playbook", "content")
    assert ran.code == 5, ran.err
    assert "nothing was made public" in ran.err
    assert "is there, 5 rows written but hidden; invoke publish makes them public" in ran.err
    assert status(hidden_first) == 404
    tell(lies, {"path": PAGE, "lie": "other text", "old": "IN MOTION", "new": "AT REST"})
    ran = hidden_first.release("--playbook", "content")
    assert ran.code == 5, ran.err
    assert "5 rows written but hidden again" in ran.err
    assert status(hidden_first) == 404
    tell(lies)
    assert hidden_first.invoke("publish", *SERIES).code == 0
    ran = hidden_first.invoke("verify", *SERIES)
    assert (ran.code, status(hidden_first)) == (0, 200), ran.err
    assert hidden_first.state.secrets["secret_key_base"] not in ran.out + ran.err
