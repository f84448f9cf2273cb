import re

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media import pack
from maulstick.media.compare import compare
from maulstick.media.paths import describe
from maulstick.media.sources import Folder, Places
from maulstick.media.transfer import upload


@pytest.fixture
def root(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static/x.jpg").write_bytes(b"a picture")
    return tmp_path / "static"


@pytest.fixture
def bundle(tmp_path, root):
    """A bundle with one file in its pack."""
    file = describe(root, "/x.jpg")
    pack.add(tmp_path / "bundle", {file: root / "x.jpg"})
    return tmp_path / "bundle"


def test_what_a_bundle_names_no_more_is_removed_from_its_pack(bundle):
    pack.clear(bundle, [])
    assert not (bundle / "media").exists()


def test_a_folder_in_the_place_of_a_packed_file_is_named(bundle):
    odd = bundle / "media" / ("0" * 64)
    odd.mkdir()
    with pytest.raises(Problem, match=f"{odd}: cannot be removed: .*\n  hint: remove it by hand") as caught:
        pack.clear(bundle, [])
    assert caught.value.code == Exit.REFUSED
    assert odd.is_dir()


def spoil(bundle, file, content):
    (bundle / "media" / file.sha256).write_bytes(content)


@pytest.mark.parametrize("content", [b"version https://git-lfs", b"A PICTURE"])
def test_a_broken_packed_file_is_no_matter_where_the_media_folder_has_it(gallery, tmp_path, content):
    file = gallery.file("uploads/x.jpg")
    pack.add(tmp_path / "bundle", {file: gallery.root / "uploads/x.jpg"})
    spoil(tmp_path / "bundle", file, content)
    places = Places(Folder(gallery.root), tmp_path / "bundle")
    assert places.wrong(file) == ""
    upload(gallery.bucket, compare(gallery.bucket, [file]), places=places, progress=gallery.told.append)
    assert gallery.content(file.key) == b"a picture"


def test_a_broken_packed_file_that_nobody_else_has_is_named(gallery, tmp_path):
    file, bundle = gallery.file("uploads/x.jpg"), tmp_path / "bundle"
    pack.add(bundle, {file: gallery.root / "uploads/x.jpg"})
    (gallery.root / "uploads/x.jpg").unlink()
    places, items = Places(Folder(gallery.root), bundle), compare(gallery.bucket, [file])
    spoil(bundle, file, b"A PICTURE")
    with pytest.raises(Problem, match=f"media/{file.sha256}: is broken: it is not what was exported"):
        upload(gallery.bucket, items, places=places, progress=gallery.told.append)
    spoil(bundle, file, b"shorter")
    assert re.fullmatch(f".*{file.sha256} is broken, and it is not in .*", places.wrong(file))
    assert places.here(file) is None
    assert gallery.bucket.list([""]) == {}
