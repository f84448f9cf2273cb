"""Requests to S3, signed by botocore."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from maulstick.s3.client import BucketAddress

_BLANKS = re.compile(r"[ \t]+")


class _Latin(str):
    """A text that is read as HTTP carries it: metadata that others wrote may hold any bytes."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return super().encode("latin-1")


class Signer(S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """botocore's own, for bodies whose digest is known and headers that hold any bytes."""

    def __init__(self, address: BucketAddress) -> None:
        keys = Credentials(address.key_id.reveal(), address.secret.reveal())
        super().__init__(keys, "s3", address.region)

    def signed(self, method: str, url: str, headers: dict[str, str], sha256: str) -> dict[str, str]:
        """List the headers of a request with those that sign them; `sha256` is the body's."""
        request = AWSRequest(method, url, headers)
        request.context["sha256"] = sha256
        self.add_auth(request)
        return dict(request.headers.items())

    def payload(self, request: AWSRequest) -> str:
        """Compute the digest of the body, which is not read again."""
        return str(request.context["sha256"])

    def canonical_request(self, request: AWSRequest) -> str:
        """Return what is signed, as bytes that need not be UTF-8."""
        return _Latin(super().canonical_request(request))

    def canonical_headers(self, headers_to_sign: Mapping[str, str]) -> str:
        """List the headers, one blank for each run of them; of bytes beyond ASCII none is a blank."""
        headers = sorted(headers_to_sign.items())
        return "\n".join(f"{name}:{_BLANKS.sub(' ', value).strip(' ')}" for name, value in headers)
