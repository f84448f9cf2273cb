"""The documents as a site: `sphinx-build -W docs build/site`."""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

from pygments.lexers.configs import PropertiesLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Maulstick"
version = release = version_of("maulstick")
extensions = ["myst_parser"]
nitpicky = True
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"Maulstick {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False

SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)
ENTRY = re.compile(r"^\| \[.+?\]\(([\w-]+)\.md\)", re.MULTILINE)
NAME_OF_A_PAGE = re.compile(r"\[[\w-]+\.md\](?=\([\w-]+\.md)")
"""A link that shows the name of a file: on the site it shows the title of what it leads to."""


def adapted(_: Sphinx, name: str, source: list[str]) -> None:
    """Give plain Markdown, as GitHub shows it too, what a site has besides: titles and a sidebar."""
    source[0] = NAME_OF_A_PAGE.sub("[]", source[0])
    if name == "index":
        _, *parts = SECTION.split(source[0])
        for title, text in zip(parts[::2], parts[1::2], strict=True):
            pages = "\n".join(ENTRY.findall(text))
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{pages}\n```\n"


def setup(app: Sphinx) -> None:
    """Adapt each page as it is read; files of environment variables are coloured like properties."""
    app.connect("source-read", adapted)
    app.add_lexer("dotenv", PropertiesLexer)
