import pytest

from maulstick.page import parse

PAGE = """<!doctype html><html><head><title>Embodiment \u2013
 Olivia</title><style>p { color: red }</style>
<meta property="og:image" content="/media/og.jpg"></head>
<body data-theme="plain"><h1>Embodiment</h1><p>Four&nbsp;paintings,<br>one <b>b</b>ody.</p>
<p>2024 &middot; Oil</p>
<script>var words = "not these"</script><template><p>nor these</p></template>
<dialog><p>Interpretation</p></dialog><div hidden>A note</div>
<svg><title>icon</title><path d="M0"/></svg>After
</body></html>""".encode()
AT = "https://oliviatew.co.uk/series/embodiment"


def test_the_title_is_one_line():
    assert parse(PAGE).title == "Embodiment \u2013 Olivia"


def test_the_text_is_what_a_visitor_reads():
    words = "Embodiment Four paintings, one body. 2024 \u00b7 Oil Interpretation A note After"
    assert parse(PAGE).text == words


def test_images_have_absolute_addresses_each_once():
    html = b"""<img src="/media/a.jpg"><img src='/media/a.jpg'><img src=b.jpg><img src="//cdn.example/c.jpg">
    <img src="https://x.example/d.jpg" alt="d"><img src="data:image/gif;base64,R0"><img src=""><img>"""
    assert parse(html, AT).images == (
        "https://oliviatew.co.uk/media/a.jpg",
        "https://oliviatew.co.uk/series/b.jpg",
        "https://cdn.example/c.jpg",
        "https://x.example/d.jpg",
    )


def test_images_are_found_where_a_browser_finds_them():
    html = b"""<meta property="og:image" content="/og.jpg"><meta name="twitter:image" content="/tw.jpg">
    <picture><source srcset="/s1.webp 1x, /s2.webp 2x"><img src="/i.jpg"
    srcset="/a,b.jpg 480w,/c.jpg, /d.jpg"></picture>
    <video poster="/poster.jpg"><source src="/film.mp4"></video><audio src="/note.webm"></audio>"""
    page = parse(html, "https://x.example")
    names = [address.rpartition("/")[2] for address in page.images]
    assert names == [
        "og.jpg",
        "tw.jpg",
        "s1.webp",
        "s2.webp",
        "i.jpg",
        "a,b.jpg",
        "c.jpg",
        "d.jpg",
        "poster.jpg",
    ]
    assert page.sounds == ("https://x.example/film.mp4", "https://x.example/note.webm")


def test_a_base_moves_what_follows():
    assert parse(b'<base href="/media/"><img src="x.jpg">', AT).images == (
        "https://oliviatew.co.uk/media/x.jpg",
    )


def test_marks_are_kept_by_name():
    html = b'<p data-note-anchor="series:x"></p><a data-note-anchor="artwork:y" data-note-anchor="z">'
    assert parse(html).marks == {"data-note-anchor": ("series:x", "artwork:y")}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (b"<p>one<p>two", "one two"),
        (b"<head><title>t</title><p>seen", "seen"),
        (b"<div/>seen</p></div></div>", "seen"),
        (b"<b><i>a</b>b</i>c", "abc"),
        (b"\xef\xbb\xbfcaf\xc3\xa9 \xff", "caf\u00e9 \ufffd"),
        (b"a < b &amp; c &lt;d&gt;", "a < b & c <d>"),
        (b"<!-- not <p>this</p> -->but this", "but this"),
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(html, text):
    assert parse(html).text == text
