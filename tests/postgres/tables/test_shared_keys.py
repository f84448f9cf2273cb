"""References whose far end is a reference itself: inheritance, weak entities, and spans of time."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Leave, Match, Table
from tests.databases.deciding import contents, released, undone
from tests.databases.places import apply, both, export, plan, release

INHERITED = """
create table pages (id bigserial primary key, slug text not null unique, title text);
create table series_pages (page_id bigint primary key references pages, intro text);
create table show_pages (series_page_id bigint primary key references series_pages, room text);
create table images (id bigserial primary key, series_page_id bigint not null references series_pages,
  show_page_id bigint references show_pages, n integer not null, unique (series_page_id, n));
create table beside (one_id bigint references series_pages, other_id bigint references show_pages,
  note text, primary key (one_id, other_id));
"""
TABLES = (
    Table("pages", key="slug"),
    Table("series_pages", key="page_id", via="page_id"),
    Table("show_pages", key="series_page_id", via="series_page_id"),
    Table("images", key=("series_page_id", "n"), via="series_page_id"),
    Table("beside", key=("one_id", "other_id"), via="one_id"),
)
THERE = (
    "select slug, n, show_page_id = p.id from images join pages as p on p.id = series_page_id order by 1, 2"
)


@pytest.fixture
def inherited(source, production):
    """A page, a series and a show are one row in three tables; production has other rows under their ids."""
    both(source, production, INHERITED)
    source.run(
        "insert into pages values (7, 'nocturne', 'A'); insert into series_pages values (7, 'By night');"
        "insert into show_pages values (7, 'North'); insert into images values (1, 7, 7, 1), (2, 7, null, 2);"
        "insert into beside values (7, 7, 'both')"
    )
    production.run(
        "insert into pages values (7, 'theirs', 'Theirs'); insert into series_pages values (7, 'Theirs');"
        "insert into show_pages values (7, 'Theirs'); select setval('pages_id_seq', 40)"
    )


def nocturne(source, *tables):
    return export(source, *(tables or TABLES), key="nocturne")


def test_a_child_of_a_child_comes_to_its_own_page(inherited, source, production):
    before = production.rows("select xmin, * from pages")
    assert apply(nocturne(source), production).says == "6 inserted"
    assert production.rows(THERE) == [("nocturne", 1, True), ("nocturne", 2, None)]
    assert production.rows("select * from beside") == [(41, 41, "both")]
    assert production.rows("select xmin, * from pages where id = 7") == before
    assert apply(nocturne(source), production).word == "unchanged"


def test_a_child_of_a_page_that_is_there_takes_its_id(inherited, source, production):
    production.run("insert into pages values (60, 'nocturne', 'A')")
    assert apply(nocturne(source), production).says == "5 inserted"
    assert production.rows(
        "select page_id, series_page_id from series_pages join show_pages"
        " on series_page_id = page_id order by 1"
    ) == [(7, 7), (60, 60)]


def test_a_child_is_updated_kept_and_undone(inherited, source, production):
    apply(nocturne(source), production)
    before = contents(production)
    source.run("update series_pages set intro = 'New'")
    production.run("update show_pages set room = 'South' where series_page_id = 41")
    assert apply(nocturne(source), production).says == "1 updated, 1 kept"
    production.run("update show_pages set room = 'North' where series_page_id = 41")
    undone(production)
    assert contents(production) == before
    assert undone(production, 1).count("delete") == 6


def test_a_plan_names_the_child_by_its_page(inherited, source, production):
    found = {one.key for one in plan(nocturne(source), production).changes if one.table == "images"}
    assert found == {'["nocturne","1"]', '["nocturne","2"]'}


def test_children_follow_a_renamed_page(inherited, source, production):
    apply(nocturne(source), production)
    source.run("update pages set slug = 'notturno'")
    bundle = export(source, *TABLES, key="notturno")
    released(bundle, source, production, rename=("pages:nocturne=notturno",))
    assert production.rows(THERE) == [("notturno", 1, True), ("notturno", 2, None)]
    assert production.value("select count(*) from series_pages") == 2
    undone(production)
    assert apply(nocturne_again(source), production).word == "unchanged"


def nocturne_again(source):
    source.run("update pages set slug = 'nocturne'")
    return nocturne(source)


def test_a_child_that_is_gone_is_pruned_with_what_is_its_own(inherited, source, production):
    apply(nocturne(source), production)
    source.run("update images set show_page_id = null; delete from beside; delete from show_pages")
    with pytest.raises(Problem, match=r'show_pages \["nocturne"\]: is referred to by 1 of images'):
        released(nocturne(source), source, production, prune=True)
    apply(nocturne(source), production)
    assert released(nocturne(source), source, production, prune=True).says == "2 deleted"
    assert production.rows("select * from show_pages") == [(7, "Theirs")]


def test_a_page_that_was_pruned_returns_in_all_its_tables(inherited, source, production):
    every = (Table("pages", key="slug", where="%(key)s <> ''"), *TABLES[1:])
    source.run("insert into pages values (8, 'other', 'Other')")
    apply(nocturne(source, *every), production)
    source.run("truncate beside, images, show_pages, series_pages; delete from pages where id = 7")
    number = released(nocturne(source, *every), source, production, prune=True).number
    assert production.rows("select slug from pages order by 1") == [("other",), ("theirs",)]
    undone(production, number)
    assert production.rows(THERE) == [("nocturne", 1, True), ("nocturne", 2, None)]
    assert production.rows("select one_id = other_id from beside") == [(True,)]


def test_a_child_whose_own_row_is_not_in_production_is_refused(inherited, source, production):
    production.run("insert into pages values (60, 'nocturne', 'A')")
    image = Table(
        "images",
        key=("series_page_id", "n"),
        where="%(key)s <> ''",
        references={"series_page_id": Match(key="page_id"), "show_page_id": Match(key="series_page_id")},
    )
    page = Table("pages", key="slug", where="false")
    bundle = export(source, image, page, kind="images", key="x")
    assert {str(one) for one in plan(bundle, production).obstacles} == {
        "series_pages nocturne: is referred to and is not in production",
        "show_pages nocturne: is referred to and is not in production",
    }
    production.run("insert into series_pages values (60); insert into show_pages values (60)")
    assert apply(bundle, production).says == "2 inserted"
    assert production.rows(THERE) == [("nocturne", 1, True), ("nocturne", 2, None)]


def test_a_child_that_is_matched_by_a_key_of_its_own_gives_its_id(source, production):
    both(
        source,
        production,
        "create table pages (id bigserial primary key, slug text not null unique);"
        "create table people (page_id bigint primary key references pages, email text not null unique);"
        "create table notes (n integer primary key, person_id bigint references people)",
    )
    source.run(
        "insert into pages values (1, 'x'); insert into people values (1, 'a@b.c');"
        "insert into notes values (1, 1), (2, null)"
    )
    production.run("insert into pages values (1, 'y'), (5, 'z'); insert into people values (5, 'a@b.c')")
    note = Table("notes", key="n", where="%(key)s <> ''", references={"person_id": Match(key="email")})
    assert release(source, production, note, key="x").says == "2 inserted"
    assert production.rows("select * from notes order by 1") == [(1, 5), (2, None)]
    missing = Table(
        "notes", key="n", where="%(key)s <> ''", references={"person_id": Match(key="email", missing="null")}
    )
    source.run("update people set email = 'nobody'; insert into notes values (3, 1)")
    assert release(source, production, missing, key="x").says.startswith("1 inserted")
    assert production.rows("select * from notes order by 1") == [(1, 5), (2, None), (3, None)]


def test_an_id_that_fills_itself_and_is_its_parent_s_is_its_parent_s(source, production):
    both(
        source,
        production,
        "create table pages (id uuid primary key default gen_random_uuid(), slug text not null unique);"
        "create table people (id uuid primary key default gen_random_uuid() references pages, born integer)",
    )
    source.run(
        "with page as (insert into pages (slug) values ('a') returning id) insert into people"
        " select id, 1830 from page"
    )
    tables = (Table("pages", key="slug"), Table("people", key="id", via="id"))
    assert release(source, production, *tables, key="a").says == "2 inserted"
    assert production.rows("select slug, born from people join pages using (id)") == [("a", 1830)]


def test_a_subtype_that_is_told_by_its_kind_takes_the_id_of_its_asset(source, production):
    both(
        source,
        production,
        "create table assets (id bigserial primary key, kind text not null, name text not null unique,"
        " unique (id, kind));"
        "create table photos (asset_id bigint primary key, kind text not null default 'photo', lens text,"
        " foreign key (asset_id, kind) references assets (id, kind));"
        "create table prints (id bigserial primary key, photo_id bigint references photos, n integer)",
    )
    source.run(
        "insert into assets values (1, 'photo', 'dusk'); insert into photos values (1, 'photo', '50 mm');"
        "insert into prints (photo_id, n) values (1, 3)"
    )
    production.run("insert into assets values (1, 'film', 'x'); select setval('assets_id_seq', 40)")
    tables = (
        Table("assets", key="name"),
        Table("photos", key="asset_id", via="asset_id"),
        Table("prints", key=("photo_id", "n"), via="photo_id"),
    )
    assert release(source, production, *tables, key="dusk").says == "3 inserted"
    assert production.rows("select photo_id, lens from prints join photos on asset_id = photo_id") == [
        (41, "50 mm")
    ]
    assert release(source, production, *tables, key="dusk").word == "unchanged"


def test_a_profile_is_known_by_its_user_whom_production_has(source, production):
    both(
        source,
        production,
        "create schema auth; create table auth.users (id uuid primary key default gen_random_uuid(),"
        " email text not null unique);"
        "create table profiles (name text,"
        " id uuid primary key default gen_random_uuid() references auth.users);"
        "create table posts (id bigserial primary key, slug text not null unique,"
        " author_id uuid not null references profiles)",
    )
    for place in (source, production):
        place.run("insert into auth.users (email) values ('a@b.c')")
    source.run("insert into profiles select 'Ada', id from auth.users")
    source.run("insert into posts (slug, author_id) select 'hello', id from profiles")
    tables = (
        Table("posts", key="slug"),
        Table("profiles", key="id", references={"id": Match(key="email")}),
    )
    assert release(source, production, *tables, key="hello").says == "2 inserted"
    joined = "posts join profiles as p on p.id = author_id join auth.users as u on u.id = p.id"
    assert production.rows(f"select slug, name, email from {joined}") == [("hello", "Ada", "a@b.c")]
    assert release(source, production, *tables, key="hello").word == "unchanged"


def test_rows_of_a_child_refer_to_each_other(source, production):
    both(
        source,
        production,
        "create table people (id bigserial primary key, name text not null unique);"
        "create table employees (person_id bigint primary key references people,"
        " boss_id bigint references employees)",
    )
    source.run(
        "insert into people values (1, 'a'), (2, 'b'), (3, 'c');"
        "insert into employees values (1, 2), (2, null), (3, 1)"
    )
    production.run("insert into people values (1, 'x'); select setval('people_id_seq', 70)")
    tables = (
        Table("people", key="name", where="%(key)s <> ''"),
        Table("employees", key="person_id", via="person_id"),
    )
    assert release(source, production, *tables, key="a").says == "6 inserted"
    bosses = "select p.name, b.name from employees join people as p on p.id = person_id"
    bosses += " left join people as b on b.id = boss_id order by 1"
    assert production.rows(bosses) == [("a", "b"), ("b", None), ("c", "a")]
    source.run("update employees set boss_id = case person_id when 2 then 3 end where person_id < 3")
    assert release(source, production, *tables, key="a").says == "2 updated"
    undone(production)
    assert production.rows(bosses) == [("a", "b"), ("b", None), ("c", "a")]


WEAK = """
create table orders (id bigserial primary key, code text not null unique);
create table lines (order_id bigint references orders, n integer, what text, primary key (order_id, n));
create table parcels (order_id bigint, line_n integer, k integer, weight integer,
  primary key (order_id, line_n, k), foreign key (order_id, line_n) references lines);
create table marks (id bigserial primary key, order_id bigint, line_n integer, k integer, text text,
  foreign key (order_id, line_n, k) references parcels);
"""
ORDERS = (
    Table("orders", key="code"),
    Table("lines", key=("order_id", "n"), via="order_id"),
    Table("parcels", key=("order_id", "line_n", "k"), via="order_id"),
    Table("marks", key=("order_id", "line_n", "k", "text"), via="order_id"),
)


@pytest.fixture
def orders(source, production):
    """An order has two lines, one of them with a parcel that has a mark; production has another order 1."""
    both(source, production, WEAK)
    source.run(
        "insert into orders values (1, 'a'); insert into lines values (1, 1, 'lamp'), (1, 2, 'door');"
        "insert into parcels values (1, 2, 1, 9);"
        "insert into marks (order_id, line_n, k, text) values (1, 2, 1, 'fragile')"
    )
    production.run("insert into orders values (1, 'b'), (3, 'c'); select setval('orders_id_seq', 30)")


def test_weak_entities_several_levels_down_come_to_their_own_order(orders, source, production):
    assert release(source, production, *ORDERS, key="a").says == "5 inserted"
    assert production.rows("select order_id, line_n, k, text from marks") == [(31, 2, 1, "fragile")]
    source.run("update parcels set weight = 10")
    assert release(source, production, *ORDERS, key="a").says == "1 updated"
    undone(production)
    assert undone(production, 1).count("delete") == 5


def test_a_weak_entity_whose_owner_lost_it_is_refused(orders, source, production):
    release(source, production, *ORDERS, key="a")
    production.run("delete from marks; delete from parcels; delete from lines where n = 2")
    source.run("insert into marks (order_id, line_n, k, text) values (1, 2, 1, 'new')")
    with pytest.raises(Problem, match="was deleted in production|is not in production"):
        release(source, production, *ORDERS, key="a")


def test_a_half_null_reference_travels_where_its_id_leads_somewhere(orders, source, production):
    source.run("update marks set k = null")
    marks = Table("marks", key=("line_n", "text"), where="text = 'fragile'")
    assert release(source, production, *ORDERS[:3], marks, key="a").says == "5 inserted"
    assert production.rows("select order_id, line_n, k from marks") == [(31, 2, None)]
    source.run("update marks set order_id = 77")
    with pytest.raises(Problem, match="names no row of orders: 77"):
        export(source, *ORDERS[:3], marks, key="a")


def test_a_part_of_a_reference_to_an_unknown_table_is_not_half_taken(orders, source):
    marks = Table("marks", key="text", where="%(key)s <> ''", references={"k": Leave()}, skip="line_n")
    with pytest.raises(Problem, match="marks.order_id: is a part of the reference to parcels") as caught:
        export(source, marks, key="x")
    assert caught.value.code == Exit.PLUGIN


SPANS = """
create extension if not exists btree_gist;
create table rooms (id bigserial primary key, name text not null unique);
create table prices (room_id bigint references rooms, during daterange, price integer,
  primary key (room_id, during without overlaps));
create table stays (id bigserial primary key, guest text not null unique, room_id bigint not null,
  during daterange,
  foreign key (room_id, period during) references prices (room_id, period during));
"""
STAYS = (
    Table("rooms", key="name"),
    Table("prices", key=("room_id", "during"), via="room_id"),
    Table("stays", key="guest", via="room_id"),
)


@pytest.fixture
def rooms(source, production):
    """A room has two prices one after the other, and a guest who stays over both."""
    both(source, production, SPANS)
    source.run(
        "insert into rooms values (1, 'north'); insert into prices values"
        " (1, '[2025-01-01,2025-02-01)', 9), (1, '[2025-02-01,2025-03-01)', 12);"
        "insert into stays values (1, 'Emily', 1, '[2025-01-20,2025-02-10)')"
    )
    production.run("insert into rooms values (1, 'south'); select setval('rooms_id_seq', 8)")


def test_a_reference_over_a_span_of_time_follows_its_room(rooms, source, production):
    assert release(source, production, *STAYS, key="north").says == "4 inserted"
    assert production.rows("select name, guest from stays join rooms r on r.id = room_id") == [
        ("north", "Emily")
    ]
    assert release(source, production, *STAYS, key="north").word == "unchanged"
    production.run("delete from stays; delete from prices")
    bundle = export(
        source,
        STAYS[0],
        Table("stays", key="guest", where="true", references={"room_id": Match(key=("room_id", "during"))}),
        key="north",
    )
    [obstacle] = plan(bundle, production).obstacles
    assert (
        str(obstacle) == 'prices ["north","[2025-01-20,2025-02-10)"]: is referred to and is not in production'
    )
    production.run("insert into prices values (9, '[2025-01-01,2025-02-01)', 1)")
    assert [*plan(bundle, production).obstacles] == [obstacle]
    production.run("insert into prices values (9, '[2025-02-01,2025-02-10)', 1)")
    assert [*plan(bundle, production).obstacles] == []


def test_an_id_that_rows_share_over_time_is_refused(source):
    source.run(
        "create extension if not exists btree_gist;"
        "create table rooms (id bigserial, name text not null, during daterange,"
        " primary key (id, during without overlaps), unique (name, during));"
        "create table stays (id bigserial primary key, guest text not null unique, room_id bigint,"
        " during daterange,"
        " foreign key (room_id, period during) references rooms (id, period during));"
    )
    tables = (Table("rooms", key=("name", "during")), Table("stays", key="guest", via="room_id"))
    with pytest.raises(Problem, match="stays.room_id: refers to rooms.id") as caught:
        export(source, *tables, key="x", kind="room")
    assert caught.value.code == Exit.PLUGIN
