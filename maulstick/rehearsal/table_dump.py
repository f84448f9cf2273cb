"""A dump of tables as production has them, kept before the first release."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from maulstick.errors import Problem
from maulstick.files import make_folders, writing
from maulstick.postgres.quoting import name
from maulstick.redact import Secret
from maulstick.rehearsal.programs import Programs, failed


def dump_tables(
    programs: Programs, url: Secret, tables: Iterable[str], file: Path, *, where: str, role: str | None
) -> int:
    """Dump tables with their rows into a file that only its owner reads; return its size in bytes.

    What stops it leaves no file.
    """
    with writing(file):
        make_folders(file.parent, 0o700)
        (file.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
    words += ["--lock-wait-timeout=60s", *(f"--table={_exactly(table)}" for table in tables)]
    try:
        done = programs.run("pg_dump", [*words, *([f"--role={role}"] if role else [])], url)
        if done.returncode:
            raise failed(where, done.stderr, "nothing was released")
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    size = file.stat().st_size
    if not size:
        raise Problem(str(file), "is empty", "is the disk full?")
    return size


def _exactly(table: str) -> str:
    """Return the pattern of a table by the name that declarations call it."""
    schema, dot, plain = table.partition(".")
    return name(schema, plain) if dot else name("public", table)
