"""Requests to S3, signed: AWS Signature Version 4, for a body whose digest is known already.

It is written out here, and held against botocore's in the tests: that one takes a fifth of the time in which
a small file is sent.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from maulstick.redact import Secret

METHOD = "AWS4-HMAC-SHA256"


class Signer:
    """Signs requests to the S3 of a region with one key; the day's key is made once."""

    def __init__(self, key_id: Secret, secret: Secret, region: str) -> None:
        self._key_id, self._secret, self._region = key_id, secret, region
        self._key = cache(self._key_of)

    def signed(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        *,
        sha256: str,
        now: datetime | None = None,
    ) -> dict[str, str]:
        """Return the headers of a request with those that sign them; `sha256` is the body's.

        The path is quoted as it is sent, and so are the names and values of the query. The host must be among
        the headers. `now` is any time but the present.
        """
        time = f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        sent = {**headers, "X-Amz-Date": time, "X-Amz-Content-SHA256": sha256}
        by_name = sorted((name.lower(), _folded(value)) for name, value in sent.items())
        names = ";".join(name for name, _ in by_name)
        listed = "".join(f"{name}:{value}\n" for name, value in by_name)
        asked = f"{method}\n{path}\n{_ordered(query)}\n{listed}\n{names}\n{sha256}"
        scope = f"{time[:8]}/{self._region}/s3/aws4_request"
        digest = hashlib.sha256(asked.encode("latin-1")).hexdigest()
        text = f"{METHOD}\n{time}\n{scope}\n{digest}"
        signature = hmac.digest(self._key(time[:8]), text.encode(), "sha256").hex()
        credential = f"{self._key_id.reveal()}/{scope}"
        sent["Authorization"] = (
            f"{METHOD} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return sent

    def _key_of(self, day: str) -> bytes:
        key = f"AWS4{self._secret.reveal()}".encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _ordered(query: str) -> str:
    return "&".join("".join(pair) for pair in sorted(pair.partition("=") for pair in query.split("&")))


def _folded(value: str) -> str:
    """Return a header's value as it is signed: each run of blanks is one.

    Metadata that others wrote may hold any bytes; only blanks of ASCII count as blanks.
    """
    return b" ".join(value.encode("latin-1").split()).decode("latin-1")
