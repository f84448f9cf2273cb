"""What the doctor says of the local side: checkout, scripts, secrets in git, bundles, the subject's rows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest

from maulstick.doctor.credentials import secret_in
from maulstick.doctor.scripts import destructive, is_script
from maulstick.project.playbook import SHIPPED
from maulstick.sandbox import databases
from tests.checkout import ROOT
from tests.doctor.patients import ask, direct, git, on_fly, with_files, with_rows
from tests.end_to_end.projects import BUCKET, Project

# Put together here, so that nobody who looks for secrets finds one in this file.
AWS = "AKIA" + "Q3EGRZ5TSZ4NBWK7"
TIGRIS = "tsec_" + "b7Jd+KfQm2R/xT9uVhLwZp4sCyNaEg"
TOKEN = "FlyV1 fm" + "2_lJPECAAAAAAAC0VxEBCgkL7p1iGY9l2hYl5Jzg"
DATABASE = "postgres://olivia:" + "hunter2%40x@top2.nearest.of.db.internal:5432/olivia"


def test_a_dirty_checkout_stops_a_deploy_and_is_named(own: Project) -> None:
    with with_files(own.sandbox / "checkout", {"lib/ünsaved, it's.ex": "x"}):
        told = ask(own)
    assert told.names("fail") == ["checkout"]
    assert told.says("checkout").splitlines() == ["1 change that no commit holds", "lib/ünsaved, it's.ex"]
    assert told.word("pushed") == "skipped"


def test_a_commit_that_nobody_else_has_is_a_warning_on_a_real_target(own: Project) -> None:
    told = ask(on_fly(own))
    assert told.word("pushed") == "warn"
    assert told.hint("pushed") == "git push"


def test_scripts_and_secrets_are_named_by_file_and_line_and_never_by_value(own: Project) -> None:
    spoiled = {
        "scripts/deploy_to_fly.sh": "#!/bin/sh\necho all anew\n",
        "scripts/übung 'one'.sh": "set -e\n# never DROP DATABASE\nfly ssh console -C 'mix ecto.drop'\n",
        "mix.exs": '"ecto.reset": ["ecto.drop", "ecto.setup"],\nstart_permanent: Mix.env() == :prod\n',
        "Makefile": "reset:\n\tmix ecto.reset\ndeploy:\n\tfly deploy\n",
        "config/prod.exs": f"import Config\nconfig :olivia, url: \"{DATABASE}\", id: '{AWS}'\n",
        ".env.production": f"AWS_SECRET_ACCESS_KEY={TIGRIS}\nFLY_API_TOKEN='{TOKEN}'\n",
    }
    with with_files(own.sandbox / "checkout", spoiled, commit=True):
        told = ask(own)
    assert told.names("fail") == []
    assert told.says("scripts").splitlines() == [
        "2 places that would destroy production's data",
        "scripts/deploy_to_fly.sh: rebuilds production, which destroys what it holds",
        "scripts/übung 'one'.sh:3: ecto.drop",
    ]
    assert told.says("credentials").splitlines() == [
        "3 secrets in plain sight",
        "checkout .env.production:1: a Tigris key",
        "checkout .env.production:2: a Fly token",
        "checkout config/prod.exs:2: an AWS key",
    ]
    assert not [one for one in (AWS, TIGRIS, TOKEN, DATABASE, "hunter2") if one in told.ran.out]


def test_secrets_of_the_project_are_found_in_its_inventory_and_in_git(own: Project) -> None:
    direct(own, own.site)
    (own.folder / "inventory.toml").write_text(
        (own.folder / "inventory.toml").read_text().replace("[source]", f"# {DATABASE}\n[source]")
    )
    git(own.folder, "add", "live.env")
    told = ask(own)
    assert {
        "inventory.toml:4: a database's password",
        "live.env: the target's environment, which git knows",
    } <= set(told.says("credentials").splitlines())


def test_bundles_that_git_does_not_have_are_a_warning_on_a_real_target(own: Project) -> None:
    on_fly(own)
    bundle = own.folder / "releases" / "series" / "embodiment"
    shutil.copytree(own.bundle, bundle)
    assert ask(own).says("bundles").splitlines()[1:] == ["series/embodiment"]
    git(own.folder, "add", "releases")
    git(own.folder, "commit", "--quiet", "--message", "released")
    assert ask(own).word("bundles") == "ok"


def test_chromium_is_started_only_where_somebody_wants_it(own: Project) -> None:
    playbook = own.folder / "playbooks" / "release.toml"
    with_browser = (
        (SHIPPED / "release.toml").read_text().replace('name = "verify"', 'name = "verify"\nbrowser = true')
    )
    playbook.write_text(with_browser)
    without = {**own.environment, "MAULSTICK_CHROMIUM": "/nowhere/chromium"}
    told = ask(replace(own, environment=without))
    playbook.write_text(with_browser.replace("browser = true", "browsr = true"))
    broken = ask(replace(own, environment=without), "--browser")
    assert told.names("fail") == ["browser"]
    assert "no Chromium is at /nowhere/chromium" in told.says("browser")
    assert broken.names("fail") == ["playbooks"]
    assert broken.word("browser") == "skipped"


def test_a_plugin_and_a_media_root_that_are_not_there_leave_the_rest_asked(own: Project) -> None:
    (own.folder / "plugins" / "broken.py").write_text("import nothing_there\n")
    on_fly(own)
    inventory = own.folder / "inventory.toml"
    inventory.write_text(inventory.read_text().replace("/priv/static", "/priv/statc"))
    told = ask(own, "--series", "embodiment")
    assert told.names("fail") == ["plugins", "media root"]
    assert "plugins/broken.py: ModuleNotFoundError" in told.says("plugins")
    assert told.word("database") == told.word("bucket") == "ok"
    assert told.says("series embodiment: here") == "waits for: plugins"


def test_rows_that_differ_links_that_are_lost_files_that_are_gone(own: Project) -> None:
    picture = "uploads/media/1763722109_e4982724359e6940.jpg"
    head = own.s3().head_object(Bucket=BUCKET, Key=picture)
    link = "update artworks set media_file_id = {} where slug = 'in-motion-iv'"
    before = own.rows("select media_file_id from artworks where slug = 'in-motion-iv'")[0][0]
    own.s3().delete_object(Bucket=BUCKET, Key=picture)
    try:
        with with_rows(own, link.format("null"), link.format(before)):
            told = ask(own, "--series", "embodiment")
    finally:
        content = (own.media / picture).read_bytes()
        headers = {name: head[name] for name in ("ContentType", "CacheControl", "Metadata")}
        own.s3().put_object(Bucket=BUCKET, Key=picture, Body=content, **headers)
    name = "series embodiment"
    assert told.word(f"{name}: rows") == "ok"
    assert told.says(f"{name}: rows").endswith("; edited there: 1 row")
    assert "artworks in-motion-iv: media_file_id: local" in told.says(f"{name}: links")
    assert told.says(f"{name}: files").splitlines()[1:] == [f"{picture}: not there"]
    assert told.word(f"{name}: pages") == "fail"


def test_every_object_that_is_named_is_asked_for_where_somebody_wants_it(own: Project) -> None:
    picture, s3 = "uploads/media/1763722109_e4982724359e6940.jpg", own.s3()
    here, rows = ("--media", "--series", "embodiment"), ("--media",)
    assert ask(own, *here).says("media") == "5 files of 1 bundle: as they should be"
    assert ask(own, *rows).word("media") == "ok"
    head = s3.head_object(Bucket=BUCKET, Key=picture)
    right: Any = {name: head[name] for name in ("ContentType", "CacheControl", "Metadata")}
    content = (own.media / picture).read_bytes()
    try:
        s3.put_object(Bucket=BUCKET, Key=picture, Body=content, **{**right, "ContentType": "text/html"})
        told = ask(own, *here)
        assert told.word("media") == "warn"
        assert f'{picture}: type is "text/html"' in told.says("media")
        s3.put_object(Bucket=BUCKET, Key=picture, Body=content[::-1], ContentType="image/jpeg")
        for words in (here, rows):
            told = ask(own, *words)
            assert told.word("media") == "fail"
            assert f"{picture}: different content" in told.says("media")
    finally:
        s3.put_object(Bucket=BUCKET, Key=picture, Body=content, **right)


def test_pages_are_held_against_what_production_has_of_the_rows(own: Project) -> None:
    body = "update series set body_md = {} where slug = 'embodiment'"
    (before,) = own.rows("select quote_literal(body_md) from series where slug = 'embodiment'")[0]
    with with_rows(own, body.format("'Written there.'"), body.format(before)):
        told = ask(own, "--series", "embodiment")
    assert told.says("series embodiment: rows").endswith("; edited there: 1 row")
    assert told.word("series embodiment: pages") == "ok"


def test_a_conflict_says_that_a_release_would_be_refused(own: Project) -> None:
    title = "update series set summary = '{}' where slug = 'embodiment'"
    (before,) = own.rows("select summary from series where slug = 'embodiment'")[0]
    with (
        with_rows(own, title.format("there"), title.format(before.replace("'", "''"))),
        with_rows(own, title.format("here"), title.format(before.replace("'", "''")), side=databases.SOURCE),
    ):
        told = ask(own, "--series", "embodiment")
    assert told.names("fail") == ["series embodiment: rows"]
    assert "series embodiment: summary\n" in told.says("series embodiment: rows")


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("scripts/reset.sh", "mix ecto.reset\n", []),
        ("scripts/reset.sh", "MIX_ENV=prod mix ecto.reset\n", [(1, "ecto.reset")]),
        ("scripts/reset.sh", "export DB=$PROD_URL\ndropdb olivia\n", [(2, "dropdb ")]),
        ("wipe.sh", "fly postgres connect <<< 'TRUNCATE enquiries CASCADE'\n", [(1, "TRUNCATE e")]),
        ("wipe.sh", "truncate -s 0 log\nfly deploy\n", []),
        ("wipe.sh", "fly pg destroy olivia-db\n", [(1, "fly pg destroy")]),
        ("wipe.sh", "psql $DATABASE_URL -c 'drop schema public cascade'\n", [(1, "drop schema p")]),
        ("wipe.sh", "# fly: DROP DATABASE x\n", []),
        ("wipe.sh", "ssh gallery-db dropdb gallery\n", [(1, "dropdb ")]),
        ("Makefile", "reset:\n\tmix ecto.reset\nship:\n\tfly deploy\n", []),
        ("Makefile", "anew:\n\tmix ecto.reset\n\tfly deploy\n", [(2, "ecto.reset")]),
        ("mix.exs", '"ecto.reset": ["ecto.drop"],\n"ship": ["cmd fly deploy"]\n', []),
        ("mix.exs", '"anew": ["ecto.drop", "cmd fly deploy"]\n', [(1, "ecto.drop")]),
        ("notes.sh", "the product: drop table tennis\n", []),
    ],
)
def test_what_destroys_production_is_told_from_what_does_not(
    name: str, text: str, found: list[tuple[int, str]]
) -> None:
    assert is_script(name)
    assert list(destructive(name, text, ("gallery-db",))) == found


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"id = {AWS}", "an AWS key"),
        ("id = AKIAIOSFODNN7EXAMPLE", ""),
        ('AWS_SECRET_ACCESS_KEY: "wJalr' + 'XUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzKEY"', "a storage key"),
        ("AWS_SECRET_ACCESS_KEY=$(fly ssh console -C 'printenv AWS_SECRET_ACCESS_KEY')", ""),
        ("AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}", ""),
        (TOKEN, "a Fly token"),
        (TIGRIS, "a Tigris key"),
        ("-----BEGIN OPENSSH PRIVATE " + "KEY-----", "a private key"),
        ('assert key.startswith("-----BEGIN PRIVATE ' + 'KEY-----\\n")', ""),
        (DATABASE, "a database's password"),
        (DATABASE.replace("postgres", "ecto", 1), "a database's password"),
        ("postgres://postgres:postgres@localhost/olivia_dev", ""),
        ("postgresql://USER:PASSWORD@db.internal/NAME", ""),
        ("ecto://olivia:${PASSWORD}@db.internal/olivia", ""),
        ("postgres://olivia:#{password}@db.internal/olivia", ""),
        ("postgres://olivia@db.internal/olivia", ""),
    ],
)
def test_a_secret_is_told_from_an_example(line: str, kind: str) -> None:
    assert secret_in(line) == kind


def test_this_repository_itself_holds_no_secret() -> None:
    from maulstick import git as door
    from maulstick.doctor.credentials import LIKELY

    assert [f"{line.file}:{line.number}" for line in door.grep(ROOT, LIKELY) if secret_in(line.text)] == []
