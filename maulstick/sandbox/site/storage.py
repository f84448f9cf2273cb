"""The bucket as the site reads it: signed requests, answered in a stream."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from maulstick.sandbox.site.settings import SiteBucket

# Connections that the storage closed meanwhile are tried again; an answer, even a bad one, is passed on.
RETRIES = urllib3.Retry(total=2, redirect=0, status=0, backoff_factor=0.1)
TIMEOUT = urllib3.Timeout(connect=3, read=30)


class SiteStorage:
    """A pool of connections to one bucket."""

    def __init__(self, bucket: SiteBucket) -> None:
        self._folder = f"{bucket.endpoint}/{quote(bucket.name)}/"
        self._auth: Any = S3SigV4Auth(Credentials(bucket.access_key, bucket.secret_key), "s3", bucket.region)
        self._pool = urllib3.PoolManager(maxsize=8, retries=RETRIES, timeout=TIMEOUT)

    def ask(self, method: str, key: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Ask for exactly this key; return the answer with its body unread.

        Raises urllib3's HTTPError where the storage does not answer.
        """
        address = self._folder + quote(key, safe="/~")
        request: Any = AWSRequest(method=method, url=address, headers=dict(headers))
        self._auth.add_auth(request)
        return self._pool.request(
            method, address, headers=dict(request.headers.items()), preload_content=False, redirect=False
        )
