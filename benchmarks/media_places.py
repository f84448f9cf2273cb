"""The S3 server and the folders of files that the uploads are measured with."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from maulstick.bucket import BucketAddress, open_bucket
from maulstick.media_root import describe
from maulstick.redact import Secret
from maulstick.sandbox.process import free_port
from maulstick.sandbox.storage import PORTS, SeaweedFS

NAME, KEY_ID, SECRET = "bench", "tid_of_a_benchmark", "tsec_of_a_benchmark"
BLOCK = 1 << 20


def address_of(endpoint: str, name: str) -> BucketAddress:
    """Return a bucket of the benchmark's server."""
    keys = {"key_id": Secret(KEY_ID), "secret": Secret(SECRET)}
    return BucketAddress(
        endpoint, "us-east-1", name, **keys, addressing="path", acl=None, public_url=endpoint
    )


@contextmanager
def server() -> Iterator[SeaweedFS]:
    """Start an S3 server with an empty bucket for the block."""
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        ports = dict(zip(PORTS, sorted({free_port() for _ in range(50)}), strict=False))
        storage = SeaweedFS(Path(folder) / "storage", Path(folder) / "log", ports, KEY_ID, SECRET)
        running = storage.up()
        try:
            open_bucket(address_of(storage.address, NAME)).client.create_bucket(Bucket=NAME)
            yield storage
        finally:
            storage.down(running)


def fill(folder: Path, count: int, size: int) -> None:
    """Write so many files of random bytes, named by a digest as a site names its uploads."""
    folder.mkdir(parents=True)
    chance = random.Random(count)
    for number in range(count):
        name = hashlib.sha256(f"{number}".encode()).hexdigest()[:16]
        with (folder / f"{1763722108 + number}_{name}.jpg").open("wb") as file:
            for start in range(0, size, BLOCK):
                file.write(chance.randbytes(min(BLOCK, size - start)))


def change_one_in_hundred(folder: Path) -> None:
    """Give every hundredth file other bytes of the same size."""
    for number, path in enumerate(sorted(folder.iterdir())):
        if number % 100 == 0:
            path.write_bytes(path.read_bytes()[::-1])


def write_manifest(root: Path, folder: str, prefix: str, to: Path) -> None:
    """Write what an export would: each file with its digest, under its key."""
    found = [describe(root, f"{folder}/{path.name}") for path in sorted((root / folder).iterdir())]
    files = [{**asdict(file), "key": file.key.replace(folder, prefix, 1)} for file in found]
    to.write_text(json.dumps(files))
