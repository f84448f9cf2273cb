import pytest

from maulstick.verify.html.page import elements, parse, seen
from maulstick.verify.html.pictures import plain

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
    assert page.social == ("/og.jpg", "/tw.jpg")
    assert names == [
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


@pytest.mark.parametrize("base", ["http://[", "", " /media/ ", "data:,x"])
def test_a_base_that_leads_nowhere_is_passed_over(base):
    page = parse(f'<base href="{base}"><img src="/media/x.jpg"><a href="//x.example/y">'.encode(), AT)
    assert page.images == ("https://oliviatew.co.uk/media/x.jpg",)
    assert page.links == ("https://x.example/y",)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("la\\00006dp", "lamp"),
        ("la\\6d p", "lamp"),
        ("la\\6D\tp", "lamp"),
        ("la\\d800 p", "la\ufffdp"),
        ("\\110000 x", "\ufffdx"),
    ],
)
def test_a_style_may_escape_any_character(written, read):
    html = f'<p style="background: url(/{written}.jpg)">'.encode()
    assert parse(html, AT).drawn == (f"https://oliviatew.co.uk/{read}.jpg",)


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


NOTE = b"""<div data-note-anchor="a &quot;b&quot;"><button data-note-id="7" hidden>1</button>
<div hidden>A <b>n</b>ote<audio src="/a%20b.wav?v=1"></audio></div></div><p data-note-anchor="c">C</p>"""


def test_hidden_elements_are_not_seen_and_closed_dialogs_are():
    html = b"""<h1 hidden>Old</h1><p style="color: red; Display: none">gone</p><p hidden><b hidden>x</b></p>
    <dialog>opens</dialog><div>here</div>"""
    words = seen(parse(html))
    assert [words.hold(text) for text in ("Old", "gone", "x", "opens", "here")] == [False] * 3 + [True] * 2


def test_a_text_is_seen_whole_where_elements_stand_close():
    words = seen(parse(b"<p><span>Salt</span><span>2024</span> and <b>S</b>ea <i> air</i></p>"))
    assert [words.hold(text) for text in ("Salt", "2024", "and Sea air", "Sea", "alt")] == [True] * 4 + [
        False
    ]


def test_an_element_is_found_with_what_is_in_it():
    page = parse(NOTE, AT)
    (found,) = elements(page, r'[data-note-anchor="a \"b\""]')
    assert (found.text, found.visible) == ("1 A note", True)
    assert found.files == ("https://oliviatew.co.uk/a b.wav",)


def test_an_element_inside_a_hidden_one_is_not_visible():
    page = parse(NOTE)
    assert [one.visible for one in elements(page, "[data-note-id], b")] == [False, False]
    assert elements(page, "nav") == ()


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        ("<h1>café</h1>".encode("latin-1"), "iso-8859-1"),
        ("<h1>café</h1>".encode("latin-1"), "windows-1252"),
        ("<h1>café</h1>".encode("latin-1"), "no-such-charset"),
        ("<h1>café</h1>".encode("latin-1"), ""),
        ("<h1>café</h1>".encode(), "no-such-charset"),
        ("<h1>café</h1>".encode(), "hex"),
        ("<h1>café</h1>".encode(), ""),
        ("<h1>café</h1>".encode("utf-8-sig"), "iso-8859-1"),
        ("<h1>café</h1>".encode("utf-16"), "utf-8"),
        ("<meta charset=latin-1><h1>café</h1>".encode(), "UTF-8"),
        ('<meta charset="iso-8859-1"><h1>café</h1>'.encode("latin-1"), ""),
        ('<meta charset="iso-8859-1"><h1>café</h1>'.encode("latin-1"), "no-such-charset"),
        ("<!-- <meta charset=latin-1> --><h1>café</h1>".encode(), ""),
        ("<meta charset=utf-16><h1>café</h1>".encode(), ""),
        (f"<style>{'a{}' * 9000}</style><meta charset=latin-1><h1>café</h1>".encode("latin-1"), ""),
        ("<meta http-equiv=content-type content='text/html; charset=cp1252'>café".encode("latin-1"), ""),
    ],
)
def test_a_page_is_read_in_its_charset(html, charset):
    assert parse(html, charset=charset).text == "café"


@pytest.mark.parametrize("charset", ["Shift_JIS", "sjis", "windows-31j", "x-sjis", "euc-jp", "iso-2022-jp"])
def test_a_page_of_japan_is_read_by_its_header_or_its_own_word(charset):
    bytes_in = {"euc-jp": "euc-jp", "iso-2022-jp": "iso-2022-jp"}.get(charset, "cp932")
    words = "画架の題名" if bytes_in != "cp932" else "画架①の題名～"
    assert parse(words.encode(bytes_in), charset=charset).text == words
    assert parse(f"<meta charset={charset}>{words}".encode(bytes_in)).text == words


def test_an_address_is_plain_without_its_quoting_and_its_query():
    assert plain("https://X.example/a%20b/%C3%A9.jpg?w=1#x") == "https://x.example/a b/é.jpg"


@pytest.mark.parametrize(
    ("address", "is_plain"),
    [
        ("https://x.example:443/a", "https://x.example/a"),
        ("http://x.example:80/a", "http://x.example/a"),
        ("http://x.example:443/a", "http://x.example:443/a"),
        ("https://[::1]:443/a", "https://[::1]/a"),
    ],
)
def test_a_port_that_every_browser_knows_may_be_named(address, is_plain):
    assert plain(address) == is_plain
