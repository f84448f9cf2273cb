"""Plugins that are proposed for tables: remakes of schemas that many sites have, released and undone."""

import re
import shlex
from pathlib import Path

import pytest

BY_VISITORS = re.compile(
    r'Table\(\s*"[^"]*(faves|comments|highlights|Report)"|Kind.*"language_code"|key="share_token"'
)
"""What no proposal may take along or go by."""
FOLDER = Path(__file__).parent / "schemas"


def read(path):
    """Return what a remade schema is tried with: its kind, table and key, and its three texts."""
    head, _, rest = path.read_text().partition("\n")
    both, _, rest = rest.partition("-- local\n")
    local, _, live = rest.partition("-- live\n")
    return shlex.split(head.removeprefix("-- ")), both, local, live


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_a_row_is_released_as_proposed_and_undone(other_site, path):
    (kind, table, key), both, local, live = read(path)
    if "citext" in both:
        both = f"create extension citext;\n{both}"
    option = f"--{kind.replace('_', '-')}"
    site = other_site(both, local=local, live=live)

    proposed = site.invoke("plugins.new", "--name", kind, "--table", table)
    assert proposed.code == 0, proposed.said
    text = (site.folder / "plugins" / f"{kind}.py").read_text()
    assert len(text.splitlines()) < 60
    assert not BY_VISITORS.search(text), text
    checked = site.invoke("plugins.check")
    assert checked.code == 0, checked.said + text

    assert site.invoke("export", option, key).code == 0
    applied = site.invoke("apply", option, key, "--without-media")
    assert "inserted" in applied.said, applied.said + text
    assert "unchanged" in site.invoke("apply", option, key, "--without-media").said
    assert site.invoke("rollback", "--release", "1", "--yes").code == 0
    assert site.invoke("plan", option, key, "--exit-code").code == 10
