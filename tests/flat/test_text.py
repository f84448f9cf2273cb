"""Counts as people write them."""

from __future__ import annotations

import pytest

from maulstick.text import row_amount


@pytest.mark.parametrize(
    ("table", "singular"),
    [
        ("authors", "author"),
        ("order_items", "order_item"),
        ("blog.pages", "blog.page"),
        ("OrderItems", "OrderItem"),
        ("categories", "category"),
        ("addresses", "address"),
        ("classes", "class"),
        ("photos", "photo"),
        ("keys", "key"),
    ],
)
def test_one_row_of_a_table_is_counted_in_the_singular(table: str, singular: str) -> None:
    assert row_amount(1, table) == f"1 {singular}"
    assert row_amount(2, table) == f"2 {table}"


@pytest.mark.parametrize(
    "table",
    [
        *("series", "species", "movies", "news", "lens", "status", "bus", "canvas", "address", "basis"),
        *("media_analyses", "indices", "statuses", "shoes", "caches", "axes", "analytics", "chaos"),
        *("media", "artwork", "cms", "ids", "https", "USERS", "s", "", "autores", "canciones", "catégories"),
        *("authors2", "goods", "leaves"),
    ],
)
def test_a_name_that_may_be_no_plural_stays(table: str) -> None:
    assert row_amount(1, table) == f"1 {table}"
