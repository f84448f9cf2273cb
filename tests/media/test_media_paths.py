import hashlib
import os
import unicodedata

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media.paths import describe, resolve


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "static"
    (folder / "uploads").mkdir(parents=True)
    (folder / "uploads/x.jpg").write_bytes(b"a picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return folder


def refusal(root, value):
    with pytest.raises(Problem) as caught:
        describe(root, value)
    assert caught.value.code == Exit.REFUSED
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("/uploads/x.jpg", "uploads/x.jpg"),
        ("uploads/x.jpg", "uploads/x.jpg"),
        ("/uploads//x.jpg", "uploads//x.jpg"),
        ("//uploads/x.jpg", "/uploads/x.jpg"),
    ],
)
def test_one_slash_at_the_start_is_no_part_of_the_key(root, value, key):
    assert resolve(root, value) == (key, root / "uploads/x.jpg")


@pytest.mark.parametrize(
    "value",
    [
        "/../secret.jpg",
        "uploads/../../secret.jpg",
        "..",
        "uploads/..",
        "/uploads/../uploads/x.jpg",
        "./uploads/x.jpg",
    ],
)
def test_a_path_through_dots_is_refused(root, value):
    assert "could leave the media folder" in refusal(root, value)


def test_an_absolute_path_is_looked_for_under_the_media_folder(root):
    assert "is missing under" in refusal(root, "/etc/passwd")


@pytest.mark.parametrize("value", ["", "/", "uploads/", "/uploads/x.jpg/"])
def test_a_path_without_a_name_is_refused(root, value):
    assert "names no file" in refusal(root, value)


def test_a_full_address_is_no_file(root):
    assert "is an address" in refusal(root, "https://oliviatew.co.uk/uploads/x.jpg")


def test_a_link_out_of_the_media_folder_is_refused(root):
    (root / "uploads/link.jpg").symlink_to(root.parent / "secret.jpg")
    (root / "away").symlink_to(root.parent)
    assert "leads out of the media folder" in refusal(root, "uploads/link.jpg")
    assert "leads out of the media folder" in refusal(root, "away/secret.jpg")


def test_a_link_within_the_media_folder_is_followed(root):
    (root / "uploads/link.jpg").symlink_to("x.jpg")
    assert resolve(root, "uploads/link.jpg") == ("uploads/link.jpg", root / "uploads/x.jpg")


def test_a_media_folder_that_is_a_link_itself_is_fine(root, tmp_path):
    (tmp_path / "here").symlink_to(root)
    assert describe(tmp_path / "here", "uploads/x.jpg").bytes == 9


def test_links_in_a_circle_are_refused(root):
    (root / "uploads/a.jpg").symlink_to("b.jpg")
    (root / "uploads/b.jpg").symlink_to("a.jpg")
    assert refusal(root, "uploads/a.jpg")


def test_a_device_and_a_pipe_and_a_folder_are_refused(root):
    os.mkfifo(root / "uploads/pipe.jpg")
    (root / "uploads/folder.jpg").mkdir()
    (root / "uploads/null.jpg").symlink_to("/dev/null")
    assert "is not a regular file" in refusal(root, "uploads/pipe.jpg")
    assert "is not a regular file" in refusal(root, "uploads/folder.jpg")
    assert "leads out of the media folder" in refusal(root, "uploads/null.jpg")
    assert "is not a regular file" in refusal(root.__class__("/dev"), "null")


def test_a_missing_file_is_named_with_its_folder(root):
    assert refusal(root, "/uploads/y.jpg").startswith(f"media /uploads/y.jpg: is missing under {root}\n")


@pytest.mark.parametrize("value", ["/uploads/y.jpg", "/uploads/", "/uploads"])
def test_whoever_names_a_file_is_told_where_to_correct_it(root, value):
    assert refusal(root, value).endswith("correct what names it: a row, a plugin or --file")


def test_a_name_in_other_case_is_hinted_at(root):
    assert '"x.jpg" is there, which differs in upper and lower case' in refusal(root, "uploads/X.JPG")


def test_a_name_in_the_other_unicode_form_is_hinted_at(root):
    (root / "uploads" / unicodedata.normalize("NFD", "café.jpg")).write_bytes(b"")
    hint = refusal(root, unicodedata.normalize("NFC", "uploads/café.jpg"))
    assert "other accents in Unicode" in hint


def test_odd_values_are_refused_not_crashed_on(root):
    assert "browsers read as a slash" in refusal(root, "uploads\\x.jpg")
    assert "longer than the 1024 bytes" in refusal(root, "é" * 513)
    assert refusal(root, "n" * 500)


@pytest.mark.parametrize(
    "odd", ["\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\udcff"]
)
def test_a_name_that_cannot_be_said_on_one_line_is_refused(root, odd):
    said = refusal(root, f"/uploads/a{odd}b.jpg")
    assert "holds a control character" in said
    assert odd not in said.replace("\n  hint: ", "")
    said.encode()


def test_a_missing_media_folder_is_named(tmp_path):
    assert "is missing" in refusal(tmp_path / "nowhere", "x.jpg")


def test_a_file_is_described_by_its_content_and_its_name(root):
    file = describe(root, "/uploads/x.jpg")
    assert (file.key, file.path, file.bytes, file.type) == ("uploads/x.jpg", "uploads/x.jpg", 9, "image/jpeg")
    assert file.sha256 == hashlib.sha256(b"a picture").hexdigest()
