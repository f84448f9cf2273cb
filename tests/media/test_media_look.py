import re
import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image

from maulstick.errors import Exit, Problem
from maulstick.media import inspect as media_look
from maulstick.media.formats import HEAD, KINDS, NAMED, kind_of
from maulstick.media.sources import Folder, find
from maulstick.s3.memory import SharedMemory


def picture(form, size=(40, 30), **how):
    image, out = Image.radial_gradient("L").resize(size), BytesIO()
    image.convert("RGB").save(out, form, **how)
    return out.getvalue()


def noise(form):
    out = BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(out, form)
    return out.getvalue()


def frames(form):
    first, *rest = [Image.radial_gradient("L").resize((n, n)).resize((64, 64)) for n in (9, 17, 33)]
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=rest)
    return out.getvalue()


def empty_png(width, height):
    """Return the first bytes of a picture of any size; nobody may begin to decode it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [b"IHDR" + head, b"IDAT" + zlib.compress(b""), b"IEND"]
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "uploads").mkdir()
    return tmp_path


def found(root, name, content):
    (root / "uploads" / name).write_bytes(content)
    [file] = find(Folder(root), [f"/uploads/{name}"])
    return file


def refusal(root, name, content):
    with pytest.raises(Problem) as caught:
        found(root, name, content)
    assert caught.value.code == Exit.REFUSED
    return str(caught.value)


@pytest.mark.parametrize(
    ("ending", "form"), [("jpg", "JPEG"), ("PNG", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")]
)
def test_a_picture_is_found_with_its_size(root, ending, form):
    file = found(root, f"x.{ending}", picture(form))
    assert (file.width, file.height) == (40, 30)


def test_a_picture_that_lies_on_its_side_has_the_size_that_is_shown(root):
    exif = Image.Exif()
    exif[0x0112] = 6
    file = found(root, "x.jpg", picture("JPEG", exif=exif))
    assert (file.width, file.height) == (30, 40)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (picture("PNG"), "is PNG"),
        (picture("WEBP"), "is WebP"),
        (b"<!DOCTYPE html><title>404</title>", "is HTML"),
        (b"\n<html>", "is HTML"),
        (b'<?xml version="1.0"?><Error>', "is XML"),
        (b"%PDF-1.7", "is PDF"),
        (b"a picture", "is nothing known"),
        (b"", "is empty"),
    ],
)
def test_a_file_that_is_no_jpeg_cannot_be_called_one(root, content, said):
    assert f"media uploads/x.jpg: {said}, and its name says JPEG" in refusal(root, "x.jpg", content)


@pytest.mark.parametrize(
    ("ending", "form"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("avif", "AVIF")]
)
def test_a_picture_that_ends_too_soon_is_refused(root, ending, form):
    whole = picture(form, (300, 300))
    assert "is broken: its end is missing" in refusal(root, f"x.{ending}", whole[: len(whole) * 2 // 3])
    assert "is broken: its end is missing" in refusal(root, f"x.{ending}", whole[:-1])


def test_a_picture_in_a_format_without_an_end_is_decoded_to_find_it(root):
    whole = picture("TIFF", (300, 300))
    assert "does not decode to its end" in refusal(root, "x.tif", whole[: len(whole) * 2 // 3])


def test_a_jpeg_whose_second_half_is_lost_is_refused(root):
    whole = noise("JPEG")
    half = len(whole) // 2
    assert "its end is missing" in refusal(root, "x.jpg", whole[:half] + bytes(len(whole) - half))


@pytest.mark.parametrize(
    ("ending", "form"), [("jpg", "JPEG"), ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP"), ("avif", "AVIF")]
)
def test_what_a_camera_writes_behind_a_picture_is_no_matter(root, ending, form):
    assert found(root, f"x.{ending}", picture(form) + b"\0\0\0\x04ftypmp42 a film of the moment").width == 40


def test_a_small_picture_inside_a_jpeg_is_not_taken_for_its_end(root):
    exif = Image.Exif()
    exif[0x9286] = picture("JPEG")
    whole = picture("JPEG", (300, 300), exif=exif)
    assert found(root, "x.jpg", whole).width == 300
    assert "its end is missing" in refusal(root, "x.jpg", whole[:-2])


def test_every_frame_of_a_moving_picture_is_looked_at(root):
    whole = frames("GIF")
    assert found(root, "y.gif", whole).width == 64
    assert "its end is missing" in refusal(root, "x.gif", whole[:-100])
    assert "its end is missing" in refusal(root, "z.gif", whole[:-1])


def test_whatever_a_broken_picture_brings_out_is_one_problem(root):
    avif, tiff = bytearray(noise("AVIF")), bytearray(frames("TIFF"))
    at = avif.index(b"iloc")
    avif[at - 4 : at + 20] = bytes(24)
    tiff[len(tiff) // 2 :] = bytes(len(tiff) - len(tiff) // 2)
    assert "is broken" in refusal(root, "x.avif", bytes(avif))
    assert "is broken" in refusal(root, "x.tif", bytes(tiff))


@pytest.mark.parametrize("form", ["WEBP", "GIF"])
def test_a_header_cannot_ask_for_more_memory_than_there_is(root, form):
    claimed = bytearray(frames(form))
    at, count = (24, 3) if form == "WEBP" else (6, 2)
    for place in (at, at + count):
        claimed[place : place + count] = (16_000).to_bytes(count, "little")
    what = refusal(root, f"x.{form.lower()}", bytes(claimed))
    assert re.search("has 1600. × 1600. pixels in 3 frames, more than a page can show", what)


def test_a_picture_of_endless_frames_is_not_even_decoded(root, monkeypatch):
    monkeypatch.setattr(media_look, "LONGEST", 64 * 64 * 2)
    assert "has 64 × 64 pixels in 3 frames" in refusal(root, "x.webp", frames("WEBP"))


def test_a_later_page_cannot_be_larger_than_there_is_memory_for(root, monkeypatch):
    monkeypatch.setattr(media_look, "MEMORY", 64 * 64 * 8)
    pages, out = [Image.new("L", (side, side)) for side in (64, 80)], BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    assert "pixels in 2 frames, more than a page can show" in refusal(root, "x.tif", out.getvalue())


def test_pictures_that_need_much_memory_are_decoded_one_after_the_other(root, monkeypatch):
    monkeypatch.setattr(media_look, "_decoding", SharedMemory(1))
    names = [f"{n}.png" for n in range(20)]
    for name in names:
        (root / "uploads" / name).write_bytes(picture("PNG"))
    assert len(find(Folder(root), [f"/uploads/{name}" for name in names])) == 20


def test_a_picture_larger_than_any_page_is_not_even_decoded(root):
    assert "has 30000 × 20000 pixels" in refusal(root, "x.png", empty_png(30_000, 20_000))


ILLUSTRATOR = b"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: it doesn't matter -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
 <!ENTITY ns_extend "http://ns.example.org/Extensibility/1.0/">
 <!-- isn't > that -- ]> -->
]>
<svg xmlns="http://www.w3.org/2000/svg"/>"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", ILLUSTRATOR),
        ("a.svg", b"<!--" + b"x" * 20_000 + b"--><svg/>"),
        ("a.svg", b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>"),
        ("a.svg", b"\xef\xbb\xbf<!DOCTYPE svg><svg>"),
        ("a.svg", "<?xml version='1.0'?><svg/>".encode("utf-16")),
        ("a.wav", b"RF64\xff\xff\xff\xffWAVEds64"),
        ("a.svg", b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("a.pdf", b"%PDF-1.4"),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt "),
        ("a.mp3", b"ID3\3"),
        ("a.mp3", b"\0\0nobody listed this beginning"),
        ("a.m4a", b"\0\0\0\x20ftypM4A "),
        ("a.mov", b"\0\0\0\x14ftypqt  "),
        ("a.webm", b"\x1a\x45\xdf\xa3"),
        ("a.ogg", b"OggS"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("a.txt", b""),
        ("a.json", b"<html>"),
        ("a.unknown", b"\xff\xd8\xff"),
    ],
)
def test_other_files_are_what_they_begin_with(root, name, content):
    assert found(root, name, content).width is None


@pytest.mark.parametrize(
    "content",
    [
        b"<!-- a -->" * 20_000 + b"text",
        b" " * HEAD,
        b"<!--" * (HEAD // 4),
        b"<?" * (HEAD // 2),
        b"<!DOCTYPE svg [" + b"<!---" * (HEAD // 5),
        b'<!DOCTYPE svg "' + b"'" * HEAD,
        b"<a" + b":a" * HEAD,
    ],
)
def test_no_text_takes_longer_to_look_at_than_another(root, content):
    started = time.process_time()
    refusal(root, "x.jpg", content)
    assert time.process_time() - started < 10  # what goes back and forth takes hours


def test_every_kind_that_a_name_may_say_is_known():
    assert set(NAMED.values()) <= set(KINDS)
    assert kind_of(b"\0" * HEAD) == ""


def test_all_files_that_are_not_fit_are_named_at_once(root):
    (root / "uploads/x.jpg").write_bytes(picture("PNG"))
    (root / "uploads/good.jpg").write_bytes(picture("JPEG"))
    with pytest.raises(Problem, match=r"(?s)2 files cannot be released.*x.jpg: is PNG.*y.jpg: is missing"):
        find(Folder(root), ["/uploads/x.jpg", "/uploads/good.jpg", "/uploads/y.jpg"])


def test_a_picture_that_was_decoded_before_is_not_decoded_again(root):
    file = found(root, "x.jpg", picture("JPEG"))
    broken = picture("JPEG", (300, 300))
    (root / "uploads/x.jpg").write_bytes(broken[: len(broken) // 2])
    with pytest.raises(Problem, match="its end is missing"):
        find(Folder(root), ["/uploads/x.jpg"], [file])
    (root / "uploads/x.jpg").write_bytes(picture("JPEG"))
    assert find(Folder(root), ["/uploads/x.jpg"], [file]) == (file,)
