"""A real S3 server for tests, and the bucket that one test has in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maulstick.errors import Problem
from maulstick.sandbox import objects, programs
from maulstick.sandbox.storage import SeaweedFS, start_storage

NAME = "production"
INSTALL = "pip install 'maulstick[sandbox]'"
NEEDS = Problem("maulstick.testing", "needs an S3 server of its own", INSTALL, code=2)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket of the live site, empty at first; everybody may read it."""

    storage: SeaweedFS = field(repr=False)

    @property
    def url(self) -> str:
        """Where visitors find its files."""
        return f"{self.storage.address}/{NAME}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What the live site's environment says of it."""
        return {
            "AWS_ACCESS_KEY_ID": self.storage.access_key,
            "AWS_SECRET_ACCESS_KEY": self.storage.secret_key,
            "AWS_REGION": "auto",
            "AWS_ENDPOINT_URL_S3": self.storage.address,
            "S3_BUCKET": NAME,
            "S3_PUBLIC_URL": self.url,
        }

    def keys(self) -> list[str]:
        """List the keys of what it holds."""
        return objects.keys_of(self._client(), NAME)

    def read(self, key: str) -> bytes:
        """Read the bytes of an object."""
        return bytes(self._client().get_object(Bucket=NAME, Key=key)["Body"].read())

    def put(self, key: str, body: bytes, **headers: str) -> None:
        """Put an object there by hand, with headers such as `ContentType="image/gif"`."""
        self._client().put_object(Bucket=NAME, Key=key, Body=body, **headers)

    def _client(self) -> Any:
        return objects.client_of(self.storage)


def emptied(storage: SeaweedFS) -> Bucket:
    """Return the bucket, with nothing in it."""
    objects.restore(storage, keys=(), media=storage.home, bucket=NAME)
    return Bucket(storage)


@contextmanager
def serving(folder: Path) -> Iterator[SeaweedFS]:
    """Start a storage server on free ports for the block."""
    keys = {"key": secrets.token_hex(8), "secret": secrets.token_hex(16)}
    try:
        storage, process = start_storage(folder, **keys, public=NAME)
    except Problem as problem:
        raise (NEEDS if str(problem) == str(programs.missing()) else problem) from None
    try:
        yield storage
    finally:
        storage.down(process)
