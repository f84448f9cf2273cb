"""What PostgreSQL would refuse is found by the plan (docs/what-postgresql-refuses.md)."""

import re

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Kind, Leave, Match, Query, Table
from tests.databases.deciding import planned, release_of, undone
from tests.databases.places import Declared, apply, both, export, perform, plan, release

ART = Table("art", key="slug")
ALL = Table("art", key="slug", where="true")
TABLE = "create table art (id bigserial primary key, slug text not null unique, title text, year integer{})"


def art(source, production, here="", there=None):
    source.run(TABLE.format(here))
    production.run(TABLE.format(here if there is None else there))
    source.run("insert into art (slug, title, year) values ('lamp', 'Lamp', 1900), ('vase', 'Vase', 2000)")


def refusal(source, production, table=ART):
    with pytest.raises(Problem) as caught:
        planned(export(source, table, key="lamp"), source, production)
    assert caught.value.code == Exit.REFUSED
    return [line.strip() for line in caught.value.what.splitlines()[1:]]


def warnings(bundle, source, production):
    return perform(release_of(bundle, source, production), "plan").warnings


@pytest.mark.parametrize(
    ("here", "there", "says"),
    [
        (
            ", area integer",
            ", area integer generated always as (year * 2) stored",
            "art.area: is generated in production: skip it, its values are made there",
        ),
        (
            ", area integer",
            ", area integer generated always as (year * 2) virtual",
            "art.area: is generated in production: skip it, its values are made there",
        ),
        (
            ", n integer not null default 1",
            ", n integer generated always as identity",
            "art.n: counts itself in production (generated always as identity): skip it, its values are made"
            " there",
        ),
        (
            ", inserted_at timestamp",
            "",
            "art.inserted_at: is not in production",
        ),
        (
            ", updated_at timestamp",
            ", updated_at integer",
            "art.updated_at: is integer in production and timestamp without time zone here",
        ),
        (", code text", ", code varchar(3)", "art.code: is character varying(3) in production and text here"),
    ],
)
def test_a_column_that_cannot_take_its_values_is_named(source, production, here, there, says):
    art(source, production, here, there)
    assert refusal(source, production) == [says]


def test_ids_that_nobody_gives_are_named(source, production):
    art(source, production)
    production.run("alter table art alter id drop default")
    says = "art.id: has no default in production, so nothing gives new rows an id"
    assert refusal(source, production) == [says]


def test_what_production_generates_is_skipped(source, production):
    art(source, production, ", area integer", ", area integer generated always as (year * 2) stored")
    assert release(source, production, Table("art", key="slug", skip="area"), key="lamp").word == "done"
    assert production.value("select area from art") == 3800


def test_a_row_that_breaks_a_check_is_named_by_the_plan(source, production):
    art(source, production)
    production.run("alter table art add constraint modern check (year > 1950 and title <> '')")
    [obstacle] = plan(export(source, ART, key="lamp"), production).obstacles
    assert (obstacle.table, obstacle.key) == ("art", "lamp")
    assert obstacle.says.startswith("breaks the check modern of production: ((year > 1950)")
    assert release(source, production, ART, key="vase").says == "1 inserted"


def test_an_update_that_breaks_a_check_is_named_by_the_plan(source, production):
    art(source, production)
    release(source, production, ART, key="vase")
    production.run("alter table art add constraint short check (length(title || year) < 9)")
    source.run("update art set title = 'Vases'")
    [obstacle] = plan(export(source, ART, key="vase"), production).obstacles
    assert (obstacle.key, obstacle.says.partition(":")[0]) == ("vase", "breaks the check short of production")


def test_a_check_of_references_is_left_to_the_database(source, production):
    more = ", up bigint references art, constraint one check (num_nonnulls(up, year) = 1)"
    both(source, production, TABLE.format(more))
    source.run("insert into art (slug, year) values ('top', 1)")
    source.run("insert into art (slug, up) values ('lamp', 1)")
    assert plan(export(source, ALL, key="lamp"), production).obstacles == ()
    assert release(source, production, ALL, key="lamp").says == "2 inserted"


@pytest.mark.parametrize(
    ("type_", "there", "value", "says"),
    [
        ("mood as enum ('sad', 'wild')", "mood as enum ('sad')", "wild", 'input value for enum mood: "wild"'),
        ("mood as text", "mood as text check (value <> 'wild')", "wild", 'check constraint "mood_check"'),
        ("mood as text", "mood as varchar(3)", "wild", "value too long for type character varying(3)"),
        ("mood as numeric", "mood as smallint", "99999", "out of range for type smallint"),
        ("mood as text", "mood as text not null", None, "does not allow null values"),
    ],
)
def test_a_value_that_a_type_there_forbids_is_named_by_its_row(source, production, type_, there, value, says):
    for place, one in ((source, type_), (production, there)):
        place.run(f"create {'type' if 'enum' in one else 'domain'} {one}")
    art(source, production, ", m mood")
    source.run("update art set m = %s::text::mood where slug = 'lamp'", value)
    source.run("update art set m = 'sad' where slug = 'vase'") if "numeric" not in type_ else None
    [line] = refusal(source, production, ALL)
    assert line.startswith("art lamp: m: ")
    assert says in line
    with pytest.raises(Problem, match="art lamp: m: "):
        apply(export(source, ALL, key="lamp"), production)


FILLS = (
    "create function stamp() returns trigger language plpgsql as $$"
    " begin new.edition := gen_random_uuid(); return new; end $$;"
    "create trigger stamp before insert on art for each row execute function stamp()"
)


@pytest.fixture
def stamped(source, production):
    art(source, production, ", edition uuid not null default gen_random_uuid()", ", edition uuid not null")
    production.run(FILLS)


def test_a_column_that_a_trigger_fills_is_skipped(stamped, source, production):
    skipped = Table("art", key="slug", skip="edition")
    assert release(source, production, skipped, key="lamp").says == "1 inserted"
    assert release(source, production, skipped, key="lamp").word == "unchanged"


def test_a_column_that_a_trigger_fills_is_productions(stamped, source, production):
    theirs = Table("art", key="slug", theirs="edition")
    assert release(source, production, theirs, key="lamp").says == "1 inserted"
    assert release(source, production, theirs, key="lamp").word == "unchanged"
    assert undone(production, 1).count("delete") == 1


def test_an_edit_of_what_a_trigger_filled_keeps_the_row(stamped, source, production):
    release(source, production, Table("art", key="slug", theirs="edition"), key="lamp")
    production.run("update art set edition = gen_random_uuid()")
    with pytest.raises(Problem, match="was changed since: edition"):
        undone(production, 1)


def test_a_column_that_a_trigger_changes_is_named(stamped, source, production):
    with pytest.raises(
        Problem, match=r"art do not hold what was written: lamp: edition \(a trigger"
    ) as caught:
        release(source, production, ART, key="lamp")
    assert 'theirs="…", or skip="…"' in caught.value.hint


def test_a_column_that_a_trigger_sets_too_is_named_by_the_plan(stamped, source, production):
    says = "art.edition: is set by a trigger of production too (stamp): --check tells whether it differs"
    assert says in warnings(export(source, ART, key="lamp"), source, production)
    theirs = Table("art", key="slug", theirs="edition")
    assert warnings(export(source, theirs, key="lamp"), source, production) == ()
    release(source, production, theirs, key="lamp")
    assert warnings(export(source, ART, key="lamp"), source, production) == ()


def test_a_trigger_of_updates_is_named_where_its_column_is_updated(source, production):
    art(source, production, ", version integer not null default 0")
    production.run(
        "create function bump() returns trigger language plpgsql as $$"
        " begin select old.version + 1 into new.version; return new; end $$;"
        "create trigger bump before update on art for each row execute function bump()"
    )
    release(source, production, ART, key="lamp")
    source.run("update art set version = 7")
    says = "art.version: is set by a trigger of production too (bump): --check tells whether it differs"
    assert warnings(export(source, ART, key="lamp"), source, production) == (says,)


def test_a_disabled_trigger_fills_nothing(stamped, source, production):
    production.run("alter table art disable trigger stamp")
    skipped = Table("art", key="slug", skip="edition")
    says = "art.edition: production needs a value and this bundle brings none"
    assert refusal(source, production, skipped) == [says]


UUIDS = """
create table media (id uuid primary key, url text not null unique, alt text);
create table art (id uuid primary key, slug text not null unique, media_id uuid references media (id));
"""
OURS, THEIRS = (f"{letter * 8}-0000-4000-8000-000000000001" for letter in "ab")


@pytest.fixture
def uuids(source, production):
    """Ids that the site makes itself: production has made a medium with another one."""
    both(source, production, UUIDS)
    source.run("insert into media values (%s, '/a.jpg', 'A')", OURS)
    source.run("insert into art values (gen_random_uuid(), 'lamp', %s)", OURS)
    production.run("insert into media values (%s, '/a.jpg', 'A')", THEIRS)


def test_ids_that_the_site_makes_are_in_conflict_with_a_hint(uuids, source, production):
    with pytest.raises(Problem) as caught:
        planned(export(source, ART, Table("media", key="url"), key="lamp"), source, production)
    assert caught.value.hint == 'media.id: the site itself makes these ids, and skip="id" leaves them at home'


def test_ids_that_the_site_makes_stay_at_home_where_they_are_skipped(uuids, source, production):
    tables = (Table("art", key="slug", skip="id"), Table("media", key="url", skip="id"))
    assert release(source, production, *tables, key="lamp").says == "1 inserted"
    assert production.value("select media_id::text from art") == THEIRS
    source.run(
        "insert into media values (gen_random_uuid(), '/b.jpg', 'B');"
        "update art set media_id = (select id from media where url = '/b.jpg')"
    )
    assert release(source, production, *tables, key="lamp").says == "1 inserted, 1 updated"
    assert undone(production, 2).count("delete") == 1


@pytest.mark.parametrize("type_", ["text", "varchar(36)"])
def test_ids_of_letters_stay_at_home_too(source, production, type_):
    """Prisma's ids: made by the site, of a type that only looks like a name."""
    both(source, production, UUIDS.replace("uuid", type_))
    source.run("insert into media values ('ckl1', '/a.jpg', 'A'), ('ckl2', '/b.jpg', 'B')")
    source.run("insert into art values ('ckl3', 'lamp', 'ckl1'), ('ckl4', 'door', 'ckl2')")
    production.run("insert into media values ('theirs', '/a.jpg', 'A')")
    with pytest.raises(Problem) as caught:
        planned(export(source, ART, Table("media", key="url"), key="lamp"), source, production)
    assert caught.value.hint == 'media.id: the site itself makes these ids, and skip="id" leaves them at home'
    tables = (Table("art", key="slug", skip="id"), Table("media", key="url", skip="id"))
    assert release(source, production, *tables, key="lamp").says == "1 inserted"
    assert production.value("select media_id from art") == "theirs"
    assert release(source, production, *tables, key="door").says == "2 inserted"
    assert len(production.value("select media_id from art where slug = 'door'")) == 36
    assert undone(production, 2).count("delete") == 2


def test_ids_for_which_no_uuid_is_short_enough_are_named(source, production):
    both(source, production, UUIDS.replace("uuid", "varchar(25)"))
    source.run("insert into art values ('ckl3', 'lamp', null)")
    says = "art.id: has no default in production, so nothing gives new rows an id"
    table = Table("art", key="slug", skip="id", references={"media_id": Leave()})
    assert refusal(source, production, table) == [says]


def test_a_match_finds_a_row_by_its_key_whoever_makes_its_id(uuids, source, production):
    table = Table("art", key="slug", skip="id", references={"media_id": Match(key=("url",))})
    assert release(source, production, table, key="lamp").says == "1 inserted"
    assert production.value("select media_id::text from art") == THEIRS


def test_a_foreign_key_that_only_production_has_is_asked_by_the_plan(source, production):
    art(source, production, ", artist text")
    production.run(
        "create table artist (name text primary key); insert into artist values ('Rita');"
        "alter table art add foreign key (artist) references artist"
    )
    source.run("update art set artist = case slug when 'lamp' then 'Nobody' else 'Rita' end")
    [obstacle] = plan(export(source, ALL, key="lamp"), production).obstacles
    says = "its artist is not in artist of production (art_artist_fkey)"
    assert (obstacle.key, obstacle.says) == ("lamp", says)


class Asking(Declared):
    """A plugin that is known by its file."""

    def owner_of(self, hook, name, subject):
        return f"plugins/art.py {hook}"


def test_a_value_that_other_tables_name_does_not_change(source, production):
    art(source, production, ", code text unique")
    source.run("update art set code = slug")
    release(source, production, ALL, key="lamp")
    production.run(
        "create table loan (code text references art (code)); insert into loan values ('lamp');"
        "create table visit (code text references art (code) on update cascade)"
    )
    source.run("update art set code = 'new ' || slug")
    [obstacle] = plan(export(source, ALL, key="lamp"), production).obstacles
    says = "code is referred to by 1 row of loan (loan_code_fkey)"
    assert (obstacle.key, obstacle.says) == ("lamp", says)


def test_an_apply_alone_says_what_the_schema_lacks(source, production):
    art(source, production, ", area integer", ", area integer generated always as (year * 2) stored")
    with pytest.raises(Problem, match="art.area: is generated in production") as caught:
        release(source, production, ART, key="lamp")
    assert caught.value.code == Exit.REFUSED


def test_a_query_that_production_cannot_answer_is_named_by_the_plan(source, production):
    art(source, production)
    asked = (Query("all have a room", "select count(*) from room", "0"),)
    plugins = Asking(Kind("art", "art", "slug"), (ART,), asked)
    bundle = export(source, ART, key="lamp", plugins=plugins)
    run = release_of(bundle, source, production, plugins=plugins)
    says = 'the query "all have a room" of plugins/art.py maulstick_queries'
    with pytest.raises(Problem, match=says) as caught:
        perform(run, "plan")
    assert (caught.value.code, 'relation "room" does not exist' in caught.value.what) == (Exit.REFUSED, True)
    with pytest.raises(Problem, match='the query "all have a room" cannot be asked') as caught:
        perform(run, "apply", lock_wait=1)
    assert (caught.value.code, caught.value.hint) == (
        Exit.PLUGIN,
        "it is from plugins/art.py maulstick_queries",
    )


def test_a_where_that_the_source_cannot_run_is_named_with_its_plugin(source, production):
    art(source, production)
    red = Table("art", key="slug", where="colour = 'red'")
    plugins = Asking(Kind("art", "art", "slug"), (red,))
    with pytest.raises(Problem, match='art: where: .*column "colour" does not exist') as caught:
        export(source, red, key="lamp", plugins=plugins)
    assert (caught.value.code, caught.value.hint) == (
        Exit.PLUGIN,
        "it is from plugins/art.py maulstick_tables",
    )


def test_updates_that_cannot_be_published_are_named_by_the_plan(source, production):
    both(source, production, "create table art (slug text not null unique, title text)")
    source.run("insert into art values ('lamp', 'Lamp')")
    production.run("create publication everything for table art")
    assert release(source, production, ART, key="lamp").says == "1 inserted"
    source.run("update art set title = 'The lamp'")
    [line] = refusal(source, production)
    assert line.startswith("art: its updates are published, and it has no replica identity")
    production.run("alter table art replica identity full")
    assert release(source, production, ART, key="lamp").says == "1 updated"


def test_a_row_that_no_partition_takes_changes_nothing(source, production):
    art(source, production)
    production.run(
        "drop table art; create table art (id bigserial, slug text not null, title text, year integer)"
        " partition by range (year); create table new_art partition of art for values from (1950) to (3000)"
    )
    with pytest.raises(Problem, match='no partition of relation "art" found for row.*nothing was changed'):
        release(source, production, ART, key="lamp")
    assert release(source, production, ART, key="vase").says == "1 inserted"


@pytest.fixture
def picky(source, production):
    """A trigger of production refuses what is older than 1950."""
    art(source, production, ", updated_at timestamp")
    production.run(
        "create function picky() returns trigger language plpgsql as $$"
        " begin if new.year < 1950 then raise 'too old: %', new.year; end if; return new; end $$;"
        "create trigger picky before insert or update on art for each row execute function picky()"
    )


def test_a_row_that_a_trigger_refuses_is_named(picky, source, production):
    says = r"^art lamp: too old: 1900 \(picky\(\) line 1 at RAISE\); nothing was changed$"
    with pytest.raises(Problem) as caught:
        release(source, production, ALL, key="lamp")
    assert re.match(says, caught.value.what)
    assert production.value("select count(*) from art") == 0


def test_an_update_that_a_trigger_refuses_is_named(picky, source, production):
    source.run("update art set year = 1960")
    assert release(source, production, ALL, key="lamp").says == "2 inserted"
    source.run("update art set year = 1949 where slug = 'vase'")
    source.run("update art set title = 'The lamp' where slug = 'lamp'")
    with pytest.raises(Problem, match="art vase: too old: 1949"):
        release(source, production, ALL, key="lamp")
    assert production.value("select count(*) from art where title = 'Lamp'") == 1


def test_a_column_that_no_trigger_filled_is_named_by_its_row(stamped, source, production):
    nothing = "language plpgsql as 'begin return new; end'"
    production.run(f"create or replace function stamp() returns trigger {nothing}")
    with pytest.raises(Problem, match='art lamp: null value in column "edition"'):
        release(source, production, Table("art", key="slug", skip="edition"), key="lamp")
