"""What the site reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SiteBucket:
    """Where the pictures are, and the key for it."""

    endpoint: str
    name: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Everything the site needs to answer a request."""

    database_url: str = field(repr=False)
    bucket: SiteBucket
    public_url: str
    host: str
    release: str
    preview_token: str = field(default="", repr=False)


def read(environment: Mapping[str, str]) -> SiteSettings:
    """Read the settings from the environment of the app.

    Names and fallbacks are those of the real site (`S3_HOST` for the endpoint, `BUCKET_NAME` for the bucket);
    a required name that is missing raises KeyError.
    """
    return SiteSettings(
        database_url=environment["DATABASE_URL"],
        bucket=_bucket(environment),
        public_url=environment["S3_PUBLIC_URL"].rstrip("/"),
        host=environment.get("PHX_HOST", "localhost"),
        release=environment.get("FLY_IMAGE_LABEL_GIT_SHA", ""),
        preview_token=environment.get("SECRET_KEY_BASE", ""),
    )


def _bucket(environment: Mapping[str, str]) -> SiteBucket:
    return SiteBucket(
        endpoint=_endpoint(environment).rstrip("/"),
        name=environment.get("S3_BUCKET") or environment["BUCKET_NAME"],
        region=environment.get("AWS_REGION", "auto"),
        access_key=environment["AWS_ACCESS_KEY_ID"],
        secret_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def _endpoint(environment: Mapping[str, str]) -> str:
    given = environment.get("AWS_ENDPOINT_URL_S3")
    return given or f"https://{environment['S3_HOST']}"
