"""Plain prose is read without a look for each mark of Markdown, and reads the same."""

from hypothesis import given
from hypothesis import strategies as st

from maulstick.markdown import OPENER, PROSE, UNSURE, _is_line, _plain, _words

PARTS = st.sampled_from(
    [*"aZéßЖ字 \n\t.,;!?'\"()%/–—’“”…-1٣²_*#:`>[]{}~$&|\\=+", "www.", "http:", " - ", "1. "]
)
TEXTS = st.lists(PARTS, max_size=12).map("".join)


@given(TEXTS)
def test_prose_has_no_mark(text):
    if PROSE.fullmatch(text) and "www." not in text:
        assert _words(text) == _plain(text)
        assert not UNSURE.search(_plain(text))


@given(TEXTS)
def test_a_line_that_begins_with_a_letter_opens_and_ends_nothing(text):
    for line in text.split("\n"):
        if line[:1].isalpha():
            assert not OPENER.match(line)
            assert not _is_line(line)
