"""Few rows travel inside the SQL, many by COPY: both arrive the same, and refusals are told the same."""

import pytest

from maulstick.bundle import inline_rows as inline
from maulstick.errors import Problem
from maulstick.project.declarations import Table
from tests.databases.places import apply, both, export, plan

TYPES = """
create domain mark as varchar(6) check (value <> 'none');
create type mood as enum ('calm', 'it''s "wild"');
create type pair as (a integer, b text);
create table thing (id bigserial primary key, slug text not null unique, body text, short varchar(4),
  padded char(5), price numeric(8, 3), at timestamp(0), zoned timestamptz, span interval, parts text[],
  bits bit(3), raw bytea, mark mark, mood mood, pair pair, data jsonb, old json, yes boolean, real float8);
"""
FILL = r"""
insert into thing (slug, body, short, padded, price, at, zoned, span, parts, bits, raw, mark, mood, pair,
  data, old, yes, real) values
('plain', 'text', 'abcd', 'ab', 1.5, '2025-01-02 03:04:05', '2025-01-02 03:04:05+05', '1 day 24:00', '{a,b}',
  '101', '\x00ff5c27', 'mark', 'calm', '(1,"x,y")', '{"a": [1, "b\\n"]}', '{"a" :1}', true, 0.1),
('hostile ''"\', E'\\. \' " , ( ) \t \n \r $1 %s %% é 画 \\n "" ', 'a"b''', '  x', -0.001, null, null,
  '-1 mons', array['', null, 'NULL', E'a\\b"c', '{x}'], '000', '', E'\\"\'', 'it''s "wild"',
  row(null, E'\\"'), '"\\\""', '[ ]', false, 'NaN'),
('empty', '', '', '', null, null, null, null, '{}', null, '', '', null, null, null, null, null, '-Infinity'),
('nothing', null, null, null,
  null, null, null, null, null, null, null, null, null, null, null, null, null, null)
"""
THING = Table("thing", key="slug", where="true")
ALL = "select to_jsonb(t) - 'id', t.real::text, t.old::text from thing as t order by slug"
WAYS = {"few": inline.FEW, "many": 0}


@pytest.fixture
def things(source, production):
    both(source, production, TYPES)
    source.run(FILL)
    return export(source, THING, key="plain")


def test_each_value_arrives_as_by_copy(things, source, production, monkeypatch):
    rows = {}
    for way, most in WAYS.items():
        monkeypatch.setattr(inline, "FEW", most)
        assert apply(things, production).says == "4 inserted"
        rows[way] = production.rows(ALL)
        production.run("drop schema maulstick cascade; truncate thing")
    assert rows["few"] == rows["many"]
    assert rows["few"] == source.rows(ALL)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("act", [plan, apply])
def test_what_a_type_refuses_names_the_row_and_the_column(things, production, monkeypatch, act, way):
    monkeypatch.setattr(inline, "FEW", WAYS[way])
    production.run("alter domain mark add check (value <> 'mark')")
    with pytest.raises(Problem, match="thing plain: mark: value for domain mark violates check"):
        act(things, production)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("type_", ["numeric(3, 3)", "numeric(4, 4)"])
def test_a_scale_of_production_is_held(things, production, monkeypatch, way, type_):
    monkeypatch.setattr(inline, "FEW", WAYS[way])
    production.run(f"alter table thing alter price type {type_}")
    with pytest.raises(Problem, match="thing plain: price: .*overflow"):
        plan(things, production)


@pytest.mark.parametrize("way", WAYS)
def test_a_length_of_production_is_held(things, production, monkeypatch, way):
    monkeypatch.setattr(inline, "FEW", WAYS[way])
    production.run("alter table thing alter bits type bit(2), alter short type varchar(2)")
    with pytest.raises(Problem, match="thing .*: (short|bits): "):
        plan(things, production)


def test_a_row_that_is_only_matched_may_lack_what_its_domain_demands(source, production):
    leaf = "create domain sure as text not null; create table leaf (id bigserial primary key,"
    both(source, production, f"{leaf} slug text not null unique, tag sure, on_id bigint references leaf)")
    both(source, production, "insert into leaf (slug, tag) values ('root', 'r')")
    source.run("insert into leaf (slug, tag, on_id) select 'twig', 't', id from leaf")
    bundle = export(source, Table("leaf", key="slug"), key="twig")
    assert apply(bundle, production).says == "1 inserted"
    assert production.rows("select l.tag, r.slug from leaf as l join leaf as r on r.id = l.on_id") == [
        ("t", "root")
    ]
