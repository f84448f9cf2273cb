import pytest

from maulstick import pack
from maulstick.errors import Exit, Problem
from maulstick.media import describe


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
