"""What the doctor says where Fly, environment, database or bucket are not as a release needs them."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from maulstick.sandbox import apps, databases, machines
from tests.doctor.patients import ask, direct, environment, on_fly, site_of, with_environment, with_rows
from tests.end_to_end.projects import BUCKET, SERIES, Project

SHARED = "uploads/media/1763722109_e4982724359e6940.jpg"
OF_BUCKET = ("bucket", "bucket writable", "public address", "storage quota", "unfinished uploads")
READ_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{BUCKET}/*"],
        }
    ],
}
ROLES = "create role releaser; create role planner login password 'its own'"


def with_password(address: str, user: str, password: str) -> str:
    """Return an address with another user."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{user}:{quote(password)}@{rest.rpartition('@')[2]}"


def test_nobody_logged_in_is_said_once_and_the_rest_waits(own: Project) -> None:
    apps.fault(own.sandbox, "not-logged-in")
    told = ask(on_fly(own))
    assert told.names("fail") == ["fly login"]
    assert told.says("fly login") == "nobody is logged in"
    assert "fly auth login" in told.hint("fly login")
    assert told.says("bucket writable") == "waits for: fly login"
    assert {"source database", "declarations", "checkout", "site"} <= set(told.names("ok"))


def test_an_app_of_another_name_is_no_fault_of_the_login(own: Project) -> None:
    told = ask(on_fly(own, app="olivia-art-portfoli"))
    assert told.word("fly login") == "ok"
    assert told.names("fail") == ["fly app"]
    assert told.says("fly app") == 'no app "olivia-art-portfoli" is known to this login'
    assert "fly apps list" in told.hint("fly app")


def test_a_program_that_is_not_there_is_named(own: Project) -> None:
    told = ask(on_fly(own, fly="nowhere/fly"))
    assert told.names("fail") == ["fly"]
    assert "install it" in told.hint("fly")


def test_an_old_fly_is_a_warning(own: Project) -> None:
    apps.fault(own.sandbox, "too-old")
    told = ask(on_fly(own))
    assert told.names("fail", "skipped") == []
    assert "is version 0.4.79, and may lose output before 0.4.80" in told.says("fly")


def test_a_machine_that_sleeps_is_woken_by_a_visit_and_that_is_said(own: Project) -> None:
    machines.stop(own.sandbox, apps.SITE_APP, own.machine().id)
    told = ask(on_fly(own))
    assert told.names("fail", "skipped") == []
    assert told.says("machine").endswith(" was asleep, woken by our visit to the site")
    calls = (own.sandbox / "fly" / "calls.jsonl").read_text().splitlines()
    assert not any(call[:2] == ["machine", "start"] for call in map(json.loads, calls))


def test_variables_are_named_and_never_shown(own: Project) -> None:
    changed = {"AWS_SECRET_ACCESS_KEY": None, "S3_BUCKET": None, "BUCKET_NAME": BUCKET}
    with with_environment(own, **changed):
        told = ask(on_fly(own))
    assert told.names("fail") == ["bucket variables"]
    assert told.says("bucket variables") == "AWS_SECRET_ACCESS_KEY is not set"
    assert told.hint("bucket variables") == f"fly secrets set AWS_SECRET_ACCESS_KEY=… -a {apps.SITE_APP}"
    assert told.names("skipped") == [*OF_BUCKET, "encryption"]
    assert told.word("database") == "ok"


def test_either_name_of_the_bucket_will_do(own: Project) -> None:
    with with_environment(own, S3_BUCKET=None, BUCKET_NAME=BUCKET):
        told = ask(on_fly(own))
    assert "BUCKET_NAME" in told.says("bucket variables")
    assert told.names("fail", "skipped") == []


def test_a_database_that_is_down_and_a_bucket_that_is_gone_are_both_said(own: Project) -> None:
    url = environment(own)["DATABASE_URL"].replace("@olivia-art-portfolio-db.flycast:5432", "@127.0.0.1:9")
    with with_environment(own, DATABASE_URL=url, S3_BUCKET="nowhere"):
        told = ask(on_fly(own), "--series", "embodiment")
    assert told.names("fail") == ["database", "bucket"]
    assert "cannot be reached" in told.says("database")
    assert "there is no such bucket" in told.says("bucket")
    assert {told.says(name) for name in ("ledger", "schema", "series embodiment: rows")} == {
        "waits for: database"
    }
    assert told.word("series embodiment: here") == "ok"


def test_a_public_address_of_another_place_is_wrong(own: Project) -> None:
    with with_environment(own, S3_PUBLIC_URL=f"https://fly.storage.tigris.dev/{BUCKET}"):
        path_style = ask(on_fly(own))
    with with_environment(own, S3_PUBLIC_URL=f"{own.site}/nothing/here"):
        elsewhere = ask(on_fly(own))
    assert path_style.names("fail") == elsewhere.names("fail") == ["public address"]
    assert path_style.hint("public address").endswith(f"to https://{BUCKET}.fly.storage.tigris.dev")
    assert "answers 404" in elsewhere.says("public address")


def test_a_key_that_only_reads_and_a_bucket_that_is_nearly_full(own: Project) -> None:
    used = sum(one["Size"] for one in own.s3().list_objects_v2(Bucket=BUCKET)["Contents"])
    objects = own.objects()
    own.s3().put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(READ_ONLY))
    try:
        told = ask(on_fly(own, more=f'storage_quota = "{used * 10 // 9} B"'))
        full = ask(on_fly(own, more=f'storage_quota = "{used} B"'))
    finally:
        own.s3().delete_bucket_policy(Bucket=BUCKET)
    assert told.names("fail") == ["bucket writable"]
    assert told.word("storage quota") == "warn"
    assert told.says("storage quota").endswith(", 90%")
    assert full.names("fail") == ["bucket writable", "storage quota"]
    assert own.objects() == objects


def test_an_acl_that_somebody_took_away_is_found_and_mended(own: Project) -> None:
    on_fly(own, more='acl = "public-read"')
    assert own.invoke("export", *SERIES).code == own.invoke("upload", *SERIES).code == 0
    own.s3().put_object_acl(Bucket=BUCKET, Key=SHARED, ACL="private")
    assert own.invoke("upload", *SERIES).words == {"upload": "unchanged"}
    assert ask(own, "--media").word("media") == "warn"
    told = ask(own, "--media", *SERIES)
    assert told.word("media") == "warn"
    assert told.says("media").splitlines()[1:] == [f'{SHARED}: ACL is "private"']
    assert own.invoke("upload", "--recheck", *SERIES).steps["upload"][1] == "1 repaired; 4 there already"
    assert ask(own, "--media", *SERIES).word("media") == "ok"


def test_a_ledger_of_another_target_and_a_schema_that_does_not_fit(own: Project) -> None:
    there = "alter table artworks rename column medium to material"
    back = "alter table artworks rename column material to medium"
    ledger = "update maulstick.ledger set target = '{}'"
    with (
        with_rows(own, there, back),
        with_rows(own, ledger.format("staging"), ledger.format("sandbox")),
    ):
        told = ask(own, "--series", "embodiment")
    assert told.names("fail") == ["ledger", "schema", "series embodiment: rows"]
    assert told.says("ledger") == 'this database calls itself "staging", not "sandbox"'
    assert "artworks.medium: is not in sandbox" in told.says("schema")


def test_a_migration_that_production_lacks_is_a_warning(own: Project) -> None:
    there = "insert into schema_migrations values (20990101000000, now())"
    with with_rows(
        own, there, "delete from schema_migrations where version > 20980000000000", side=databases.SOURCE
    ):
        told = ask(own)
    assert told.says("schema").splitlines() == ["sandbox lacks 1 migration", "20990101000000"]
    assert told.names("fail") == []


def test_a_target_without_fly_is_asked_nothing_about_it(own: Project) -> None:
    with site_of(0) as site:
        told = ask(direct(own, site))
    assert not {"fly", "fly login", "fly app", "machine", "checkout"} & set(told.answers)
    assert told.names("fail", "skipped") == []
    assert told.says("clocks") == "ours agrees with the bucket, the database, the site"


def test_a_clock_that_is_hours_off_is_said_with_whose_it_is(own: Project) -> None:
    with site_of(1) as site:
        told = ask(direct(own, site, DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing"))
    assert told.names("fail") == ["database", "clocks"]
    assert re.fullmatch(r"the site is 3(599|600) s ahead of us; S3 refuses 15 minutes", told.says("clocks"))


def test_a_role_without_rights_is_told_its_grants_and_they_mend_it(own: Project) -> None:
    planning = with_password(own.address(databases.PRODUCTION), "planner", "its own")
    more = f'database_user = "releaser"\nplan_database = "{planning}"'
    with with_rows(own, ROLES, "drop owned by releaser, planner; drop role releaser, planner"):
        before = ask(on_fly(own, more=more))
        for name in ("release rights", "plan rights"):
            own.rows("".join(before.says(name).splitlines()[1:]))
        after = ask(own)
    assert before.names("fail") == ["release rights", "plan rights"]
    assert before.says("ledger") == "waits for: plan rights"
    assert after.names("warn", "fail", "skipped") == ["pushed"]
    assert after.says("release rights") == 'the role "releaser" has them'
    assert after.says("plan rights") == 'the role "planner" has them'


def test_a_plan_database_alone_lets_a_plan_be_examined(own: Project) -> None:
    more = f'plan_database = "{own.address(databases.PRODUCTION)}"'
    with with_environment(own, DATABASE_URL=None):
        told = ask(on_fly(own, more=more), "--series", "embodiment")
    assert told.names("fail") == ["database variables"]
    assert told.names("skipped") == ["database", "release rights", "search path", "encryption"]
    assert told.word("series embodiment: rows") == "ok"


def test_each_target_of_a_list_is_examined_and_the_worst_counts(own: Project) -> None:
    other = f'[targets.other]\nhost = "direct"\nsite = "{own.site}"\nenvironment = "nowhere.env"'
    ran = on_fly(own, more=other).invoke("doctor", "--json", "--target", "other,sandbox")
    first, second = json.loads(ran.out)["targets"]
    assert ran.code == 5
    assert (first["target"], second["target"]) == ("other", "sandbox")
    assert [one["name"] for one in first["answers"] if one["word"] == "fail"] == ["environment"]
    assert second["summary"]["fail"] == 0
