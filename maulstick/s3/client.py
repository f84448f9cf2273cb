"""Where a bucket is, boto3's client for it, and what the refusals of a storage mean to a person."""

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
PLAIN = "/!(),:;=@"
"""What browsers and urllib3 send unquoted; a plus sign, for one, is a blank to some servers."""
TIGRIS = ("storage.tigris.dev", "t3.storage.dev")
CONSISTENT = {"X-Tigris-Consistent": "true"}
UNDER_CONDITIONS = ("PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject")
NO_CONDITIONS = "knows no conditional writes"
LOOK_FIRST = "set conditional_writes = false for this target; docs/media.md says what that costs"

AGAIN = "run the same command again"
FULL = ("QuotaExceeded", "XMinioStorageFull", "StorageFull", "InsufficientStorage", "QuotaExceededError", 507)
"""What storages call having no room, some of them with status 403."""
MEANINGS: Mapping[str | int, tuple[str, str]] = {
    **dict.fromkeys(
        FULL,
        ("there is no room left: {endpoint} answered {code}", "make room in the bucket, or raise its limit"),
    ),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", f"set it, then {AGAIN}"),
    "NoSuchBucket": ("there is no such bucket at {endpoint}", "see S3_BUCKET or BUCKET_NAME of the app"),
    403: (
        "{endpoint} refuses our key",
        "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the app, and what this key may do",
    ),
}
"""What a storage's code, or else its status, means and what to do about it."""


class StorageRefusal(Problem):
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
    """List the parts of the storage's address; a problem (exit 2) where it is none."""
    parts = urlsplit(address.endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = (
            "it comes from AWS_ENDPOINT_URL_S3 or S3_HOST of the app, such as https://fly.storage.tigris.dev"
        )
        raise usage("bucket", f'"{address.endpoint}" is not the address of a storage', hint)
    return parts


def every_request(address: BucketAddress) -> Mapping[str, str]:
    """List the headers that every request to a storage has.

    Tigris answers from the region nearest to us, which may be behind, unless a request says that it must not
    be (https://www.tigrisdata.com/docs/objects/consistency/).
    """
    host = require_endpoint(address).hostname or ""
    return CONSISTENT if any(f".{host}".endswith(f".{name}") for name in TIGRIS) else {}


def connect(address: BucketAddress, attempts: int) -> Any:
    """Return boto3's client for a bucket, which asks up to `attempts` times; nothing is sent yet.

    It takes nothing from the user's AWS profile, which is about other buckets.
    """
    import boto3
    from botocore.config import Config
    from botocore.session import Session

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
    nothing = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
    session = Session(session_vars={name: (None, None, value, None) for name, value in nothing.items()})
    client = boto3.Session(botocore_session=session).client(
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
    """Turn what goes wrong with boto3's client in the block into a problem naming the bucket and the key."""
    from botocore import exceptions

    silent = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)
    try:
        yield
    except exceptions.ClientError as error:
        said = error.response.get("Error", {})
        raise refusal(
            address,
            key,
            status=int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
            code=str(said.get("Code", "")),
            doing=str(error.operation_name),
            said=str(said.get("Message", "")),
        ) from error
    except silent as error:
        raise silence(address, key) from error
    except exceptions.BotoCoreError as error:
        text = str(error)
        raise problem(address, key, text[:1].lower() + text[1:]) from error


def problem(address: BucketAddress, key: str, what: str, hint: str = "") -> Problem:
    """Describe a problem of a bucket, or of the object under a key of it."""
    return Problem(_where(address, key), hide(what, address.key_id, address.secret), hint)


def refusal(
    address: BucketAddress, key: str, *, status: int, code: str, doing: str, said: str = ""
) -> StorageRefusal:
    """Return the problem of a storage that answers no; `code` is its own word for why, `said` all it said."""
    meaning = MEANINGS.get(code) or MEANINGS.get(status)
    if status == 501 and doing in UNDER_CONDITIONS and address.conditional_writes:
        meaning = "{endpoint} " + f"{NO_CONDITIONS}: it answered 501 to {doing}", LOOK_FIRST
        if address.acl and "acl" in said.lower():
            meaning = (
                "{endpoint} " + f"knows no ACLs: it answered 501 to {doing}",
                "leave acl out of the inventory",
            )
    if meaning is None:
        word = "" if code in ("", str(status)) else f" {code}"
        room = "; if it says so each time: is there room, is the storage well?" if status >= 500 else ""
        meaning = "{endpoint} answered " + f"{status}{word} to {doing}", AGAIN + room
    what = meaning[0].replace("{endpoint}", address.endpoint).replace("{code}", code or str(status))
    return StorageRefusal(
        _where(address, "" if code == "NoSuchBucket" else key),
        hide(what, address.key_id, address.secret),
        meaning[1],
        status=status,
        code=Exit.REFUSED if code in FULL or status in FULL else Exit.FAILED,
    )


def silence(address: BucketAddress, key: str) -> Problem:
    """Describe the problem of a storage that does not answer at all."""
    hint = f"see AWS_ENDPOINT_URL_S3 of the app and the network; then {AGAIN}"
    return problem(address, key, f"{address.endpoint} does not answer", hint)


def _where(address: BucketAddress, key: str) -> str:
    return f"bucket {address.name}/{key}" if key else f"bucket {address.name}"
