import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from maulstick.errors import Exit, Problem
from maulstick.media_find import find
from maulstick.media_look import HEAD, KINDS, NAMED, kind_of
from maulstick.media_places import Folder


def picture(form, size=(40, 30), **how):
    image, out = Image.radial_gradient("L").resize(size), BytesIO()
    image.convert("RGB").save(out, form, **how)
    return out.getvalue()


def frames(form):
    first, *rest = [Image.radial_gradient("L").resize((n, n)).resize((64, 64)) for n in (9, 17, 33)]
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=rest)
    return out.getvalue()


def empty_png(width, height):
    """Return the first bytes of a picture of any size; nobody may begin to decode it."""
    parts = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b"")]
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
    ("ending", "form"), [("jpg", "JPEG"), ("png", "PNG"), ("tif", "TIFF"), ("webp", "WEBP")]
)
def test_a_picture_that_ends_too_soon_is_refused(root, ending, form):
    whole = picture(form, (300, 300))
    assert "does not decode to its end" in refusal(root, f"x.{ending}", whole[: len(whole) * 2 // 3])


def test_every_frame_of_a_moving_picture_is_looked_at(root):
    whole = frames("GIF")
    assert found(root, "y.gif", whole).width == 64
    assert "does not decode to its end" in refusal(root, "x.gif", whole[:-100])


def test_a_picture_larger_than_any_page_is_not_even_decoded(root):
    assert "has 30000 × 20000 pixels" in refusal(root, "x.png", empty_png(30_000, 20_000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
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
    with pytest.raises(Problem, match="does not decode"):
        find(Folder(root), ["/uploads/x.jpg"], [file])
    (root / "uploads/x.jpg").write_bytes(picture("JPEG"))
    assert find(Folder(root), ["/uploads/x.jpg"], [file]) == (file,)
