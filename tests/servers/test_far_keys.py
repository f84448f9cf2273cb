"""Keys that lead far go between old and new servers: trees, inheritance and tenants."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.deciding import contents, undone
from tests.databases.places import apply, both, export
from tests.servers.clusters import NEWEST

EDGES = pytest.mark.parametrize("pair", [(NEWEST, NEWEST), (NEWEST, 14), (14, NEWEST)], indirect=True)
TABLES = """
create table orgs (id bigserial primary key, slug text not null unique);
create table folders (org_id bigint references orgs, id bigserial, parent_id bigint, name text not null,
  primary key (org_id, id), foreign key (org_id, parent_id) references folders (org_id, id));
create table albums (org_id bigint, folder_id bigint, title text, primary key (org_id, folder_id),
  foreign key (org_id, folder_id) references folders);
create table pictures (id bigserial primary key, org_id bigint, album_id bigint, n integer not null,
  foreign key (org_id, album_id) references albums);
"""
DECLARED = (
    Table("orgs", key="slug"),
    Table("folders", key=("org_id", "parent_id", "name"), via="org_id"),
    Table("albums", key=("org_id", "folder_id"), via="folder_id"),
    Table("pictures", key=("album_id", "n"), via="album_id"),
)
SHOWN = """
select o.slug, f.name, p.name, a.title, i.n from pictures as i
  join albums as a on (a.org_id, a.folder_id) = (i.org_id, i.album_id)
  join folders as f on (f.org_id, f.id) = (a.org_id, a.folder_id) join orgs as o on o.id = f.org_id
  left join folders as p on (p.org_id, p.id) = (f.org_id, f.parent_id) order by 5
"""


@EDGES
def test_pictures_of_an_album_in_a_folder_below_a_folder_of_a_tenant_arrive(source, production):
    both(source, production, TABLES)
    source.run(
        "insert into orgs values (1, 'tate'), (2, 'moma');"
        "insert into folders values (2, 1, null, 'a'), (1, 1, null, 'a'), (1, 2, 1, 'b'), (1, 3, 2, 'a');"
        "insert into albums values (1, 2, 'B of A'), (1, 3, 'A of B'), (2, 1, 'theirs');"
        "insert into pictures (org_id, album_id, n) values (1, 2, 1), (1, 3, 2), (2, 1, 3)"
    )
    production.run(
        "insert into orgs values (1, 'moma'), (7, 'tate'); insert into folders values (1, 2, null, 'a'),"
        " (7, 2, null, 'a'); insert into albums values (1, 2, 'theirs');"
        "select setval('folders_id_seq', 20), setval('orgs_id_seq', 20)"
    )
    before = contents(production)
    assert apply(export(source, *DECLARED, key="tate"), production).says == "6 inserted"
    assert production.rows(SHOWN) == [
        ("tate", "b", "a", "B of A", 1),
        ("tate", "a", "b", "A of B", 2),
    ]
    assert apply(export(source, *DECLARED, key="tate"), production).word == "unchanged"
    undone(production)
    assert contents(production) == before
