"""Requests are signed as botocore signs them, byte for byte."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from maulstick.bucket_signing import Signer
from maulstick.redact import Secret

KEY_ID, SECRET, HOST = "tid_x", "tsec+/x", "bucket.fly.storage.tigris.dev"
BODY = "9f" * 32
NAMES = st.text("abcxyz-ABC", min_size=1, max_size=12).map("x-amz-meta-{}".format)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
QUERY = st.dictionaries(st.text("abz-A", min_size=1, max_size=5), st.text(max_size=8), max_size=4)


class Known(auth.S3SigV4Auth):
    """botocore's signer, told the digest, and with only ASCII's blanks as blanks."""

    def payload(self, request):
        return BODY

    def _header_value(self, value):
        return b" ".join(value.encode("latin-1").split()).decode("latin-1")

    def string_to_sign(self, request, canonical_request):
        return super().string_to_sign(request, Latin(canonical_request))


class Latin(str):
    """A request as it goes over the wire: headers are latin-1."""

    def encode(self, *_):
        return super().encode("latin-1")


def by_botocore(method, path, query, headers):
    request = AWSRequest(method, f"https://{HOST}{path}" + (f"?{query}" if query else ""), headers)
    Known(Credentials(KEY_ID, SECRET), "s3", "auto").add_auth(request)
    return dict(request.headers.items())


def ours(method, path, query, headers, at):
    signer = Signer(Secret(KEY_ID), Secret(SECRET), "auto")
    now = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signer.signed(method, path, query, headers, sha256=BODY, now=now)


@given(
    method=st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE"]),
    key=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    query=QUERY,
    headers=st.dictionaries(NAMES, VALUES, max_size=5),
)
def test_every_request_is_signed_as_botocore_does(method, key, query, headers):
    path, asked = f"/{quote(key, safe='/~')}", urlencode(query, quote_via=quote)
    named = {name.lower(): value for name, value in headers.items()} | {"Host": HOST, "If-None-Match": "*"}
    theirs = by_botocore(method, path, asked, named)
    assert ours(method, path, asked, named, theirs["X-Amz-Date"])["Authorization"] == theirs["Authorization"]


def test_each_day_has_its_own_key():
    now = datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC)
    signer = Signer(Secret(KEY_ID), Secret(SECRET), "auto")
    today, tomorrow, again = (
        signer.signed("GET", "/x", "", {"Host": HOST}, sha256=BODY, now=at)["Authorization"]
        for at in (now, now + timedelta(seconds=1), now)
    )
    assert today == again != tomorrow
    assert "/20261128/auto/s3/aws4_request" in tomorrow


@pytest.mark.parametrize("text", [repr, str, "{}".format])
def test_a_signer_shows_no_secret(text):
    assert SECRET not in text(vars(Signer(Secret(KEY_ID), Secret(SECRET), "auto")))
