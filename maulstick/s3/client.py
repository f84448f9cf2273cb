"""The client that talks S3, and what its failures mean to a person."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from maulstick.errors import Exit, Problem, usage
from maulstick.proxies import LOOPBACK
from maulstick.redact import Secret, hide

CONNECTIONS = 64
# What a browser and urllib3 send as it stands; a plus sign, for one, is a blank to some servers.
PLAIN = "/!(),:;=@"
FULL = ("QuotaExceeded", "XMinioStorageFull", "StorageFull", "InsufficientStorage", "QuotaExceededError")
"""What storages call having no room, some of them with status 403."""


TIGRIS = ("storage.tigris.dev", "t3.storage.dev")
CONSISTENT = {"X-Tigris-Consistent": "true"}
UNKNOWN_HERE = 501
UNDER_CONDITIONS = ("PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject")
NO_CONDITIONS = "knows no conditional writes"
LOOK_FIRST = "set conditional_writes = false for this target; docs/media.md says what that costs"


class Refusal(Problem):
    """An answer of the storage that says no, with its HTTP status."""

    def __init__(self, where: str, what: str, hint: str, *, status: int, code: Exit = Exit.FAILED) -> None:
        super().__init__(where, what, hint, code=code)
        self.status = status


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket is and who we are there; `addressing` is "virtual" or "path".

    Without `conditional_writes` the storage is not asked to write under a condition: we look before it.
    """

    endpoint: str
    region: str
    name: str
    key_id: Secret
    secret: Secret
    addressing: str
    acl: str | None
    public_url: str
    conditional_writes: bool = True

    def public(self, key: str) -> str:
        """Return the address at which a visitor gets a key."""
        return f"{self.public_url.rstrip('/')}/{quote(key, safe=PLAIN)}"


def require_endpoint(address: BucketAddress) -> SplitResult:
    """Return the parts of the storage's address; a problem (exit 2) where it is none."""
    parts = urlsplit(address.endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = (
            "it comes from AWS_ENDPOINT_URL_S3 or S3_HOST of the app, such as https://fly.storage.tigris.dev"
        )
        raise usage("bucket", f'"{address.endpoint}" is not the address of a storage', hint)
    return parts


def every_request(address: BucketAddress) -> Mapping[str, str]:
    """Return the headers that every request to a storage has.

    Tigris answers from the region nearest to us, which may be behind, unless a request says that it must not
    be (https://www.tigrisdata.com/docs/objects/consistency/).
    """
    host = require_endpoint(address).hostname or ""
    return CONSISTENT if any(f".{host}".endswith(f".{name}") for name in TIGRIS) else {}


def connect(address: BucketAddress, attempts: int) -> Any:
    """Return a client for a bucket that asks up to `attempts` times; nothing is sent yet."""
    import boto3
    from botocore.config import Config

    parts = require_endpoint(address)
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
    client = boto3.Session(botocore_session=_session()).client(
        "s3",
        endpoint_url=address.endpoint,
        region_name=address.region,
        aws_access_key_id=address.key_id.reveal(),
        aws_secret_access_key=address.secret.reveal(),
        config=config,
    )
    headers = every_request(address)
    client.meta.events.register("before-call.s3", lambda params, **_: params["headers"].update(headers))
    return client


@contextmanager
def asking(address: BucketAddress, key: str = "") -> Iterator[None]:
    """Turn what goes wrong inside the block into a problem that names the bucket and the key."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        code, doing, text = str(said.get("Code", "")), str(error.operation_name), str(said.get("Message", ""))
        status = status_of(error)
        raise refusal(address, key, status=status, code=code, doing=doing, said=text) from error
    except BotoCoreError as error:
        raise _broken(address, key, error) from error


def problem(address: BucketAddress, key: str, what: str, hint: str = "") -> Problem:
    """Return a problem of a bucket, or of the object under a key of it."""
    return Problem(_where(address, key), hide(what, address.key_id, address.secret), hint)


def refusal(
    address: BucketAddress, key: str, *, status: int, code: str, doing: str, said: str = ""
) -> Refusal:
    """Return the problem of a storage that answers no; `code` is its own word for why, `said` all it said."""
    what, hint = _meaning(address.endpoint, status, code, doing)
    if status == UNKNOWN_HERE and doing in UNDER_CONDITIONS and address.conditional_writes:
        what, hint = _not_implemented(address, doing, said)
    where = _where(address, "" if code == "NoSuchBucket" else key)
    exit_code = Exit.REFUSED if _is_full(status, code) else Exit.FAILED
    return Refusal(where, hide(what, address.key_id, address.secret), hint, status=status, code=exit_code)


def silence(address: BucketAddress, key: str) -> Problem:
    """Return the problem of a storage that does not answer at all."""
    hint = "see AWS_ENDPOINT_URL_S3 of the app and the network; then run the same command again"
    return problem(address, key, f"{address.endpoint} does not answer", hint)


def status_of(error: Any) -> int:
    """Return the HTTP status of a refusal by the storage."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _where(address: BucketAddress, key: str) -> str:
    return f"bucket {address.name}/{key}" if key else f"bucket {address.name}"


def _is_full(status: int, code: str) -> bool:
    return code in FULL or status == 507


def _meaning(endpoint: str, status: int, code: str, doing: str) -> tuple[str, str]:
    """Return what an answer says to a person, and what to do about it."""
    if _is_full(status, code):
        hint = "make room in the bucket, or have its limit raised"
        return f"there is no room left: {endpoint} answered {code or status}", hint
    if code == "RequestTimeTooSkewed":
        return "this machine's clock is wrong", "set it, then run the same command again"
    if status == 403:
        hint = "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the app, and what this key may do"
        return f"{endpoint} refuses our key", hint
    if code == "NoSuchBucket":
        return f"there is no such bucket at {endpoint}", "see S3_BUCKET or BUCKET_NAME of the app"
    said = "" if code in ("", str(status)) else f" {code}"
    hint = "run the same command again"
    hint += "; if it says so each time: is there room, is the storage well?" if status >= 500 else ""
    return f"{endpoint} answered {status}{said} to {doing}", hint


def _not_implemented(address: BucketAddress, doing: str, said: str) -> tuple[str, str]:
    """Return what a write means that the storage has not implemented: its condition, or its ACL."""
    if address.acl and "acl" in said.lower():
        what = f"{address.endpoint} knows no ACLs: it answered 501 to {doing}"
        return what, "leave acl out of the inventory"
    return f"{address.endpoint} {NO_CONDITIONS}: it answered 501 to {doing}", LOOK_FIRST


def _broken(address: BucketAddress, key: str, error: Exception) -> Problem:
    from botocore import exceptions

    gone = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)
    if isinstance(error, gone):
        return silence(address, key)
    text = str(error)
    return problem(address, key, text[:1].lower() + text[1:])


def _session() -> Any:
    """Return a session that takes nothing from the user's AWS profile, which is about other buckets."""
    from botocore.session import Session

    nothing = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
    return Session(session_vars={name: (None, None, value, None) for name, value in nothing.items()})
