"""A large file in parts: in the bucket it is whole, or it is not there at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

from maulstick.content import MediaFile
from maulstick.media_root import changed

PART = 8 << 20
"""Bytes of one part, and of the largest file that goes in one piece."""


def send_parts(
    client: Any,
    source: BinaryIO,
    wanted: MediaFile,
    headers: Mapping[str, Any],
    progress: Callable[[int], None],
) -> None:
    """Send a file part by part; the parts are joined only if what was sent has the exported digest."""
    started = client.create_multipart_upload(**headers)
    upload = {"Bucket": headers["Bucket"], "Key": headers["Key"], "UploadId": started["UploadId"]}
    try:
        parts = list(_sent(client, source, wanted, upload, progress))
        client.complete_multipart_upload(MultipartUpload={"Parts": parts}, IfNoneMatch="*", **upload)
    except BaseException:
        with suppress(Exception):  # what went wrong before is what a person should read
            client.abort_multipart_upload(**upload)
        raise


def _sent(
    client: Any,
    source: BinaryIO,
    wanted: MediaFile,
    upload: Mapping[str, str],
    progress: Callable[[int], None],
) -> Iterator[Mapping[str, Any]]:
    digest, number = hashlib.sha256(), 0
    while part := source.read(PART):
        digest.update(part)
        number += 1
        answer = client.upload_part(Body=part, PartNumber=number, **upload)
        progress(len(part))
        yield {"PartNumber": number, "ETag": answer["ETag"]}
    if digest.hexdigest() != wanted.sha256:
        raise changed(wanted.path)
