import pytest

from maulstick.project.plugins.markdown import paragraphs
from maulstick.verify.words import words_of

MARKDOWN = """A pose is *not yet* **one**,
and [a link](https://x.example/a_(b) "title") too.

## How they were made ##
Quickly.

1. the shadow;
2. flesh,
   only where
- a few strokes.

> Quoted
> twice.

Title
=====

    set *in* from the margin

```
fenced *code*

and more
```

---
"""


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("Salt", "Salt, and air"),
        ("it's “so” – long…", 'it’s "so" — long...'),
        ("one two", "one\n  two"),
        ("co\u00adoperate", "cooperate"),
        ("cafe\u0301", "caf\u00e9"),
        ("a -- b", "a – b"),
        ("Salt", "Saltmarshes and Salt"),
        ("题名", "题名"),
        ("Lamp(TM) (c) 2020", "Lamp™ © 2020"),
        ("Lamp™, 30 m²", "Lamp(tm), 30 m2"),
        ("Lamp", "Lamp™ in blue"),
        ("Lamp", "Lamp(tm)"),
        ("Lampe", "Lampe¹ brennt"),
        ("1/2 l", "½ l"),
        ("'blue'", "‹ blue ›"),
        ("it's +-3", "it‛s ±3"),
    ],
)
def test_words_are_found_in_spite_of_typography(wanted, text):
    assert words_of(text).hold(wanted)


@pytest.mark.parametrize(("wanted", "text"), [("Salt", "Saltmarshes"), ("2", "1234"), ("a, b", "a; b")])
def test_other_words_are_not_found(wanted, text):
    assert not words_of(text).hold(wanted)


def test_markdown_is_read_paragraph_by_paragraph_without_its_marks():
    assert paragraphs(MARKDOWN) == (
        "A pose is not yet one, and a link too.",
        "How they were made",
        "Quickly.",
        "the shadow;",
        "flesh, only where",
        "a few strokes.",
        "Quoted twice.",
        "Title",
    )


@pytest.mark.parametrize(
    "markdown",
    [
        None,
        "",
        "<b>HTML</b>",
        "![a picture](/a.jpg)",
        "[a reference][1]",
        "{: .class}",
        "https://x.example",
        "```\nnever closed\n\nto the end",
    ],
)
def test_what_renderers_differ_about_is_left_out(markdown):
    assert paragraphs(markdown) == ()
