"""Whatever is typed, stands in an environment, or is kept in a ledger is understood or said to be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from maulstick.errors import Problem
from maulstick.hosts.environment import NAMES, bucket_address, secrets_of, values_of_file
from maulstick.hosts.fly import logs
from maulstick.hosts.loopback import at_home, host_and_port
from maulstick.hosts.ssh.environment import assignments
from maulstick.plan.rollback import _release
from maulstick.postgres.database_address import libpq_address, settings_of
from maulstick.project.addresses import bucket_place, database_address
from maulstick.project.admission import door, header_name, header_value, user_and_password
from maulstick.project.dsn import passwords_of
from maulstick.project.mistakes import Mistake
from maulstick.project.play import conditions, templates, variables
from maulstick.redact import Secret, hide
from tests.properties.test_readers import SPECS, TEXTS, VALUES, damaged, spoilt

ENVIRONMENT = b"""export DATABASE_URL='postgres://me:pw@db/x' # ours
AWS_ACCESS_KEY_ID="a\\nb"
AWS_SECRET_ACCESS_KEY=${AWS_ACCESS_KEY_ID:-s}
AWS_ENDPOINT_URL_S3=https://s3.example
S3_BUCKET=art
S3_PUBLIC_URL=https://s3.example/art
"""
DSN = b"postgres://me:p%40ss@db.example:5432,other/site?sslmode=require&application_name=x"
LOGS = b'{"timestamp":"2026-11-30T10:00:00Z","level":"error","message":"no"}\n{"timestamp":"x","instance":1}'
TARGET = SimpleNamespace(
    name="live",
    address="",
    addressing="path",
    acl=None,
    conditional_writes=True,
    kind=SimpleNamespace(unset=lambda target, name: ("is not set", "")),
)
KEPT = {label: spec.to_json() for label, spec in SPECS.items()}


def understood(read: Callable[[], Any]) -> Any:
    """Return what is read, None where the reader says what is wrong."""
    with suppress(Problem, Mistake):
        return read()
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("typed")


@given(raw=damaged(ENVIRONMENT) | some.binary(max_size=200) | TEXTS.map(str.encode))
def test_a_dotenv_file_and_what_its_values_mean(folder: Path, raw: bytes) -> None:
    (folder / ".env").write_bytes(raw)
    known = understood(lambda: values_of_file(folder / ".env", "here")) or {}
    values = {name: Secret(value) for name, value in known.items() if name in NAMES and value}
    understood(lambda: bucket_address(TARGET, values))
    assert all(isinstance(one, Secret) for one in secrets_of(values))
    list(assignments(raw.decode(errors="surrogateescape")))


@given(raw=damaged(DSN) | TEXTS.map(str.encode) | TEXTS.map(lambda text: f"postgres://{text}".encode()))
def test_the_address_of_a_database(raw: bytes) -> None:
    url = Secret(raw.decode(errors="replace"))
    understood(lambda: database_address(url.reveal()))
    libpq = understood(lambda: libpq_address(url))
    for read in (settings_of, host_and_port, lambda one: at_home(one, 5433), passwords_of):
        understood(lambda read=read: read(libpq[0] if libpq else url))
    for password in passwords_of(url):
        assert password.reveal() not in hide(f"refused: {password.reveal()}", password)


@given(text=TEXTS, name=some.sampled_from(["theme", "target", "rows_changed", "dark"]))
def test_a_variable_a_template_and_a_condition(text: str, name: str) -> None:
    assume("**" not in text and "*9" not in text)  # who writes a playbook may also write an endless sum
    for typed in (text, f"{name}={text}"):
        understood(lambda typed=typed: variables.typed([typed], {"theme": "dark"}, ["dark"]))
    for written in (text, f"{{{{ {text} }}}}", f"{{% {text} %}}"):
        if understood(lambda written=written: templates.syntax_mistake(written)) is None:
            understood(lambda written=written: templates.rendered(written, {"theme": "dark"}))
    if conditions.unreadable(text) is None:
        understood(lambda: conditions.require_decidable(text, {"theme": "dark", "target": "live"}))


@given(text=TEXTS)
def test_what_lets_us_in_is_one_line_that_a_header_may_hold(text: str) -> None:
    value = understood(lambda: header_value(text))
    assert value is None or (value.isascii() and not {"\r", "\n", "\0"} & {*value})
    for read in (header_name, user_and_password, door, bucket_place):
        understood(lambda read=read: read(text))
        understood(lambda read=read: read(f"https://{text}"))


@given(raw=damaged(LOGS) | TEXTS.map(str.encode) | VALUES.map(lambda found: json.dumps(found).encode()))
def test_what_fly_logs(raw: bytes) -> None:
    fly: Any = SimpleNamespace(expect=lambda *words, **more: raw.decode(errors="replace"))
    understood(lambda: logs.last_lines(fly))


@given(found=spoilt(KEPT) | VALUES, subject=some.text(max_size=20), changed=some.lists(some.text(max_size=5)))
def test_what_the_ledger_says_of_a_release(found: Any, subject: str, changed: list[str]) -> None:
    rows = [(3, subject, "release", json.dumps(found), changed)]
    database: Any = SimpleNamespace(query=lambda text: rows if "shapes" in text else [])
    understood(lambda: _release(database, "3"))
