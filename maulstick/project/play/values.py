"""What a variable, and an option of a step, may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

Value = int | str | bool
NUMBER = re.compile("-?(?:0|[1-9][0-9]*)")
FLAGS: Mapping[str, bool] = {"true": True, "True": True, "false": False, "False": False}


def as_typed(text: str) -> Value:
    """Return a text as the whole number or the truth value that it is written as, else the text."""
    if NUMBER.fullmatch(text):
        return int(text)
    return FLAGS.get(text, text)
