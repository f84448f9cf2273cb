"""The doctor says where somebody in between could read what a release says, or answer for a server."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from maulstick.doctor import environment
from maulstick.redact import Secret

AWAY = "postgres://me:secret@db.example.com/site"
WEAK = {
    AWAY: "is encrypted only if the server offers it (sslmode=prefer)",
    f"{AWAY}?sslmode=disable": "is not encrypted (sslmode=disable)",
    f"{AWAY}?sslmode=allow": "is encrypted only if the server insists (sslmode=allow)",
    f"{AWAY}?sslmode=require": "is encrypted, and whoever answers is believed (sslmode=require)",
    f"{AWAY}?ssl=true": "is encrypted, and whoever answers is believed (sslmode=require)",
    "host=10.0.0.5 dbname=site": "is encrypted only if the server offers it (sslmode=prefer)",
    "postgres://127.0.0.1,db.example.com/site": "is encrypted only if the server offers it (sslmode=prefer)",
}
GOOD = (
    f"{AWAY}?sslmode=verify-full",
    f"{AWAY}?sslmode=verify-ca&sslrootcert=ca.pem",
    f"{AWAY}?sslmode=require&sslrootcert=ca.pem",
    "postgres://me@localhost:5433/site",
    "postgres://me@127.0.0.1/site?sslmode=disable",
    "host=/var/run/postgresql dbname=site",
    "postgresql:///site",
)


@pytest.fixture(autouse=True)
def without_settings(monkeypatch, tmp_path):
    for name in ("PGSSLMODE", "PGSSLROOTCERT", "PGHOST", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path / "root.crt")


def context(database=GOOD[3], endpoint="https://s3.example", site="https://site.example", plan=None):
    """Return what the doctor knows of a target."""
    values = {
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL_S3": endpoint,
        "S3_BUCKET": "c", "S3_PUBLIC_URL": "http://127.0.0.1/c",
    }  # fmt: skip
    target = SimpleNamespace(
        name="live", address="", addressing="path", acl=None, conditional_writes=True, plan_database=plan
    )
    return SimpleNamespace(
        target=target,
        environment={name: Secret(value) for name, value in values.items()},
        host=SimpleNamespace(database=Secret(database), plan_database=plan),
        local=SimpleNamespace(database=Secret("postgresql:///here")),
        web=SimpleNamespace(site=site),
    )


@pytest.mark.parametrize("url", WEAK)
def test_a_weak_connection_is_said_with_what_to_write(url):
    finding = environment.encryption(context(url))
    assert finding.word == "warn"
    assert f"the database {WEAK[url]}" in finding.says
    assert "sslmode=verify-full" in finding.hint
    assert "secret" not in finding.says


@pytest.mark.parametrize("url", GOOD)
def test_a_server_that_is_proven_or_is_here_is_well(url):
    assert environment.encryption(context(url)).word == "ok"


def test_certificates_where_libpq_looks_for_them_prove_a_server_too(monkeypatch):
    environment.ROOT.touch()
    assert environment.weakness(Secret(f"{AWAY}?sslmode=require")) == ""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert environment.weakness(Secret(AWAY)) == ""


def test_each_address_without_https_is_named():
    finding = environment.encryption(
        context(endpoint="http://minio.example:9000", site="http://site.example", plan=Secret(AWAY))
    )
    assert "the bucket is not encrypted (http://minio.example:9000)" in finding.says
    assert "the site is not encrypted (http://site.example)" in finding.says
    assert "plan_database is encrypted only" in finding.says
    assert "public address" not in finding.says  # on this machine


def test_the_folder_where_libpq_looks_is_the_one_that_is_looked_at(monkeypatch):
    monkeypatch.undo()
    assert Path("~/.postgresql/root.crt") == environment.ROOT
