"""The client that talks S3, and what its failures mean to a person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from maulstick.errors import Problem, usage
from maulstick.redact import Secret, hide

CONNECTIONS = 32
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# What a browser and urllib3 send as it stands; a plus sign, for one, is a blank to some servers.
PLAIN = "/!(),:;=@"


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket is and who we are there; `addressing` is "virtual" or "path"."""

    endpoint: str
    region: str
    name: str
    key_id: Secret
    secret: Secret
    addressing: str
    acl: str | None
    public_url: str

    def public(self, key: str) -> str:
        """Return the address at which a visitor gets a key."""
        return f"{self.public_url.rstrip('/')}/{quote(key, safe=PLAIN)}"


def connect(address: BucketAddress, attempts: int) -> Any:
    """Return a client for a bucket that asks up to `attempts` times; nothing is sent yet."""
    import boto3
    from botocore.config import Config

    parts = urlsplit(address.endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = (
            "it comes from AWS_ENDPOINT_URL_S3 or S3_HOST of the app, such as https://fly.storage.tigris.dev"
        )
        raise usage("bucket", f'"{address.endpoint}" is not the address of a storage', hint)
    config = Config(
        s3={"addressing_style": address.addressing},
        signature_version="s3v4",
        # Tigris has refused the checksum trailers that are sent otherwise.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=CONNECTIONS,
        proxies={} if parts.hostname in LOOPBACK else None,
    )
    return boto3.Session(botocore_session=_session()).client(
        "s3",
        endpoint_url=address.endpoint,
        region_name=address.region,
        aws_access_key_id=address.key_id.reveal(),
        aws_secret_access_key=address.secret.reveal(),
        config=config,
    )


@contextmanager
def asking(address: BucketAddress, key: str = "") -> Iterator[None]:
    """Turn what goes wrong inside the block into a problem that names the bucket and the key."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise problem(address, key, *_answered(address, error)) from error
    except BotoCoreError as error:
        raise problem(address, key, *_broken(address, error)) from error


def problem(address: BucketAddress, key: str, what: str, hint: str = "") -> Problem:
    """Return a problem of a bucket, or of the object under a key of it."""
    where = f"bucket {address.name}/{key}" if key else f"bucket {address.name}"
    return Problem(where, hide(what, address.key_id, address.secret), hint)


def status_of(error: Any) -> int:
    """Return the HTTP status of a refusal by the storage."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _answered(address: BucketAddress, error: Any) -> tuple[str, str]:
    code, status = str(error.response.get("Error", {}).get("Code", "")), status_of(error)
    if status == 403:
        hint = "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the app, and what this key may do"
        return f"{address.endpoint} refuses our key", hint
    if code == "NoSuchBucket":
        return f"there is no such bucket at {address.endpoint}", "see S3_BUCKET or BUCKET_NAME of the app"
    said = "" if code == str(status) else f" {code}"
    return (
        f"{address.endpoint} answered {status}{said} to {error.operation_name}",
        "run the same command again",
    )


def _broken(address: BucketAddress, error: Exception) -> tuple[str, str]:
    from botocore import exceptions

    gone = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)
    if isinstance(error, gone):
        hint = "see AWS_ENDPOINT_URL_S3 of the app and the network; then run the same command again"
        return f"{address.endpoint} does not answer", hint
    text = str(error)
    return text[:1].lower() + text[1:], ""


def _session() -> Any:
    """Return a session that takes nothing from the user's AWS profile, which is about other buckets."""
    from botocore.session import Session

    nothing = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
    return Session(session_vars={name: (None, None, value, None) for name, value in nothing.items()})
