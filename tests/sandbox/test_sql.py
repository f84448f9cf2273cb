"""SQL that is typed at the sandbox's two databases."""

from __future__ import annotations

import os
import subprocess

import pytest

from maulstick.cli.program import Maulstick
from maulstick.errors import Problem
from maulstick.sandbox import databases


def test_rows_are_lines_and_statements_say_what_they_did(sandbox):
    text = "create temp table t (a int, b text); insert into t values (1, null), (2, 'x'); select * from t"
    lines = [*databases.answers(sandbox.source_database, text)]
    assert lines == ["CREATE TABLE", "INSERT 0 2", "1 | null", "2 | x"]


def test_each_side_is_a_database_of_its_own(sandbox):
    addresses = sandbox.source_database, sandbox.production_database
    names = [next(databases.answers(address, "select current_database()")) for address in addresses]
    assert names == ["olivia_dev", "olivia_art_portfolio"]


def test_what_postgresql_refuses_is_a_problem(sandbox):
    with pytest.raises(Problem, match='relation "nothing" does not exist'):
        list(databases.answers(sandbox.source_database, "select * from nothing"))


def test_psql_is_told_the_password_by_its_environment(sandbox):
    words, environment = databases.client("psql", sandbox.production_database)
    assert not any(environment["PGPASSWORD"] in word for word in words)
    command = [*words, "-X", "-A", "-t", "-c", "select current_user"]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "olivia_art_portfolio\n"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (
            ("sandbox.sql", "local", "select 1"),
            ["sandbox.sql", "--side", "local", "--sql", "select 1"],
        ),
        (("sandbox.sql", "--side", "local"), ["sandbox.sql", "--side", "local"]),
        (("sandbox.psql", "production"), ["sandbox.psql", "--side", "production"]),
        (("init", "gallery", "--yes"), ["init", "--folder", "gallery", "--yes"]),
        (("plugins.new", "post", "--table", "posts"), ["plugins.new", "--name", "post", "--table", "posts"]),
    ],
)
def test_words_stand_for_options(typed, read):
    program = Maulstick(name="Maulstick", binary="maulstick")
    program.normalize_argv(["maulstick", *typed])
    assert program.argv == ["maulstick", *read]
