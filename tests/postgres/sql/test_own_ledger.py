"""A ledger in which somebody else has put what runs code is neither read nor written."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan import history
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone
from tests.databases.places import apply, export, plan, release

SPY = (
    "create sequence public.ran; create function public.spy() returns trigger language plpgsql as"
    " $$ begin perform nextval('public.ran'); return new; end $$;"
    "create function public.peek(text) returns text language sql as $$ select nextval('public.ran')::text $$;"
)
PLANTED = {
    "change has the trigger spy": "create trigger spy before insert on maulstick.change"
    " execute function spy()",
    "release has another kind": "alter table maulstick.release rename to theirs;"
    "create view maulstick.release as select number, peek(subject) as subject, digest, kind, of, operator,"
    " commit, target, as_of, started, finished, plan, verified, shapes from maulstick.theirs",
    "base_row has the check": "alter table maulstick.base_row add check (peek(key) <> '') not valid",
    "agreed has a default": "alter table maulstick.agreed alter rows set default peek('')",
    "upload has the rule": "create rule spy as on insert to maulstick.upload do also select peek('')",
    "change has the index": "create function pure(text) returns text immutable language sql"
    " as 'select public.peek($1)';"
    "create index on maulstick.change (pure(key))",
    "ledger has a column of the type public.text": "create domain public.text as pg_catalog.text;"
    "alter table maulstick.ledger alter target type public.text",
}


@pytest.mark.parametrize("says", PLANTED)
def test_what_is_planted_in_the_ledger_is_named_and_does_not_run(released_once, source, production, says):
    production.run(SPY)
    production.run(PLANTED[says])
    production.run("alter sequence public.ran restart; select count(*) from public.ran")
    source.run("update book set price = 1")
    bundle = export(source)
    with connect(Secret(production.url), "production") as database:
        asked = {
            "plan": lambda: plan(bundle, production),
            "apply": lambda: apply(bundle, production),
            "undo": lambda: undone(production, 1),
            "history": lambda: history.releases(database),
            "why": lambda: history.why(database, RowName("book", "1")),
        }
        for ask in asked.values():
            with pytest.raises(Problem, match=f"maulstick.{says}") as caught:
                ask()
            assert caught.value.code == Exit.REFUSED
    assert production.rows("select is_called from public.ran") == [(False,)]


def test_a_view_that_somebody_put_in_place_of_base_is_not_asked(released_once, source, production):
    production.run(SPY)
    production.run(
        "create or replace view maulstick.base as select b.table_name, b.key, to_jsonb(peek(b.key)) as"
        " values, b.subjects, b.release from maulstick.base_row as b"
    )
    source.run("update book set price = 1")
    assert release(source, production).says == "2 updated"
    undone(production, 2)
    assert production.rows("select is_called from public.ran") == [(False,)]
