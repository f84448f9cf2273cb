"""The files of a record are in the order in which pages show them."""

from __future__ import annotations

from maulstick.media.compare import Item
from maulstick.project.declarations import MediaFile, Page
from maulstick.report.record import page_order


def _item(key: str) -> Item:
    return Item(
        MediaFile(key=key, path=key, sha256="", bytes=1, type="image/jpeg", cache_control=""), "there", ""
    )


def test_files_are_in_the_order_of_the_pages_and_those_on_no_page_come_last() -> None:
    pages = [
        Page("/one", images=("/uploads/c.jpg", "https://cdn.example/media/uploads/a%20b.jpg?v=1")),
        Page("/two", images=("/uploads/a.jpg", "/uploads/c.jpg")),
    ]
    keys = ["uploads/a.jpg", "uploads/a b.jpg", "uploads/voice.wav", "uploads/c.jpg"]
    ordered = [item.file.key for item in page_order(map(_item, keys), pages)]
    assert ordered == ["uploads/c.jpg", "uploads/a b.jpg", "uploads/a.jpg", "uploads/voice.wav"]
