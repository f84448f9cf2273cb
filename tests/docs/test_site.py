"""The documents as a site: built without a warning, every page in its sidebar and found by its search."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.docs.documents import PAGES

pytest.importorskip("furo", reason="pip install -e '.[docs]'")
SECTIONS = ["Tutorials", "How-to guides", "Reference", "Explanation"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as Read the Docs builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    return folder


def test_every_page_is_in_the_sidebar_under_its_section(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    sidebar = first[first.index('class="sidebar-tree"') : first.index('class="main"')]
    assert re.findall(r'class="caption-text">(.+?)<', sidebar) == SECTIONS
    pages = {path.stem for path in PAGES[1:]} - {"index"}
    assert sorted(re.findall(r'href="([\w-]+)\.html"', sidebar)) == sorted(pages)


def test_the_search_finds_what_pages_say(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    found = index["terms"]["advisori"]  # as the search stems it
    assert index["docnames"].index("safety") in ([found] if isinstance(found, int) else found)


def test_a_link_by_a_file_s_name_shows_the_title_of_its_page(site: Path) -> None:
    assert ">Exit codes</span></a>" in (site / "commands.html").read_text(encoding="utf-8")
    assert re.findall(r"<a [^>]*>(?:<\w+[^>]*>)*[\w-]+\.md<", (site / "safety.html").read_text("utf-8")) == []


def test_read_the_docs_accepts_its_file() -> None:
    program = Path(sys.executable).parent / "check-jsonschema"
    command = [program, "--builtin-schema", "vendor.readthedocs", ROOT / ".readthedocs.yaml"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
