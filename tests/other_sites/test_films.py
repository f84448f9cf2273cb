"""The plugin that a stranger would write for a shop for films: released, released again, and undone."""

import pytest

from tests.other_sites.films import HERE, PLUGIN, TABLES, THERE

MARSH = "The Salt Marsh"
FILM = """
select f.title, f.release_year, l.name, o.name, f.rental_rate, f.rating::text, f.special_features,
  f.fulltext @@ plainto_tsquery('english', 'tides')
from film as f join language as l using (language_id)
  left join language as o on o.language_id = f.original_language_id where f.title = %s
"""
CAST = """
select a.first_name, a.last_name from film_actor join film using (film_id) join actor as a using (actor_id)
where title = %s order by 2
"""
CATEGORIES = """
select name from film_category join film using (film_id) join category using (category_id)
where title = %s order by 1
"""
OTHERS = """
select 'film', f::text from film as f where film_id = 1
union all select 'actor', a::text from actor as a where actor_id in (1, 2)
union all select 'film_actor', a::text from film_actor as a where film_id = 1
union all select 'category', c::text from category as c
union all select 'language', l::text from language as l
order by 1, 2
"""


@pytest.fixture
def shop(other_site):
    return other_site(TABLES, local=HERE, live=THERE, plugin=PLUGIN)


def released(site, film=MARSH, *more):
    """Export a film and apply it; `more` are options of apply."""
    exported = site.invoke("export", "--film", film)
    assert exported.code == 0, exported.err
    return site.invoke("apply", "--film", film, "--without-media", *more)


def test_a_film_is_released_with_its_cast_and_nothing_else_is_touched(shop):
    before = shop.rows(OTHERS)
    assert shop.invoke("plugins.check").code == 0
    applied = released(shop)
    assert (applied.code, "6 inserted" in applied.said) == (0, True)
    [film] = shop.rows(FILM, MARSH)
    assert film[:3] == (MARSH, 2019, "English".ljust(20))
    assert film[3].strip() == "Cornish"
    assert film[5:] == ("PG-13", ["Trailers", 'Behind the Scenes, "in full"', None], True)
    assert shop.rows(CAST, MARSH) == [("Tom", "O'Hara"), ("Ada", "Reed")]
    assert shop.rows(CATEGORIES, MARSH) == [("Documentary",), ("Short",)]
    assert shop.rows(OTHERS) == before


def test_a_second_release_changes_nothing(shop):
    released(shop)
    before = shop.rows("select xmin::text, f::text from film as f order by 1, 2")
    assert "unchanged" in released(shop).said
    assert shop.rows("select xmin::text, f::text from film as f order by 1, 2") == before


def test_a_correction_arrives_and_the_index_of_words_follows_it(shop):
    released(shop)
    shop.run_dev("update film set description = 'A heron waits', rating = 'G' where film_id = 1")
    assert "1 updated" in released(shop).said
    found = "select title from film where fulltext @@ plainto_tsquery('english', 'herons')"
    assert shop.rows(found) == [(MARSH,)]


def test_a_film_without_a_year_is_known_by_its_title(shop):
    assert "4 inserted" in released(shop, "Low Water").said
    assert "unchanged" in released(shop, "Low Water").said
    assert shop.rows("select special_features, rating from film where title = 'Low Water'") == [([], None)]


def test_a_release_is_undone_to_the_last_row(shop):
    before = shop.rows(OTHERS)
    released(shop)
    undone = shop.invoke("rollback", "--release", "1", "--yes")
    assert undone.code == 0, undone.said
    assert shop.rows(OTHERS) == before
    assert shop.rows("select count(*) from film") == [(1,)]
    assert shop.rows("select count(*) from film_actor") == [(1,)]
    assert shop.rows("select count(*) from actor") == [(2,)]


def test_the_plan_says_which_sequences_stand_behind(shop):
    assert shop.invoke("export", "--film", MARSH).code == 0
    said = shop.invoke("plan", "--film", MARSH).said
    says = "actor_actor_id_seq is behind its actor_ids: it gives 1 next, and actor has actor_id 2"
    assert says in " ".join(said.split())
