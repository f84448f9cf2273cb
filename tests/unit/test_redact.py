"""Secrets print as `[hidden]` wherever they go."""

import pickle

import pytest

from maulstick.redact import HIDDEN, Secret, hide, password_of, with_address


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{:>8}".format, lambda one: f"{one!r}"])
def test_a_secret_does_not_show_itself(show):
    assert "hunter" not in show(Secret("hunter"))


def test_a_secret_does_not_travel_in_a_pickle():
    assert b"hunter" not in pickle.dumps(Secret("hunter"))


@pytest.mark.parametrize(
    "address",
    ["postgresql://me:p%40ss@host/db", "postgresql://me@host/db?sslmode=disable&password=p%40ss"],
)
def test_a_password_is_found_wherever_an_address_holds_it(address):
    password = password_of(Secret(address))
    assert password.reveal() == "p%40ss"
    assert hide("tried p@ss and p%40ss", password) == f"tried {HIDDEN} and {HIDDEN}"


def test_an_address_moves_and_keeps_who_asks_and_how():
    moved = with_address(Secret("postgres://me:secret@x.flycast:5432/db?sslmode=disable"), "127.0.0.1", 7)
    assert moved.reveal() == "postgres://me:secret@127.0.0.1:7/db?sslmode=disable"
