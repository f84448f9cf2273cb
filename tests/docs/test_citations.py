"""Nothing outside the repository is cited: each page and section that the code names is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.documents import ROOT, headings

FOLDERS = ("maulstick", "tests", "plugins", "examples", "benchmarks", "docs", ".ci")
ENDINGS = (".py", ".md", ".toml", ".js", ".sql", ".yml", "")
FILES = [
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))),
    *sorted(ROOT.glob("*.*")),
]
TEXTS = {
    path.relative_to(ROOT): path.read_text(encoding="utf-8")
    for path in FILES
    if path.is_file() and path.suffix in ENDINGS and path.name != Path(__file__).name
}
"""Every text of the repository, by its path."""
CITED = re.compile(r"(?<![\w./-])((?:\.\./)*(?:[\w-]+/)*[\w-]+\.md)\b(?:,\s+(?:#\s*)?\"([^\"\n]+)\")?")
MADE = ("notes.md",)
"""Files that a test makes for itself."""


def cited_page(name: str, path: Path) -> Path | None:
    """Return the page that a text in `path` means by a name, None where there is none."""
    places = (ROOT / name, (ROOT / path).parent / name, ROOT / "docs" / name)
    return next((place for place in places if place.is_file()), None)


def wrong(path: Path) -> list[str]:
    """Return what a text cites and the repository does not hold."""
    cited = [(name, section, cited_page(name, path)) for name, section in CITED.findall(TEXTS[path])]
    missing = [f"{path} cites {name}" for name, _, page in cited if not page and name not in MADE]
    sections = [
        f'{path} cites {name}, "{section}"'
        for name, section, page in cited
        if page and section and section not in headings(page)
    ]
    return missing + sections


def test_every_page_and_section_that_is_cited_is_in_the_repository() -> None:
    assert [line for path in TEXTS for line in wrong(path)] == []


def test_no_section_is_cited_by_a_number_that_no_page_has() -> None:
    assert [str(path) for path, text in TEXTS.items() if "§" in text] == []
