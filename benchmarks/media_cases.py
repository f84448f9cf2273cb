"""Hold uploads against `aws s3 sync`, `s5cmd sync` and `rclone sync` where a size and a time tell nothing.

Each brings a folder over, something happens, and each brings it over again: is the bucket as the folder then?
Ours is `invoke upload --overwrite --file …`, as it is typed. The peers are taken from PATH, as
benchmarks/media.py says.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import command
import gallery
import media_places as places
import project
from media import DOWN, OURS, environment, peer, present

NAME = "1763722108_d70e2e2341d3cccd.txt"
ODD = (
    *("she lays down.txt", "1+1.txt", "100%41.txt", "no#1.txt", "who?.txt", 'it\'s "here".txt', "UPPER.TXT"),
    *(unicodedata.normalize(form, "café.txt") for form in ("NFC", "NFD")),
)
Happens = Callable[[Path, Any, str], None]


def older_content(folder: Path, client: Any, key: str) -> None:
    """Put back a file of the same size from before: its time is older than the object's."""
    (folder / NAME).write_bytes(b"before")
    os.utime(folder / NAME, (1, 1))


def other_object(folder: Path, client: Any, key: str) -> None:
    """Somebody puts another object of the same size under the key."""
    client.put_object(Bucket=places.NAME, Key=key, Body=b"theirs")


def other_headers(folder: Path, client: Any, key: str) -> None:
    """Somebody puts the same object there and gives it a header that keeps it from being cached."""
    body = client.get_object(Bucket=places.NAME, Key=key)["Body"].read()
    client.put_object(Bucket=places.NAME, Key=key, Body=body, CacheControl="no-store")


def lost(folder: Path, client: Any, key: str) -> None:
    """Somebody deletes the object."""
    client.delete_object(Bucket=places.NAME, Key=key)


CASES: Mapping[str, Happens] = {
    "other content, same size, older": older_content,
    "another object, same size": other_object,
    "another header": other_headers,
    "object deleted": lost,
}


def as_wanted(client: Any, key: str, content: bytes) -> bool:
    """Tell whether an object has the content, and no header that forbids browsers to keep it."""
    try:
        found = client.get_object(Bucket=places.NAME, Key=key)
    except client.exceptions.NoSuchKey:
        return False
    return bool(found["Body"].read() == content and found.get("CacheControl") != "no-store")


@dataclass(frozen=True, slots=True)
class Bench:
    """A project, whose media folder all contenders bring over, and the storage."""

    typed: project.Project
    endpoint: str

    def bring(self, contender: str, folder: Path) -> str:
        """Bring a folder over and return where it is in the bucket."""
        if contender == OURS:
            files = [word for file in sorted(folder.iterdir()) for word in ("--file", str(file))]
            self.typed.invoke("upload", "--yes", "--overwrite", *files)
            return folder.name
        place = f"{contender.replace(' ', '')}-{folder.name}"
        words = peer(contender, self.endpoint, folder, f"{places.NAME}/{place}", sync=True)
        command.run(words, self.typed.folder, environment())
        return place


def answer(bench: Bench, client: Any, contender: str, happens: Happens) -> str:
    """Bring a file over, let something happen, bring it over again, and say whether the bucket is right."""
    folder = bench.typed.media / happens.__name__
    folder.mkdir()
    (folder / NAME).write_bytes(b"picture"[:6])
    place = bench.bring(contender, folder)
    time.sleep(1.1)  # a bucket's times are whole seconds
    happens(folder, client, f"{place}/{NAME}")
    bench.bring(contender, folder)
    right = as_wanted(client, f"{place}/{NAME}", (folder / NAME).read_bytes())
    shutil.rmtree(folder)
    return "right" if right else "WRONG"


def names(bench: Bench, client: Any, contender: str) -> str:
    """Say how many files of odd names arrive under their names to the letter."""
    folder = bench.typed.media / "names"
    folder.mkdir()
    for name in ODD:
        (folder / name).write_bytes(name.encode())
    place = bench.bring(contender, folder)
    right = sum(as_wanted(client, f"{place}/{name}", name.encode()) for name in ODD)
    shutil.rmtree(folder)
    return f"{right} of {len(ODD)}"


def main() -> None:
    """Write a line for each case, and what each contender made of it."""
    contenders = [one for one in present() if one != DOWN]
    with (
        places.server() as storage,
        gallery.server() as server,
        tempfile.TemporaryDirectory(prefix="maulstick-") as folder,
    ):
        source, production = gallery.make_source(server, 1), gallery.make_production(server, "ours")
        typed = project.made(Path(folder), source, production)
        typed.goes_to(production, bucket=storage.address, public=f"{storage.address}/{places.NAME}")
        bench, client = Bench(typed, storage.address), places.client(storage.address)
        sys.stdout.write(f"{'':34}" + "".join(f"{one:>12}" for one in contenders) + "\n")
        for said, happens in CASES.items():
            told = [answer(bench, client, one, happens) for one in contenders]
            sys.stdout.write(f"{said:34}" + "".join(f"{one:>12}" for one in told) + "\n")
        told = [names(bench, client, one) for one in contenders]
        sys.stdout.write(f"{'odd names, to the letter':34}" + "".join(f"{one:>12}" for one in told) + "\n")


if __name__ == "__main__":
    main()
