"""JSON that we print or write: what it holds, and our own files read again."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from maulstick.errors import usage
from maulstick.project.mistakes import shown
from maulstick.project.models import StrictTable, checked

Natural = Annotated[int, Field(ge=0)]
PRINTED = ConfigDict(strict=True, extra="ignore", json_schema_extra={"additionalProperties": False})
"""Values are not converted; keys that only a newer Maulstick knows are ignored."""


class Printed(BaseModel):
    """A part of the JSON that we print or write."""

    model_config = PRINTED


def parsed(
    text: str | bytes, model: type[StrictTable], where: str, *, what: str, version: int, hint: str, newer: str
) -> dict[str, Any]:
    """Parse the values of a file of ours; one that is damaged or newer is a problem with its path (exit 2).

    `what` says what the file should be, `newer` what to do about one of a newer version.
    """
    try:
        values = json.loads(text)
        actual = values["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise usage(where, f"is not {what}", hint) from error
    if actual != version or isinstance(actual, bool):
        raise usage(f"{where}/version", f"is {shown(actual)}; known here is {version}", newer)
    checked(model, values, where, hint=hint)
    return dict(values)
