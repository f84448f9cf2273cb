"""SQL that is fixed text: files beside the code that sends it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from maulstick.postgres.quoting import literal


@cache
def sql_file(name: str) -> str:
    """Compose the SQL of a file, without the comments that it begins with."""
    lines = files("maulstick.postgres.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def filled(name: str, **values: str | bool | None) -> str:
    """Compose the SQL of a file with a literal for each of its variables, which are written as in psql."""
    text = sql_file(name)
    for variable, value in values.items():
        text = text.replace(f":'{variable}'", literal(value))
    return text
