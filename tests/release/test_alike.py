import unicodedata

from maulstick.release.steps.file_warnings import alike

COMPOSED, APART = (unicodedata.normalize(form, "uploads/café.jpg") for form in ("NFC", "NFD"))


def test_names_that_differ_in_case_only_are_warned_of():
    assert list(alike(["uploads/Cafe.jpg", "uploads/x.jpg", "uploads/cafe.jpg", "uploads/cafe.jpg"])) == [
        "uploads/Cafe.jpg and uploads/cafe.jpg differ in upper and lower case only:"
        " some machines keep but one of them"
    ]


def test_names_that_differ_in_unicode_form_only_are_warned_of():
    [warning] = alike([COMPOSED, APART])
    assert "differ in the Unicode form of their accents only" in warning


def test_other_names_are_not_warned_of():
    assert list(alike([COMPOSED, "uploads/cafe.jpg", "uploads/cafe.png", "Uploads2/cafe.jpg"])) == []
