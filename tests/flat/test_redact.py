"""Secrets print as `[hidden]` wherever they go."""

import pickle
from urllib.parse import quote

import pytest

from maulstick.project.dsn import passwords_of
from maulstick.redact import HIDDEN, Secret, hide, with_address


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{:>8}".format, lambda one: f"{one!r}"])
def test_a_secret_does_not_show_itself(show):
    assert "hunter" not in show(Secret("hunter"))


def test_a_secret_does_not_travel_in_a_pickle():
    assert b"hunter" not in pickle.dumps(Secret("hunter"))


ADDRESSES = {
    "postgresql://me:p%40ss@host/db": "p@ss",
    "postgresql://me:p%40ss@a:1,b:2/db": "p@ss",
    "postgresql+asyncpg://me:p@ss@host/db?pool_size=3": "p@ss",
    "postgresql://me@host/db?sslmode=disable&password=p%40ss": "p@ss",
    "postgresql://host/db?password=p%40ss": "p@ss",
    "postgresql://me@host/db?sslcert=a.pem&sslpassword=p%40ss": "p@ss",
    "postgresql://me:p@ss@host:none/db": "p@ss",
    "host=h dbname=db user=me password='p w\\'s'": "p w's",
    "host=h dbname=db password=p%40ss": "p%40ss",
    "host=h user=me password='a b'": "a b",
    "host=a,b port=1,2 password = pw passfile=/nowhere": "pw",
    "service=shop password=pw": "pw",
    "Host=h;Database=db;Username=me;Password=p-w": "p-w",
    "jdbc:postgresql://h/db?user=me&password=p%40ss": "p@ss",
}


@pytest.mark.parametrize(("address", "password"), ADDRESSES.items())
def test_a_password_is_found_wherever_an_address_holds_it(address, password):
    secrets = passwords_of(Secret(address))
    assert password not in hide(f"tried {password} and {quote(password)}", *secrets)


def test_each_password_of_an_address_is_found():
    secrets = passwords_of(Secret("postgres://me:one@h/db?sslpassword=two"))
    assert hide("one two me h db", *secrets) == f"{HIDDEN} {HIDDEN} me h db"


@pytest.mark.parametrize("address", ["postgres://me@h/db", "host=h user=me", "service=shop", "", "pa55", "="])
def test_an_address_without_a_password_hides_nothing(address):
    assert passwords_of(Secret(address)) == ()


def test_an_address_moves_and_keeps_who_asks_and_how():
    moved = with_address(Secret("postgres://me:secret@x.flycast:5432/db?sslmode=disable"), "127.0.0.1", 7)
    assert moved.reveal() == "postgres://me:secret@127.0.0.1:7/db?sslmode=disable"
