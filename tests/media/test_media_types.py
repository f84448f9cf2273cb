import pytest

from maulstick.media.content_types import cache_control_of, type_of
from maulstick.text import size_text


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("uploads/a.JPG", "image/jpeg"),
        ("uploads/a.webp", "image/webp"),
        ("uploads/voice_notes/1.webm", "audio/webm"),
        ("uploads/films/1.webm", "video/webm"),
        ("uploads/a.css", "text/css"),
        ("uploads/a.tgz", "application/gzip"),
        ("uploads/a.tar.gz", "application/gzip"),
        ("uploads/jpg", "application/octet-stream"),
        ("uploads/a.what", "application/octet-stream"),
        ("uploads/a.", "application/octet-stream"),
    ],
)
def test_the_type_goes_by_the_name(key, expected):
    assert type_of(key) == expected


@pytest.mark.parametrize("name", ["1763722108_d70e2e2341d3cccd.jpg", "D70E2E2341D3CCCD.png"])
def test_a_name_with_a_digest_is_kept_for_good(name):
    assert cache_control_of(f"uploads/{name}") == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["she.jpg", "20250101123045.jpg", "d70e2e2341d.jpg", "d70e2e2341d3cccd/x.jpg"]
)
def test_any_other_name_is_kept_for_an_hour(name):
    assert cache_control_of(f"uploads/{name}") == "public, max-age=3600"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (5 * 10**9, "5.0 GB"),
    ],
)
def test_a_size_reads_as_people_say_it(count, text):
    assert size_text(count) == text
