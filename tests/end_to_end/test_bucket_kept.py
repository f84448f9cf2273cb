"""What a user does with the bucket itself: single files, what is missing in it, what nothing names."""

from __future__ import annotations

import json
import shutil

from tests.end_to_end.projects import BUCKET, SERIES, Project

PICTURE = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
SHARED = "uploads/media/1763722109_e4982724359e6940.jpg"


def test_single_files_are_sent_by_their_stored_path_or_by_where_they_lie(released: Project) -> None:
    (released.media / "uploads" / "flyer.pdf").write_bytes(b"%PDF-1.4 a flyer")
    lying = released.media / "robots.txt"
    lying.write_text("Allow: /\n")
    words = ("upload", "--file", "/uploads/flyer.pdf", "--file", str(lying))
    ran = released.invoke(*words)
    assert (ran.code, ran.words) == (0, {"upload": "done"}), ran.err
    head = released.s3().head_object(Bucket=BUCKET, Key="uploads/flyer.pdf")
    assert (head["ContentType"], len(head["Metadata"]["sha256"])) == ("application/pdf", 64)
    again = released.invoke(*words)
    assert again.steps["upload"] == ("unchanged", "2 files there already")
    lying.write_text("Disallow: /\n")
    other = released.invoke(*words)
    assert other.code == 3
    assert "robots.txt: different content" in other.err
    assert "no orphans" in released.invoke("media.orphans").out


def test_a_single_file_outside_the_media_folder_is_refused(released: Project) -> None:
    (released.media / "link.txt").symlink_to("/etc/hostname")
    (released.media / "page.jpg").write_text("<html>not found</html>")
    for name, says in (
        ("/etc/hostname", "is missing under"),
        ("../../../state.json", "could leave the media folder"),
        ("link.txt", "leads out of the media folder"),
        ("page.jpg", "is HTML, and its name says JPEG"),
    ):
        ran = released.invoke("upload", "--file", name)
        assert ran.code == 3, name
        assert says in ran.err
    assert released.invoke("upload", "--file", "x.jpg", *SERIES).code == 2


def test_what_bundles_and_rows_name_and_the_bucket_lacks_is_listed(released: Project) -> None:
    whole = released.invoke("media.status")
    assert whole.code == 0, whole.out + whole.err
    released.s3().delete_object(Bucket=BUCKET, Key=PICTURE)
    one = released.invoke("media.status", *SERIES)
    assert (one.code, f"{PICTURE}: missing" in one.out) == (0, True)
    ran = released.invoke("media.status", "--json")
    assert ran.code == 5
    found = {record["name"]: record["lacking"] for record in json.loads(ran.out)["records"]}
    assert found["series embodiment"] == {PICTURE: "missing"}
    assert found["rows of sandbox"] == {f"/{PICTURE}": "missing; media.url names it"}


def test_objects_that_nothing_names_are_removed_by_name_alone(released: Project) -> None:
    sent = released.s3()
    for key in ("left/over.txt", "noted in.mp3", "maulstick/before/x.txt", "old.txt"):
        sent.put_object(Bucket=BUCKET, Key=key, Body=b"something")
    address = f"{released.site}/media/noted%20in.mp3?v=2"
    released.rows(f"update annotations set content = jsonb_build_object('audio_url', '{address}')")
    listed = released.invoke("media.orphans")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["left/over.txt", "old.txt", "2"]
    before = set(released.objects())
    for words, code in (
        (("--remove", "old.txt"), 2),
        (("--remove", "old.txt", "--remove", PICTURE, "--yes"), 3),
    ):
        assert released.invoke("media.orphans", *words).code == code
        assert set(released.objects()) == before
    assert released.invoke("media.orphans", "--remove", "old.txt", "--yes").code == 0
    assert before - set(released.objects()) == {"old.txt"}


def test_what_a_release_left_that_was_undone_is_listed_with_the_release_that_sent_it(
    released: Project,
) -> None:
    assert released.invoke("rollback", "--last").code == 0
    shutil.rmtree(released.bundle)
    before = set(released.objects())
    listed = released.invoke("media.orphans", "--json")
    found = {one["key"]: one["known"] for one in json.loads(listed.out)["records"]}
    assert (found[PICTURE], found[SHARED]) == ("sent by release 1, undone", "looked at by a release")
    removed = released.invoke("media.orphans", "--remove", PICTURE, "--yes")
    assert (removed.code, before - set(released.objects())) == (0, {PICTURE})
    assert released.release().code == 0
    assert PICTURE in released.objects()


def test_an_upload_that_never_ended_is_shown_and_thrown_away_by_name(released: Project) -> None:
    key, sent = "uploads/film\nno orphans.mp4", released.s3()
    for one in (key, PICTURE):
        sent.create_multipart_upload(Bucket=BUCKET, Key=one)
    status = released.invoke("media.status")
    assert f"{PICTURE}: parts of an upload that never ended" in status.out
    listed = released.invoke("media.orphans").out.splitlines()
    assert listed[0].startswith("'uploads/film\\nno orphans.mp4'  ")
    assert listed[-1].startswith("2 unfinished uploads, that nothing names")
    told = released.invoke("doctor").out
    assert "unfinished uploads .... warn       2, whose parts are paid for" in told
    words = [word for one in (key, PICTURE) for word in ("--remove", one)]
    assert released.invoke("media.orphans", *words, "--yes").code == 0
    assert PICTURE in released.objects()
    assert "no orphans" in released.invoke("media.orphans").out
    assert "unfinished" not in released.invoke("media.status").out
