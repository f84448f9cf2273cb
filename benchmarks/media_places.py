"""The S3 server that uploads are measured with: its buckets are empty, and everybody may read them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from PIL import Image, ImageOps

from maulstick.sandbox.storage import SeaweedFS, start_storage

NAME, KEY_ID, SECRET = "bench", "tid_of_a_benchmark", "tsec_of_a_benchmark"
BATCH = 1000
"""Objects that are deleted by one request."""


def client(endpoint: str) -> Any:
    """Return boto3's client for the benchmark's server."""
    config = Config(s3={"addressing_style": "path"}, proxies={})
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config, **keys)


@contextmanager
def server() -> Iterator[SeaweedFS]:
    """Start an S3 server with an empty bucket for the block."""
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        storage, running = start_storage(Path(folder), key=KEY_ID, secret=SECRET)
        try:
            make(storage.address, NAME)
            yield storage
        finally:
            storage.down(running)


def make(endpoint: str, name: str) -> None:
    """Make a bucket whose objects everybody may read."""
    there = client(endpoint)
    there.create_bucket(Bucket=name)
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": f"arn:aws:s3:::{name}/*"}]}
    there.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


def empty(endpoint: str, name: str) -> None:
    """Delete all objects of a bucket."""
    there = client(endpoint)
    while keys := [{"Key": one["Key"]} for one in there.list_objects_v2(Bucket=name).get("Contents", ())]:
        there.delete_objects(Bucket=name, Delete={"Objects": keys[:BATCH]})


def change_one_in_hundred(folder: Path) -> None:
    """Put another picture in the place of every hundredth."""
    for path in sorted(folder.rglob("*.jpg"))[::100]:
        with Image.open(path) as picture:
            changed = ImageOps.mirror(picture)
        changed.save(path, quality=85)
