"""What may be declared of values that hide rows, what each side can hold, and rows that change theirs."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("blog", table="blogs", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("blogs", key="slug")
    yield Table("posts", key="slug", via="blog_id", DECLARED)
"""
TABLES = """
create type phase as enum ('draft', 'published');
create table blogs (id bigserial primary key, slug text not null unique);
create table posts (id bigserial primary key, blog_id bigint not null references blogs,
  slug text not null unique, status text default 'draft', phase phase not null default 'draft',
  short varchar(5) not null default 'out', flag smallint not null default 1 check (flag in (0, 1)),
  extra jsonb, letter citext);
"""
BLOG = ("--blog", "night", "--playbook", "content")
HIDES = 'publish="status", hidden=("draft", "private")'


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A blog without a post that nothing was released to."""
    made = other_site(f"create extension citext;{TABLES}", storage=storage)
    made.run_dev("insert into blogs (slug) values ('night')")
    made.plugin(PLUGIN.replace("DECLARED", HIDES))
    return made


def statuses(site: OtherSite) -> dict[str, str | None]:
    """Return the status of each post in production."""
    return {str(slug): status for slug, status in site.rows("select slug, status from posts")}


CANNOT_HIDE = [
    ('publish="phase", hidden="drafted"',
     'posts.phase: cannot hold hidden="drafted": phase has only draft, published'),
    ('publish="short", hidden="unseen"',
     """posts.short: cannot hold hidden="unseen": character varying(5) holds it as 'unsee'"""),
    ('publish="flag", hidden="no"', 'posts.flag: cannot hold hidden="no": invalid input syntax for type'),
    ('publish="flag", hidden="00"', """posts.flag: cannot hold hidden="00": smallint holds it as '0'"""),
    ('publish="flag", hidden=("0", "2")',
     'posts.flag: cannot hold hidden="2": the check posts_flag_check forbids it: (flag = ANY'),
    ('publish="phase"', "posts.phase: is phase: which of its values hide a row?"),
    ('publish="flag"', 'hint: hidden="0", say'),
    ('publish="statos", hidden="draft"', "posts.statos: no such column in the source database"),
    ('publish="extra", hidden="{}"', "posts.extra: is jsonb: publish takes a plain value, or a time"),
    ('publish="blog_id", hidden="1"', "posts.blog_id: leads to another row: publish takes a value"),
    ('hidden="draft"', "posts: hidden='draft' is a value of no column"),
    ('publish="flag", hidden=0', 'hidden=0: values as text, such as "draft", "true" or "0"'),
]  # fmt: skip


def test_a_declaration_that_can_hide_no_row_says_where_and_what_to_do(site: OtherSite) -> None:
    for declared, says in CANNOT_HIDE:
        site.plugin(PLUGIN.replace("DECLARED", declared))
        for words in (("plugins.check",), ("release", *BLOG), ("release", "--all", *BLOG[2:])):
            ran = site.invoke(*words)
            assert (ran.code, says in ran.said) == (6, True), (declared, ran.said)
            assert "hint: " in ran.said or "ValueError" in ran.said, ran.said


def test_a_value_that_production_cannot_hold_is_named_before_a_row_is_written(site: OtherSite) -> None:
    site.plugin(PLUGIN.replace("DECLARED", 'publish="phase", hidden="draft"'))
    site.run_dev("insert into posts (blog_id, slug, phase) values (1, 'new', 'published')")
    site.run_live(
        "alter table posts drop column phase; drop type phase; create type phase as enum ('published');"
        "alter table posts add column phase phase not null default 'published'"
    )
    checked = site.invoke("plugins.check")
    says = 'live cannot take it: posts.phase: cannot hold hidden="draft": phase has only published'
    assert (checked.code, says in checked.said) == (3, True), checked.said
    for words in (("release", *BLOG), ("apply", *BLOG[:2])):
        ran = site.invoke(*words)
        assert ran.code == 3, ran.said
        assert "posts new: cannot be hidden: phase cannot be 'draft' in live: invalid input value" in ran.err
        assert site.rows("select * from posts") == []


@pytest.mark.parametrize(
    ("declared", "check", "row"),
    [
        ('publish="shown"', "shown or shown_at is null", "true, '2026-01-01', 'published'"),
        ('publish="shown_at"', "not shown or shown_at is not null", "true, '2026-01-01', 'published'"),
        (HIDES, "status <> 'draft' or shown_at is null", "false, '2026-01-01', 'published'"),
    ],
)
def test_a_check_that_forbids_hidden_rows_is_named_by_the_plan(
    site: OtherSite, declared: str, check: str, row: str
) -> None:
    for run in (site.run_dev, site.run_live):
        run("alter table posts add column shown boolean, add column shown_at timestamp,"
            f" add constraint both_or_none check ({check})")  # fmt: skip
    site.plugin(PLUGIN.replace("DECLARED", declared))
    site.run_dev(f"insert into posts (blog_id, slug, shown, shown_at, status) values (1, 'new', {row})")
    says = "posts new: while it is hidden, it breaks the check both_or_none of live: ("
    for words in (("release", *BLOG), ("release", *BLOG, "--check"), ("release", *BLOG, "--hidden")):
        ran = site.invoke(*words)
        assert (ran.code, says in ran.err) == (3, True), ran.said
    live = dict(line.split("=", 1) for line in (site.folder / ".env.live").read_text().splitlines())
    if psql := shutil.which("psql"):  # what becomes public at once is never hidden
        script = str(site.folder / "releases/blog/night/release.sql")
        words = (psql, "-X", "-q", "-f", script, live["DATABASE_URL"])
        subprocess.run(words, check=True, capture_output=True)
        assert site.rows("select slug from posts") == [("new",)]


def test_what_goes_from_one_value_to_another_is_written_when_it_should_be(site: OtherSite) -> None:
    steps = (  # what production has, local's next, and what apply leaves
        ("draft", "private", "private"),  # hidden in another way
        ("draft", "scheduled", "draft"),  # the site may show it by itself
        ("private", "published", "private"),
        ("published", "private", "private"),
        ("published", "featured", "featured"),  # public already
        ("draft", None, "draft"),  # nobody knows what the site makes of null
        (None, "published", None),
        (None, "draft", "draft"),
    )
    for number, (was, _, _) in enumerate(steps):
        site.dev.execute(
            "insert into posts (blog_id, slug, status) values (1, %s, %s)", (f"post-{number}", was)
        )
    assert site.invoke("release", *BLOG).code == 0
    assert [statuses(site)[f"post-{n}"] for n in range(8)] == [was for was, _, _ in steps]
    for number, (_, status, _) in enumerate(steps):
        site.dev.execute("update posts set status = %s where slug = %s", (status, f"post-{number}"))
    ran = site.invoke("release", *BLOG, "--hidden")
    assert (ran.code, "4 rows go in hidden" in ran.err) == (0, True), ran.said
    assert [statuses(site)[f"post-{n}"] for n in range(8)] == [left for _, _, left in steps]
    assert "4 rows hidden" in site.invoke("status").out
    assert site.invoke("publish", *BLOG[:2]).code == 0
    assert [statuses(site)[f"post-{n}"] for n in range(8)] == [status for _, status, _ in steps]
    assert "nothing to release" in site.invoke("release", *BLOG).last


def test_a_spelling_that_the_column_ignores_hides_a_row_too(site: OtherSite) -> None:
    site.plugin(PLUGIN.replace("DECLARED", 'publish="letter", hidden="draft"'))
    site.run_dev("insert into posts (blog_id, slug, letter) values (1, 'new', 'Draft'), (1, 'old', 'Out')")
    ran = site.invoke("release", *BLOG, "--hidden")
    assert (ran.code, "1 row goes in hidden" in ran.err) == (0, True), ran.said
    assert site.rows("select letter::text from posts order by slug") == [("Draft",), ("draft",)]
    assert site.invoke("publish", *BLOG[:2]).code == 0
    assert site.rows("select letter::text from posts order by slug") == [("Draft",), ("Out",)]


def test_a_bundle_that_hides_otherwise_than_declared_is_refused(site: OtherSite) -> None:
    site.run_dev("insert into posts (blog_id, slug, status) values (1, 'new', 'published')")
    site.plugin(PLUGIN.replace(", DECLARED", ""))
    assert site.invoke("export", *BLOG[:2]).code == 0
    site.plugin(PLUGIN.replace("DECLARED", HIDES))
    ran = site.invoke("release", "--bundle", "releases/blog/night", *BLOG[2:])
    assert (ran.code, site.rows("select * from posts")) == (3, []), ran.said
    assert "posts: publish is None" in ran.err
