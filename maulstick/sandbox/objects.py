"""What the production bucket holds on the first day."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from maulstick.sandbox.storage import Storage

BUCKET = "olivia-art-portfolio"
WORKERS = 4


def restore(storage: Storage, *, keys: Sequence[str], media: Path, bucket: str = BUCKET) -> None:
    """Empty the bucket, which is created if it is missing, and put these files of a media folder into it."""
    client = client_of(storage)
    known = [one["Name"] for one in client.list_buckets()["Buckets"]]
    if bucket not in known:
        client.create_bucket(Bucket=bucket)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda key: client.delete_object(Bucket=bucket, Key=key), keys_of(client, bucket)))
        list(pool.map(lambda key: _put(client, bucket, key, media / key), keys))


def _put(client: Any, bucket: str, key: str, path: Path) -> None:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=kind)


def keys_of(client: Any, bucket: str) -> list[str]:
    """List the keys of a bucket."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]


def client_of(storage: Storage) -> Any:
    """Return boto3's client of a storage."""
    import boto3
    from botocore.config import Config

    config = Config(
        s3={"addressing_style": "path"},
        proxies={},
        request_checksum_calculation="when_required",
        max_pool_connections=WORKERS,
        retries={"total_max_attempts": 5},
    )
    return boto3.client(
        "s3",
        endpoint_url=storage.address,
        region_name="auto",
        aws_access_key_id=storage.access_key,
        aws_secret_access_key=storage.secret_key,
        config=config,
    )
