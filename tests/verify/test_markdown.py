"""The words of a Markdown text, held against the pages that several renderers make of it."""

from functools import partial

import markdown
import mistune
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from maulstick.project.plugins.markdown import PROSE, paragraphs
from maulstick.verify.html.page import parse, seen

PLUGINS = ["strikethrough", "footnotes", "table", "task_lists", "def_list", "superscript", "mark"]
RENDERERS = {
    "commonmark": MarkdownIt("commonmark").render,
    "html is escaped": MarkdownIt("commonmark", {"html": False}).render,
    "github": MarkdownIt("gfm-like", {"linkify": False}).render,
    "breaks": MarkdownIt("commonmark", {"breaks": True}).render,
    "quotes": MarkdownIt("commonmark", {"typographer": True}).enable("smartquotes").render,
    "mistune": mistune.html,
    "mistune, all plugins": mistune.create_markdown(escape=False, plugins=PLUGINS),
    "the first dialect": markdown.markdown,
    "its extensions": partial(markdown.markdown, extensions=["extra", "nl2br", "smarty", "sane_lists"]),
}

SAID = {
    "Oil & acrylic on canvas": ("Oil & acrylic on canvas",),
    "R&amp;D, caf&eacute; &#8211; &lt;b&gt;": ("R&D, café – <b>",),
    "It cost $40, then $35.": ("It cost $40, then $35.",),
    "No. #3 of 5, 2 < 3 and [sic]": ("No. #3 of 5, 2 < 3 and [sic]",),
    "a \\* star, 2 * 3 * 4, a _ b": ("a * star, 2 * 3 * 4, a _ b",),
    "see `series_of` there": ("see series_of there",),
    "a **[bold link](/a_b)**, *[other][1]*\n\n[1]: /x": ("a bold link, other",),
    "[other] names\n\n[other]: /x 'title'": ("other names",),
    "two lines  \nof a verse": ("two lines of a verse",),
    "| Work | Year |\n|---|---|\n| *Wall* & floor | 2020 |": ("Work", "Year", "Wall & floor", "2020"),
    "Title & more\n===\n\n## How ##": ("Title & more", "How"),
    "- one & two\n  - three\n1. four": ("one & two", "three", "four"),
    "> Quoted & twice": ("Quoted & twice",),
    "♥": ("♥",),
}
"""Whole paragraphs that a visitor reads in every dialect."""

AROUND = {
    "before ![a picture](/a.jpg) after": ("before", "after"),
    "Oil on <em>fine</em> linen": ("Oil on", "linen"),
    "see https://x.example/a_b there": ("see", "there"),
    "snake_case here": ("snake", "case here"),
    "some ~~not~~ left": ("some", "not", "left"),
    "a note[^1] here\n\n[^1]: Hidden.": ("a note", "here"),
    "so $x^2$ it is": ("so", "it is"),
    "left | right": ("left", "right"),
    "it :smile: is {: .class} red": ("it", "is", "red"),
    "one\\\ntwo": ("one", "two"),
    "an [old link](my file.pdf) here": ("an", "here"),
    "text\n2. item": ("text", "item"),
    "#1 in show": ("1 in show",),
    "R\\&D <- here": ("R", "<- here"),
}
"""Paragraphs that dialects differ about, and what all of them show."""

NOTHING = [None, "", "<b>HTML</b>", "![a picture](/a.jpg)", "{: .class}", "https://x.example"]
UNREAD = ["    set in", "```\nnever closed\n\nto the end", "<div>\nHTML\n</div>", "a\n\n[^1]: A note."]


@pytest.mark.parametrize(("text", "words"), [*SAID.items(), *AROUND.items()])
def test_what_every_renderer_shows_is_read(text, words):
    assert paragraphs(text) == words
    for name, render in RENDERERS.items():
        assert [part for part in words if not on_page(render, text).hold(part)] == [], name


@pytest.mark.parametrize("text", [*NOTHING, *UNREAD])
def test_what_is_no_text_is_left_out(text):
    assert set(paragraphs(text)) <= {"a"}


# fmt: off
PARTS = [
    "word", "two words,", "café", "题名", "“quoted”", "it's", "—", "1986.", "[sic]", "#1", "C#", "$5",
    "**bold**", "*slant*", "__bold__", "_slant_", "***both***", "`code`", "[a link](/x)", "[*link*](/x 'y')",
    "![alt](/p.png)", "R&amp;D", "Oil & acrylic", "&copy;", "snake_case", "2 * 3", "~~gone~~", "a < b", "-",
    "<b>HTML</b>", "<br>", "https://x.example/a_b", ":smile:", "{: .x}", r"\*", r"\&", r"\#", "x^2", "[^1]",
    "[a][b]", "$x$", "a|b", "C:\\paint", "@name", "100%", "=", "+", "a/b", "<me@x.example>",
]
BETWEEN = [
    " ", " ", " ", "\n", "  \n", "\n\n", "\n\n- ", "\n\n> ", "\n\n# ", "\n\n1. ", "\n- ", "\n\n---\n\n",
]
# fmt: on
TEXTS = st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(BETWEEN)), max_size=12).map(
    lambda pairs: "".join(part + between for part, between in pairs)
)


@settings(deadline=None, derandomize=True)
@given(TEXTS)
def test_no_right_page_is_called_wrong(text):
    words = paragraphs(text)
    for name, render in RENDERERS.items():
        assert [part for part in words if not on_page(render, text).hold(part)] == [], name


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([*"aZé字 \n\t.,;!?'\"()%/–…-1", "www.", "\n\n", "1. ", " - "])).map("".join))
def test_prose_is_read_without_a_parser_and_reads_the_same(text):
    if PROSE.fullmatch(text) and "www." not in text:
        assert paragraphs(text) == paragraphs(f"{text}\n\n***")


def on_page(render, text):
    html = f"<!doctype html><meta charset=utf-8><body>{render(text)}</body>"
    return seen(parse(html.encode()))
