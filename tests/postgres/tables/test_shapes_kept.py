"""How a table travels, as bundles and ledgers keep it: those of before are read as ever."""

import json

from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.schema import Column, ForeignKey, Schema, TableSchema
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Table


def column(name, *, default=None):
    return Column(name, "bigint", True, default, generated=False, identity=False, always=False, here="bigint")


def table(name, *columns, key, foreign=()):
    return TableSchema("public", name, {one.name: one for one in columns}, key, foreign)


ORG = table("org", column("id", default="nextval('x')"), column("slug"), key=("id",))
ROOM = table(
    "room",
    column("org_id"),
    column("id", default="nextval('y')"),
    column("n"),
    key=("org_id", "id"),
    foreign=(ForeignKey("a", ("org_id",), "org", ("id",)),),
)
STAY = table(
    "stay",
    column("org_id"),
    column("room_id"),
    column("n"),
    key=("org_id", "room_id", "n"),
    foreign=(ForeignKey("b", ("org_id", "room_id"), "room", ("org_id", "id")),),
)
DECLARED = (
    Table("org", key="slug"),
    Table("room", key=("org_id", "n"), via="org_id"),
    Table("stay", key=("room_id", "n"), via="room_id"),
)
SPECS = specs_of(DECLARED, Schema({one.name: one for one in (ORG, ROOM, STAY)}, frozenset()))


def test_a_shape_is_read_back_as_it_was():
    for spec in SPECS.values():
        assert TableSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_a_plain_table_is_kept_as_ever():
    kept = SPECS["org"].to_json()
    assert "counted" not in kept
    assert [*SPECS["room"].to_json()["references"]["org_id"]] == ["table", "missing"]


def test_an_id_beside_its_tenant_is_kept_with_it():
    assert SPECS["room"].counted == "id"
    assert SPECS["stay"].references["room_id"].beside == (("org_id", "org_id"),)
    assert SPECS["stay"].references["org_id"].table == "org"
