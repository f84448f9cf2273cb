from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from maulstick.media.compare import compare
from maulstick.media.paths import describe
from maulstick.media.sources import Folder, Places
from maulstick.media.transfer import upload
from maulstick.redact import Secret
from maulstick.s3.bucket import Bucket, BucketAddress

NAME = "gallery"
KEY_ID, SECRET = "tid_visible_to_nobody", "tsec_visible+to/nobody"


def address_of(endpoint, **other):
    fields = {"endpoint": endpoint, "region": "auto", "name": NAME, "addressing": "path", "acl": None}
    secrets = {"key_id": Secret(KEY_ID), "secret": Secret(SECRET)}
    return BucketAddress(**{**fields, **secrets, "public_url": f"{endpoint}/{NAME}", **other})


@dataclass
class Gallery:
    """A media folder and the bucket it is released to."""

    root: Path
    bucket: Bucket
    told: list[int] = field(default_factory=list)

    def file(self, path, content=b"a picture"):
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return describe(self.root, path)

    def send(self, *files, progress=None):
        items = compare(self.bucket, files)
        self.bring(items, progress=progress)
        return {item.file.key: item.action for item in items}

    def bring(self, items, progress=None, **given):
        told = progress or self.told.append
        return upload(self.bucket, items, places=Places(Folder(self.root)), progress=told, **given)

    @contextmanager
    def asked(self):
        """Yield what is asked of the bucket in the block, such as `PUT uploads/x.jpg`."""
        asked, ask = [], self.bucket.wire.ask

        def told(method, key="", **other):
            asked.append(f"{method} {key}")
            return ask(method, key, **other)

        def told_by_boto3(request, **_):
            asked.append(f"{request.method} {unquote(urlsplit(request.url).path).removeprefix(f'/{NAME}/')}")

        self.bucket.wire.ask = told
        events = self.bucket.client.meta.events if "_client" in vars(self.bucket) else None
        if events:
            events.register("before-send.s3", told_by_boto3)
        try:
            yield asked
        finally:
            del self.bucket.wire.ask
            if events:
                events.unregister("before-send.s3", told_by_boto3)

    def by_hand(self, key, content, **headers):
        self.bucket.client.put_object(Bucket=NAME, Key=key, Body=content, **headers)

    def content(self, key):
        return self.bucket.client.get_object(Bucket=NAME, Key=key)["Body"].read()

    def unfinished(self):
        return self.bucket.client.list_multipart_uploads(Bucket=NAME).get("Uploads", [])
