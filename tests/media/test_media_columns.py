from dataclasses import replace

import pytest

from maulstick.errors import Problem
from maulstick.media.columns import addresses_in, doubts, named_by
from maulstick.project.declarations import MediaColumn, MediaFile, Table

NOTES = Table(
    "annotations",
    key="id",
    media=[
        MediaColumn("audio_url"),
        MediaColumn("content", path="$.audio_url"),
        MediaColumn("content", path="$.takes[*].file"),
    ],
)


def note(audio_url=None, content=None):
    return {"audio_url": audio_url, "content": content}


def test_columns_and_json_paths_name_files():
    content = (
        '{"audio_url": "/b.webm", "takes": [{"file": "/c.webm"}, {}, {"file": null}, {"file": "/d.webm"}]}'
    )
    assert list(named_by(NOTES, [note("/a.webm", content)])) == ["/a.webm", "/b.webm", "/c.webm", "/d.webm"]


def test_rows_that_name_nothing_are_passed_over():
    assert list(named_by(NOTES, [note(), note("", "null"), note(None, '{"takes": 5}')])) == []


def test_full_addresses_are_told_apart():
    rows = [note("/a.webm"), note("HTTPS://elsewhere.example/b.webm")]
    assert list(named_by(NOTES, rows)) == ["/a.webm"]
    assert list(addresses_in(NOTES, rows)) == ["HTTPS://elsewhere.example/b.webm"]


def test_json_that_is_no_path_is_refused_by_name():
    with pytest.raises(
        Problem, match=r"annotations.content \$.audio_url: should be the path of a file, is 5"
    ):
        list(named_by(NOTES, [note(None, '{"audio_url": 5}')]))


PICTURES = Table(
    "media",
    key="url",
    media=[
        MediaColumn("url", bytes="file_size", type="content_type", width="width", height="height"),
        MediaColumn("thumb_url"),
    ],
)
WELL = {"url": "/a.jpg", "thumb_url": None, "width": "40", "height": "30"}
FILE = MediaFile("a.jpg", "a.jpg", "0" * 64, 9, "image/jpeg", "", 40, 30)


def said(*rows, file=FILE):
    rows = [{"file_size": "9", "content_type": "image/jpeg", **WELL, **row} for row in rows]
    return list(doubts(PICTURES, rows, {file.key: file}))


def test_rows_that_say_what_the_file_says_raise_no_doubt():
    assert said({}, {"width": None}, {"url": "/b.jpg", "width": "1"}) == []
    assert said({"content_type": "image/jpg"}, {"content_type": "Image/JPEG; charset=binary"}) == []
    assert said({"width": "41"}, file=replace(FILE, width=None, height=None)) == []


def test_rows_that_say_something_else_are_named_column_by_column():
    assert said({"file_size": "10", "height": "31"}) == [
        "media.file_size is not as in the file: /a.jpg 10 (file: 9)",
        "media.height is not as in the file: /a.jpg 31 (file: 30)",
    ]


def test_of_many_doubts_three_are_named():
    [line] = said(*[{"content_type": "image/png"}] * 5)
    assert line.endswith("/a.jpg image/png (file: image/jpeg), and 2 more")
