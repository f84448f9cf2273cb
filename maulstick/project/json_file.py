"""Files of JSON that we wrote, read again: damaged and newer ones are refused by name."""

from __future__ import annotations

import json
from typing import Any

from maulstick.errors import usage
from maulstick.project.mistakes import shown
from maulstick.project.models import Table, checked


def parsed(
    text: str | bytes, model: type[Table], where: str, *, what: str, version: int, hint: str, newer: str
) -> dict[str, Any]:
    """Return the values of a file that holds `what`; each of its mistakes has its path (exit 2)."""
    try:
        values = json.loads(text)
        said = values["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise usage(where, f"is not {what}", hint) from error
    if said != version or isinstance(said, bool):
        raise usage(f"{where}/version", f"is {shown(said)}; known here is {version}", newer)
    checked(model, values, where, hint=hint)
    return dict(values)
