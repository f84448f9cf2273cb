import pytest

from maulstick.content import MediaColumn, Table
from maulstick.errors import Problem
from maulstick.media import addresses_in, named_by

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
