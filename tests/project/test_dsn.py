"""An address of a database is understood whichever driver it was written for."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from maulstick.postgres.connection import libpq_address
from maulstick.project.dsn import passwords_of
from maulstick.redact import Secret, hide


def read(text: str) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return what libpq reads of an address, and what is said."""
    address = libpq_address(Secret(text))
    assert address is not None
    assert libpq_address(address[0]) == (address[0], ())  # once is enough
    return dict(conninfo_to_dict(address[0].reveal())), tuple(address[1])


@pytest.mark.parametrize(
    "scheme",
    [
        "postgresql",
        "postgres",
        "ecto",
        "postgis",
        "postgresql+asyncpg",
        "postgresql+psycopg2",
        "POSTGRES",
        "jdbc:postgresql",
        "timescalegis",
    ],
)
def test_a_scheme_of_another_driver_is_postgresql(scheme: str) -> None:
    assert read(f"{scheme}://me:pw@h:5433/db") == (
        {"user": "me", "password": "pw", "host": "h", "port": "5433", "dbname": "db"},
        (),
    )


@pytest.mark.parametrize(
    "parameter",
    [
        "pgbouncer=true",
        "pgbouncer",
        "pool_size=10",
        "connection_limit=5",
        "socket_timeout=3",
        "statement_cache_size=0",
        "uselibpqcompat=true",
        "prepareThreshold=0",
        "charset=utf8",
    ],
)
def test_what_another_driver_means_for_itself_is_left_out_and_said(parameter: str) -> None:
    found, said = read(f"postgres://me@h/db?{parameter}&connect_timeout=7")
    assert found == {"user": "me", "host": "h", "dbname": "db", "connect_timeout": "7"}
    assert said == (f"{parameter.partition('=')[0]}: left out, another driver's own",)


@pytest.mark.parametrize(
    ("parameter", "mode"),
    [
        ("ssl=true", "require"),
        ("ssl=1", "require"),
        ("ssl=no-verify", "require"),
        ("ssl=verify-full", "verify-full"),
        ("ssl=false", None),
        ("sslmode=no-verify", "require"),
        ("sslmode=verify_ca", "verify-ca"),
        ("sslMode=verify-full", "verify-full"),
        ("sslmode=disable", "disable"),
        ("sslmode=whatever", "require"),
        ("sslmode=verify-full&ssl=true", "verify-full"),
        ("ssl=true&sslmode=verify-full", "verify-full"),
    ],
)
def test_encryption_is_never_weaker_than_was_meant(parameter: str, mode: str | None) -> None:
    found, said = read(f"postgres://me@h/db?{parameter}")
    assert found.get("sslmode") == mode
    plain = {"sslmode=disable", "sslMode=verify-full"}
    assert bool(said) == (parameter not in plain)


@pytest.mark.parametrize("name", ["schema", "currentSchema", "search_path"])
def test_a_schema_is_not_silently_without_meaning(name: str) -> None:
    found, (said,) = read(f"postgresql://me@h/db?{name}=shop")
    assert found == {"user": "me", "host": "h", "dbname": "db"}
    assert said.startswith(f"{name}=shop is left out")
    assert 'Table("shop.artworks")' in said


@pytest.mark.parametrize(
    "password", ["p@ss", "p/ss", "p#ss", "p?ss", "p:ss", "p%ss", "p[ss", "p ss", "&=+", "pä裸", "a@b/c?d#e"]
)
def test_a_password_may_hold_anything(password: str) -> None:
    found, said = read(f"postgres://me:{password}@h:5433/db?sslmode=require")
    assert found == {
        "user": "me",
        "password": password,
        "host": "h",
        "port": "5433",
        "dbname": "db",
        "sslmode": "require",
    }
    assert said == ()
    assert password not in hide(f"tried {password}", *passwords_of(Secret(f"postgres://me:{password}@h/db")))


@pytest.mark.parametrize("user", ["me@server", "a@b@c"])
def test_a_user_may_hold_the_sign_that_ends_it(user: str) -> None:
    found, _ = read(f"postgres://{user}:p@ss@h:5433/db")
    assert (found["user"], found["password"], found["host"]) == (user, "p@ss", "h")


@pytest.mark.parametrize("where", ["%F6", "me:%F6", "me:pw%E4"])
def test_what_is_quoted_in_another_encoding_is_no_address(where: str) -> None:
    url = Secret(f"postgres://{where}@h/db")
    assert libpq_address(url) is None
    assert [secret.reveal() for secret in passwords_of(url)] == [*where.partition(":")[2:]] * (":" in where)


@pytest.mark.parametrize("beside", ["", "&pool_size=3", "&sslidentity=x.p12"])
def test_the_password_of_a_key_is_a_secret_whatever_stands_beside_it(beside: str) -> None:
    secrets = passwords_of(Secret(f"postgres://me:pw@h/db?sslpassword=of-the-key{beside}"))
    assert {secret.reveal() for secret in secrets} == {"pw", "of-the-key"}


def test_a_quoted_password_stays_what_it_is() -> None:
    assert read("postgres://me:p%40%2F%25ss@h/db")[0]["password"] == "p@/%ss"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host=h port=5433 dbname=db user=me password='p w\\'s'", {"password": "p w's", "port": "5433"}),
        ("host=h dbname='db' user=me pool_size=3", {}),
        ("jdbc:postgresql://h/db?user=me&password=p%40", {"password": "p@"}),
        ("  'postgres://me@h/db' ", {}),
        ("postgres://me@h/db?options=-c%20search_path%3Dshop", {"options": "-c search_path=shop"}),
        ("postgres://me@h/db?options=-c search_path=shop", {"options": "-c search_path=shop"}),
    ],
)
def test_other_ways_to_write_it(text: str, expected: dict[str, str]) -> None:
    assert read(text)[0] == {"user": "me", "host": "h", "dbname": "db", **expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql:///db?host=/tmp", {"dbname": "db", "host": "/tmp"}),
        ("host=/tmp dbname=db", {"dbname": "db", "host": "/tmp"}),
        ("postgresql://[::1]:5433/db", {"dbname": "db", "host": "::1", "port": "5433"}),
        ("postgresql://a:1,b:2/db", {"dbname": "db", "host": "a,b", "port": "1,2"}),
        ("postgresql:///db?host=a:1&host=b:2", {"dbname": "db", "host": "a,b", "port": "1,2"}),
    ],
)
def test_hosts_of_every_form(text: str, expected: dict[str, str]) -> None:
    assert read(text)[0] == expected


@pytest.mark.parametrize("text", ["mysql://h/db", "pa55", "me:pa55@h/db", "", "http://postgres"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert libpq_address(Secret(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Host=h;Port=5432;Database=db;Username=me;Password=pw",
        "server=h;database=db;pwd=pw",
        "DATABASE_URL=postgres://me:pw@h/db",
        "host=h user=me password=pw",
    ],
)
def test_words_that_name_no_database_are_another_drivers(text: str) -> None:
    assert libpq_address(Secret(text)) is None
