"""The campaign's bucket on a real storage: what is in it, set back to how it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

NAME = "gallery"
KEY_ID, SECRET = "tid_visible_to_nobody", "tsec_visible+to/nobody"
HEADERS = ("ContentType", "CacheControl", "Metadata")


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it was saved."""

    etag: str
    content: bytes
    headers: Mapping[str, Any]


@dataclass
class Bucket:
    """A bucket, reached without any line of ours."""

    endpoint: str

    @cached_property
    def client(self) -> Any:
        """Return boto3's client."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 8}),
        )

    def listed(self) -> dict[str, str]:
        """Return the ETag of each object."""
        listed = self.client.list_objects_v2(Bucket=NAME).get("Contents", ())
        return {one["Key"]: one["ETag"] for one in listed}

    def content(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        try:
            return bytes(self.client.get_object(Bucket=NAME, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def saved(self) -> dict[str, Object]:
        """Return all that is in the bucket."""
        saved = {}
        for key, etag in self.listed().items():
            answer = self.client.get_object(Bucket=NAME, Key=key)
            headers = {name: answer[name] for name in HEADERS if name in answer}
            saved[key] = Object(etag, answer["Body"].read(), headers)
        return saved

    def restore(self, saved: Mapping[str, Object]) -> None:
        """Set the bucket back to what was saved; what has the same bytes stays."""
        there = self.listed()
        for key in there.keys() - saved.keys():
            self.client.delete_object(Bucket=NAME, Key=key)
        for key, one in saved.items():
            if there.get(key) != one.etag:
                self.client.put_object(Bucket=NAME, Key=key, Body=one.content, **one.headers)
        for one in self.unfinished():
            self.client.abort_multipart_upload(Bucket=NAME, Key=one["Key"], UploadId=one["UploadId"])

    def unfinished(self) -> list[dict[str, Any]]:
        """Return the uploads in parts that nobody finished."""
        return list(self.client.list_multipart_uploads(Bucket=NAME).get("Uploads", ()))
