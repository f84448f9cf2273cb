"""What browsers are told of files whose names do not say what they are."""

from io import BytesIO

import pytest
from PIL import Image

from maulstick.errors import Exit, Problem
from maulstick.media.content_types import is_right
from maulstick.media.formats import HEAD, type_in
from maulstick.media.sources import Folder, find


def picture(form, *more, size=(40, 30)):
    image, out = Image.radial_gradient("L").resize(size).convert("RGB"), BytesIO()
    others = [Image.new("RGB", size, colour) for colour in more]
    image.save(out, form, **({"save_all": True, "append_images": others} if others else {}))
    return out.getvalue()


CAMERA = picture("MPO", "red", "blue")
SECOND = CAMERA.index(b"\xff\xd8\xff", 2)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "uploads").mkdir()
    return tmp_path


def found(root, name, content, said=""):
    (root / "uploads" / name).write_bytes(content)
    path = f"/uploads/{name}"
    [file] = find(Folder(root), [path], (), {path: said})
    return file


@pytest.mark.parametrize(
    "content",
    [
        CAMERA,
        CAMERA[:SECOND],
        CAMERA[:-40],
        picture("JPEG") + picture("JPEG", size=(400, 300)),
        CAMERA[:SECOND] + b"\0" * 5_000,
    ],
)
def test_of_a_jpeg_with_several_pictures_the_first_is_what_counts(root, content):
    file = found(root, "camera.jpg", content)
    assert (file.type, file.width, file.height) == ("image/jpeg", 40, 30)


def test_a_camera_s_first_picture_must_be_whole(root):
    with pytest.raises(Problem, match="its end is missing"):
        found(root, "camera.jpg", CAMERA[: SECOND - 2])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture("JPEG"), "image/jpeg"),
        (CAMERA, "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP", "red"), "image/webp"),
        (picture("GIF", "red"), "image/gif"),
        (picture("AVIF"), "image/avif"),
        (picture("TIFF"), "image/tiff"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"\xff\x0a a JPEG XL", "image/jxl"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x20ftypisom\0\0\0\0", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3....webm....A_OPUS", "audio/webm"),
        (b"\x1a\x45\xdf\xa3....webm....V_VP9....A_OPUS", "video/webm"),
        (b"OggS....\x01vorbis", "audio/ogg"),
        (b"OggS....\x80theora", "video/ogg"),
        (b"ID3\3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"fLaC", "audio/flac"),
        (b"%PDF-1.7", "application/pdf"),
        (b"wOF2", "font/woff2"),
        (b"PK\3\4", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b'{"a": [1, 2]}', "application/json"),
        ("Über die Lampe\n".encode(), "text/plain"),
        (b"{ not JSON", "text/plain"),
        (b"", "application/octet-stream"),
        (b"\0\1\2", "application/octet-stream"),
        (b"<!DOCTYPE html><script>", "application/octet-stream"),
        (b"\xff\xfeH\0i\0", "application/octet-stream"),
    ],
)
def test_a_name_without_an_ending_has_the_type_of_its_content(root, content, kind):
    assert found(root, "xk2p9q7v0000000000000000abcd", content).type == kind


@pytest.mark.parametrize("name", ["saved.jfif", "saved.JPE", "saved.pjpeg"])
def test_every_ending_of_a_jpeg_is_known(root, name):
    file = found(root, name, picture("JPEG"))
    assert (file.type, file.width) == ("image/jpeg", 40)


def test_a_picture_without_an_ending_must_be_whole_too(root):
    with pytest.raises(Problem, match="its end is missing") as caught:
        found(root, "xk2p9q7v", picture("JPEG")[:-2])
    assert caught.value.code == Exit.REFUSED


def test_under_an_ending_that_nobody_knows_it_may_be_anything(root):
    assert found(root, "lamp.orig", picture("PNG")).type == "image/png"
    assert found(root, "lamp.cr2", picture("TIFF")).type == "application/octet-stream"
    assert found(root, "lamp.part", picture("JPEG")[:-2]).type == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content", "said", "kind"),
    [
        ("blob", b"PK\3\4", "application/epub+zip", "application/epub+zip"),
        ("blob", b"a;b", "text/csv; charset=utf-8", "text/csv"),
        ("blob", picture("JPEG"), "image/jpg", "image/jpeg"),
        ("blob", picture("JPEG"), "image/png", "image/jpeg"),
        ("blob", picture("JPEG"), "text/html", "image/jpeg"),
        ("blob", picture("JPEG"), "application/octet-stream", "image/jpeg"),
        ("blob", picture("JPEG"), "a picture", "image/jpeg"),
        ("talk.webm", b"\x1a\x45\xdf\xa3", "audio/webm", "audio/webm"),
        ("talk.mp4", b"\0\0\0\x20ftypisom", "audio/mp4", "audio/mp4"),
        ("style.css", b"a {}", "text/plain", "text/css"),
        ("lamp.jpg", picture("JPEG"), "application/zip", "image/jpeg"),
    ],
)
def test_what_a_row_says_is_believed_where_the_file_does_not_deny_it(root, name, content, said, kind):
    assert found(root, name, content, said).type == kind


def test_a_picture_that_another_name_denies_is_named_by_what_it_is(root):
    with pytest.raises(Problem, match="is JXL, and its name says PNG"):
        found(root, "lamp.png", b"\xff\x0a a JPEG XL")


@pytest.mark.parametrize(
    ("there", "key", "wanted"),
    [
        ("image/jpg", "a.jpg", "image/jpeg"),
        ("text/css; charset=utf-8", "a.css", "text/css"),
        ("application/vnd.rar", "blob", "application/octet-stream"),
        ("audio/webm", "blob", "video/webm"),
        ("image/x-icon", "a.ico", "image/vnd.microsoft.icon"),
        ("application/vnd.sketch", "plan.sketch", "application/zip"),
        ("model/obj", "lamp.obj", "text/plain"),
        ("application/activity+json", "lamp.note", "application/json"),
    ],
)
def test_a_right_type_in_the_bucket_is_never_made_wrong(there, key, wanted):
    assert is_right(there, key, wanted)


@pytest.mark.parametrize(
    ("there", "key", "wanted"),
    [
        ("application/octet-stream", "a.jpg", "image/jpeg"),
        ("video/webm", "voice/a.webm", "audio/webm"),
        ("image/png", "blob", "image/jpeg"),
        ("", "blob", "application/octet-stream"),
        ("application/octet-stream", "plan.sketch", "application/zip"),
        ("text/html", "a.txt", "text/plain"),
    ],
)
def test_a_wrong_one_is(there, key, wanted):
    assert not is_right(there, key, wanted)


def test_a_text_that_is_cut_in_the_middle_of_a_letter_is_one():
    assert type_in((b"x" * (HEAD - 1) + "ü".encode())[:HEAD]) == "text/plain"


PHOTO = "/uploads/my%20photo%2B1.jpg"


def test_a_path_with_percents_names_the_file_as_a_browser_reads_it(root):
    (root / "uploads/my photo+1.jpg").write_bytes(picture("JPEG"))
    [file] = find(Folder(root), [PHOTO, "/uploads/my photo+1.jpg"])
    assert (file.key, file.path) == ("uploads/my photo+1.jpg", "uploads/my photo+1.jpg")


def test_a_file_that_is_called_so_to_the_letter_comes_first(root):
    (root / "uploads/my photo+1.jpg").write_bytes(picture("JPEG"))
    (root / "uploads/my%20photo%2B1.jpg").write_bytes(picture("JPEG", size=(8, 8)))
    [file] = find(Folder(root), [PHOTO])
    assert (file.key, file.width) == ("uploads/my%20photo%2B1.jpg", 8)


def test_a_long_name_in_another_script_may_be_quoted(root):
    (root / "uploads" / ("лампа" * 20 + ".jpg")).write_bytes(picture("JPEG"))
    [file] = find(Folder(root), ["/uploads/" + "%D0%BB%D0%B0%D0%BC%D0%BF%D0%B0" * 20 + ".jpg"])
    assert file.key.endswith("лампа.jpg")


@pytest.mark.parametrize("path", ["/%2e%2e/secret.jpg", "/uploads/%2e%2e%2f%2e%2e%2fsecret.jpg", "/a%00.jpg"])
def test_percents_lead_nowhere_else(root, path):
    (root.parent / "secret.jpg").write_bytes(picture("JPEG"))
    with pytest.raises(Problem, match="is missing") as caught:
        find(Folder(root), [path])
    assert caught.value.code == Exit.REFUSED


def test_a_folder_of_another_case_is_hinted_at(root):
    (root / "uploads/lamp.jpg").write_bytes(picture("JPEG"))
    with pytest.raises(Problem, match='"uploads" is there, which differs in upper and lower case'):
        find(Folder(root), ["/Uploads/lamp.jpg"])
