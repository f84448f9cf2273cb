"""What stands in a target's environment: read by name, and every mistake with its place."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.direct_host import DirectHost, open_direct
from maulstick.hosts.environment import bucket_address, database_url
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import Target, load
from maulstick.redact import Secret

INVENTORY = """
default = "live"
[source]
database = "postgresql:///olivia_dev"
media_root = "static"
[targets.live]
host = "direct"
site = "https://gallery.example"
environment = ".env.live"
[targets.shell]
host = "direct"
site = "https://gallery.example"
[targets.fly]
host = "fly"
app = "gallery"
site = "https://gallery.example"
"""
BUCKET = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "pa55",
    "AWS_ENDPOINT_URL_S3": "https://minio.example",
    "S3_BUCKET": "pictures",
    "S3_PUBLIC_URL": "https://pictures.example/",
}


@pytest.fixture
def targets(tmp_path: Path) -> dict[str, Target]:
    """The targets of an inventory: live with a file, shell without, and fly."""
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    return dict(load(tmp_path / "inventory.toml", own_kinds()).targets)


def opened(target: Target) -> DirectHost:
    """Return the way to a target that is reached directly."""
    return open_direct(target, ExitStack(), print)


def secrets(**found: str) -> dict[str, Secret]:
    """Return values as a host gives them."""
    return {name: Secret(value) for name, value in found.items()}


def says(target: Target, **found: str) -> str:
    """Return what is wrong with these values."""
    with pytest.raises(Problem) as caught:
        bucket_address(target, secrets(**found))
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "ecto"])
def test_an_address_of_ecto_is_one_of_postgresql(targets: dict[str, Target], scheme: str) -> None:
    found = secrets(DATABASE_URL=f"{scheme}://u:pa55@h/d?sslmode=require")
    told = database_url(found, targets["live"]).reveal().replace("postgres://", "postgresql://")
    assert told == "postgresql://u:pa55@h/d?sslmode=require"


@pytest.mark.parametrize("url", ["mysql://u:pa55@h/d", "u:pa55@h/d", "pa55"])
def test_another_address_is_refused_and_not_shown(targets: dict[str, Target], url: str) -> None:
    with pytest.raises(Problem) as caught:
        database_url(secrets(DATABASE_URL=url), targets["live"])
    assert caught.value.code == Exit.USAGE
    assert str(caught.value) == (
        "live/DATABASE_URL: is not the address of a PostgreSQL database\n"
        "  hint: postgresql://USER:PASSWORD@HOST/NAME"
    )


def test_a_bucket_is_read(targets: dict[str, Target]) -> None:
    found = bucket_address(targets["live"], secrets(**BUCKET))
    assert (found.endpoint, found.name, found.region) == ("https://minio.example", "pictures", "auto")
    assert found.public_url == "https://pictures.example"
    assert "pa55" not in repr(found)


@pytest.mark.parametrize(
    ("written", "endpoint"),
    [
        ("minio.example", "https://minio.example"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("https://p.storage.supabase.co/storage/v1/s3", "https://p.storage.supabase.co/storage/v1/s3"),
    ],
)
def test_a_server_is_written_in_many_ways(targets: dict[str, Target], written: str, endpoint: str) -> None:
    found = secrets(**{**BUCKET, "AWS_ENDPOINT_URL_S3": written})
    assert bucket_address(targets["live"], found).endpoint == endpoint


def test_a_server_with_the_bucket_behind_it_is_refused(targets: dict[str, Target]) -> None:
    found = says(targets["live"], **{**BUCKET, "AWS_ENDPOINT_URL_S3": "https://x.r2.example/pictures"})
    assert found == (
        'live/AWS_ENDPOINT_URL_S3 or S3_HOST: ends with the bucket, "pictures"\n'
        "  hint: the server alone: https://HOST"
    )


@pytest.mark.parametrize("written", ["http://127.0.0.1:126634", "https://:443", "http://[::1"])
def test_what_is_no_server_is_refused(targets: dict[str, Target], written: str) -> None:
    found = says(targets["live"], **{**BUCKET, "AWS_ENDPOINT_URL_S3": written})
    assert found.startswith("live/AWS_ENDPOINT_URL_S3 or S3_HOST: is not the address of a server\n")


@pytest.mark.parametrize("server", ["https://fly.storage.tigris.dev", "t3.storage.dev"])
def test_the_public_address_of_tigris_is_known(targets: dict[str, Target], server: str) -> None:
    found = secrets(**{**BUCKET, "AWS_ENDPOINT_URL_S3": server})
    del found["S3_PUBLIC_URL"]
    assert bucket_address(targets["live"], found).public_url == "https://pictures.fly.storage.tigris.dev"


HINTS = {
    "live": ('is not set in ".env.live"', "add a line: S3_PUBLIC_URL=…"),
    "shell": (
        "is not set in the environment",
        'export S3_PUBLIC_URL=…, or name a file: environment = ".env.shell"',
    ),
    "fly": ("is not set in the environment", "fly secrets set S3_PUBLIC_URL=… -a gallery"),
}


@pytest.mark.parametrize("name", HINTS)
def test_what_is_missing_is_named_with_the_place_to_write_it(targets: dict[str, Target], name: str) -> None:
    found = says(targets[name], **{key: value for key, value in BUCKET.items() if key != "S3_PUBLIC_URL"})
    what, hint = HINTS[name]
    assert found == f"{targets[name].address or name}/S3_PUBLIC_URL: {what}\n  hint: {hint}"


def test_a_file_stands_alone_and_reads_the_shell_by_name(
    targets: dict[str, Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_BUCKET", "of-the-shell")
    monkeypatch.setenv("WORD", "pa55")
    (tmp_path / ".env.live").write_text("DATABASE_URL=postgresql://u:${WORD}@h/d\nPATH=x\n")
    assert opened(targets["live"]).environment == secrets(DATABASE_URL="postgresql://u:pa55@h/d")
    assert opened(targets["shell"]).environment["S3_BUCKET"] == Secret("of-the-shell")


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, '".env.live" does not exist'), (b"\xff\xfe", '".env.live" is not UTF-8 text')],
)
def test_a_file_that_cannot_be_read_is_named(
    targets: dict[str, Target], tmp_path: Path, content: bytes | None, what: str
) -> None:
    if content is not None:
        (tmp_path / ".env.live").write_bytes(content)
    with pytest.raises(Problem) as caught:
        opened(targets["live"]).environment  # noqa: B018 - reading it is the test
    assert str(caught.value).startswith(f"targets/live/environment: {what}")
    assert caught.value.code == Exit.USAGE


def test_a_machine_is_refused(targets: dict[str, Target]) -> None:
    with pytest.raises(Problem, match="has no machine to run commands on"):
        opened(targets["live"]).machine  # noqa: B018 - asking is the test
