"""A bundle that is not what Maulstick wrote is refused by name, and so is a ledger that is not ours."""

import json
import shutil

import pytest

from maulstick.bundle import folder as bundles
from maulstick.errors import Exit, Problem
from maulstick.media.ledger import require_target
from maulstick.plan import history
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone
from tests.databases.places import apply, export, plan, release


@pytest.fixture
def bundle(library, source):
    return export(source)


def refused(bundle, *, source="local"):
    with pytest.raises(Problem) as caught:
        bundles.load(bundle.folder, source=source)
    return caught.value


def edit(bundle, name, old, new):
    path = bundle.folder / name
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new, 1))


def test_an_edited_row_is_refused(bundle):
    edit(bundle, "release.sql", b"Letters\t900", b"Letters\t901")
    problem = refused(bundle)
    assert (problem.what, problem.code) == ("its rows of book were edited", Exit.REFUSED)
    assert problem.where.endswith("release.sql")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"-- maulstick: lock\n", b"drop table book;\n-- maulstick: lock\n"),
        (b"-- maulstick: guard\n", b"-- maulstick: guard\nselect 1;\n"),
        (b"\\set ON_ERROR_STOP on\n", b"\\! touch /\n"),
        (b"commit;", b"commit; drop table book;"),
    ],
)
def test_an_added_line_is_refused_by_its_number(bundle, old, new):
    edit(bundle, "release.sql", old, new)
    problem = refused(bundle)
    assert "holds more than Maulstick wrote, line " in problem.what
    line = int(problem.what.rpartition(" ")[2])
    lines = (bundle.folder / "release.sql").read_bytes().splitlines()
    assert lines[line - 1] in b"".join(new.splitlines()) or lines[line - 1] in new


def test_a_line_behind_the_end_is_refused(bundle):
    with (bundle.folder / "release.sql").open("ab") as file:
        file.write(b"drop table book;\n")
    assert "holds more than Maulstick wrote" in refused(bundle).what


def test_a_row_taken_out_is_refused(bundle):
    path = bundle.folder / "release.sql"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b"2\tLetters")))
    assert "has too few rows of book" in refused(bundle).what


def test_a_row_put_in_is_refused(bundle):
    edit(bundle, "release.sql", b"2\tLetters", b"3\tNew\t1\tpoetry\tEmily\n2\tLetters")
    assert refused(bundle).code == Exit.REFUSED


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(bundle, share):
    path = bundle.folder / "release.sql"
    text = path.read_bytes()
    path.write_bytes(text[: int(len(text) * share)])
    problem = refused(bundle)
    assert problem.code == Exit.REFUSED
    assert "release.sql" in problem.where


def test_a_file_without_its_manifest_is_refused(bundle):
    (bundle.folder / "manifest.json").unlink()
    assert (refused(bundle).what, refused(bundle).hint) == ("holds no bundle", "invoke export --shelf poetry")


def test_a_bundle_that_is_not_there_names_the_one_that_was_meant(bundle):
    with pytest.raises(Problem) as caught:
        bundles.load(bundle.folder.parent / "poetri", source="local")
    assert (caught.value.what, caught.value.hint) == (
        "holds no bundle",
        'did you mean "poetry"? else: invoke export --shelf poetri',
    )


def test_a_manifest_without_its_file_is_refused(bundle):
    (bundle.folder / "release.sql").unlink()
    assert "release.sql" in refused(bundle).where


@pytest.mark.parametrize(
    ("old", "new"), [(b'"poetry"', b'"prose"'), (b'"rows": 2', b'"rows": 1'), (b'"isbn"', b'"title"')]
)
def test_an_edited_manifest_is_refused(bundle, old, new):
    edit(bundle, "manifest.json", old, new)
    assert refused(bundle).what == "does not fit the rest: the file was edited"


def test_a_newer_manifest_is_refused_by_its_version(bundle):
    edit(bundle, "manifest.json", b'"version": 2', b'"version": 3')
    problem = refused(bundle)
    assert (problem.what, problem.code) == ("is 3; known here is 2", Exit.USAGE)


def test_a_sealed_manifest_for_other_sql_is_refused(bundle, source):
    old = (bundle.folder / "release.sql").read_bytes()
    source.run("update book set price = 5")
    export(source)
    (bundle.folder / "release.sql").write_bytes(old)
    assert refused(bundle).code == Exit.REFUSED


def test_a_bundle_of_another_source_is_refused(bundle):
    problem = refused(bundle, source="sandbox")
    assert problem.code == Exit.USAGE
    assert 'was made from the source "local"; this target takes only "sandbox"' in problem.what


def test_a_json_manifest_says_its_version_first(bundle):
    assert next(iter(json.loads((bundle.folder / "manifest.json").read_text()))) == "version"


def test_a_database_that_calls_itself_otherwise_is_refused(bundle, production):
    apply(bundle, production, target="production")
    before = production.dump()
    says = 'this database calls itself "production", not "staging"'
    assert [one.says for one in plan(bundle, production, target="staging").obstacles] == [says]
    with pytest.raises(Problem, match=says) as caught:
        apply(bundle, production, target="staging")
    assert caught.value.code == Exit.REFUSED
    assert production.dump() == before


@pytest.mark.parametrize("version", [0, 9])
def test_a_ledger_of_another_version_is_refused_by_it(bundle, production, version):
    apply(bundle, production)
    production.run(f"update maulstick.ledger set version = {version}")
    before = production.dump()
    with connect(Secret(production.url), "production") as database:
        asked = {
            "plan": lambda: plan(bundle, production),
            "apply": lambda: apply(bundle, production),
            "rollback": lambda: undone(production, 1),
            "history": lambda: history.releases(database),
            "history of one": lambda: history.changes_of(database, 1),
            "why": lambda: history.why(database, RowName("book", "1")),
            "upload": lambda: require_target(database, "production"),
        }
        for ask in asked.values():
            with pytest.raises(Problem, match=f"the ledger has version {version}") as caught:
                ask()
            hint = "use the Maulstick that wrote it, or a newer one"
            assert (caught.value.code, caught.value.hint) == (Exit.REFUSED, hint)
    assert production.dump() == before


@pytest.mark.parametrize(
    "change", ["shapes - 'shelf' || '{\"shelf\": {}}'", "jsonb_set(shapes, '{book,color}', '1')"]
)
def test_a_release_that_another_version_described_otherwise_is_not_undone(bundle, production, change):
    apply(bundle, production)
    production.run(f"update maulstick.release set shapes = {change}")
    before = production.dump()
    with pytest.raises(Problem, match="release 1: was written by another version of Maulstick"):
        undone(production)
    assert production.dump() == before


def test_an_older_bundle_is_refused(library, source, production, tmp_path):
    old = export(source)
    shutil.copytree(old.folder, tmp_path / "shelf" / "poetry")
    old = bundles.load(tmp_path / "shelf" / "poetry", source="local")
    source.run("update shelf set note = 'new', updated_at = '2025-12-24'")
    apply(export(source), production)
    before = production.dump()
    with pytest.raises(Problem, match=r"release 1 was made from newer content \(2025-12-24") as caught:
        apply(old, production)
    assert caught.value.code == Exit.REFUSED
    assert production.dump() == before


def test_a_subject_whose_key_holds_odd_line_ends_is_released(library, source, production):
    key = "a\rb\x0bc\x1cd\u2028e"
    source.run("update shelf set slug = %s, note = %s", key, key)
    assert release(source, production, key=key).says == "4 inserted"
    assert production.rows("select slug, note from shelf") == [(key, key)]
