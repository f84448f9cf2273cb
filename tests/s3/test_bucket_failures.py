import traceback

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media.compare import compare
from maulstick.redact import Secret
from maulstick.s3.bucket import open_bucket
from maulstick.s3.memory import SharedMemory
from maulstick.s3.put import put
from tests.s3.gallery import KEY_ID, SECRET, Gallery, address_of


def problem_of(act):
    with pytest.raises(Problem) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY_ID not in shown
    assert SECRET not in shown
    return caught.value


def test_a_dead_storage_is_named_with_what_to_look_at(dead_bucket):
    problem = problem_of(lambda: dead_bucket.list(["uploads/"]))
    assert str(problem).startswith(
        f"bucket gallery: {dead_bucket.address.endpoint} does not answer\n  hint: "
    )
    assert problem.code == Exit.FAILED


def test_a_dead_storage_stops_compare_and_upload(gallery, dead_bucket):
    file = gallery.file("uploads/x.jpg")
    problem_of(lambda: compare(dead_bucket, [file]))
    problem = problem_of(
        lambda: put(dead_bucket, gallery.root / file.path, file, gallery.told.append, memory=SharedMemory())
    )
    assert problem.where == "bucket gallery/uploads/x.jpg"
    assert gallery.told == []


def test_a_refused_key_is_said_without_showing_it(storage):
    bucket = open_bucket(address_of(storage.address, secret=Secret("wrong")))
    for act in (lambda: bucket.list([""]), lambda: bucket.head("x"), lambda: bucket.digest("x")):
        assert "refuses our key" in str(problem_of(act))


def test_a_bucket_that_does_not_exist_is_named(gallery, storage):
    bucket = open_bucket(address_of(storage.address, name="elsewhere"))
    problem = problem_of(lambda: compare(bucket, [gallery.file("uploads/x.jpg")]))
    assert "bucket elsewhere: there is no such bucket" in str(problem)


@pytest.mark.parametrize("endpoint", ["", "fly.storage.tigris.dev", "ftp://x"])
def test_an_endpoint_that_is_no_address_is_a_usage_problem(endpoint):
    assert problem_of(lambda: open_bucket(address_of(endpoint))).code == Exit.USAGE


def test_a_bucket_shows_no_secret(dead_bucket):
    assert KEY_ID not in repr(dead_bucket)
    assert SECRET not in repr(dead_bucket)


def test_the_users_own_aws_settings_are_not_used(gallery, storage, monkeypatch, tmp_path):
    (tmp_path / "config").write_text(
        "[default]\nendpoint_url = http://127.0.0.1:9\n[profile x]\nregion = x\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert open_bucket(address_of(storage.address)).list([""]) == {}


def test_a_proxy_is_told_the_whole_address(gallery, storage, monkeypatch):
    """SeaweedFS takes whole addresses too, and can stand for a proxy to itself."""
    monkeypatch.setenv("http_proxy", storage.address)
    port = storage.address.rpartition(":")[2]
    far = open_bucket(address_of(f"http://storage.example:{port}"), attempts=1)
    assert far.head("uploads/none.jpg") is None
    monkeypatch.setenv("no_proxy", "storage.example")
    with pytest.raises(Problem, match="does not answer"):
        open_bucket(address_of(f"http://storage.example:{port}"), attempts=1).head("uploads/none.jpg")


def test_a_storage_that_dies_while_files_are_sent_is_finished_by_the_next_run(frail_storage, tmp_path):
    gallery = Gallery(tmp_path / "static", open_bucket(address_of(frail_storage.server.address), attempts=1))
    files = [gallery.file(f"uploads/{n}.jpg", b"%d" % n * 5000) for n in range(30)]

    def die_at_the_fifth(count):
        gallery.told.append(count)
        if len(gallery.told) == 5:
            frail_storage.die()

    problem_of(lambda: gallery.send(*files, progress=die_at_the_fifth))
    frail_storage.come_back()
    actions = gallery.send(*files)
    assert set(actions.values()) == {"there", "upload"}
    assert set(gallery.send(*files).values()) == {"there"}
    assert [gallery.bucket.digest(file.key) for file in files] == [file.sha256 for file in files]
