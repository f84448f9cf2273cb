"""The file of decisions gives back what was written, in one order, whatever the values hold."""

from hypothesis import given
from hypothesis import strategies as st

from maulstick.plan.decisions.decision import Decision, Seen, seen
from maulstick.plan.decisions.file import path_of, read, write
from maulstick.project.declarations import Subject
from tests.checkout import ROOT

SUBJECT = Subject("series", "embodiment")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100)
CELLS = st.one_of(
    st.fixed_dictionaries({"local": st.none() | TEXTS}, optional={"production": st.none() | TEXTS}),
    st.fixed_dictionaries({"production": st.none() | TEXTS}),
)


def decided(cell, key="sky", column="title", take="local"):
    both = (seen(cell, side, column) for side in ("local", "production"))
    return Decision("production", "artworks", key, column, take, *both)


@given(st.lists(st.tuples(CELLS, TEXTS), max_size=4, unique_by=lambda one: one[1]))
def test_what_was_written_is_read_again_and_holds(tmp_path_factory, cells):
    project = tmp_path_factory.getbasetemp()
    decisions = [decided(cell, key) for cell, key in cells]
    write(project, SUBJECT, decisions)
    assert read(project, SUBJECT) == tuple(sorted(decisions, key=lambda one: one.place))
    for decision, (cell, _) in zip(decisions, cells, strict=True):
        assert decision.moved(cell) == []


@given(CELLS, CELLS)
def test_a_decision_holds_for_no_other_values(cell, other):
    assert (decided(cell).moved(other) == []) == (cell == other)


def test_the_file_is_legible_in_a_diff(tmp_path):
    long = "word " * 40
    cells = [
        decided({"local": "120000", "production": None}, column="price_cents"),
        decided({"local": long}, "she-lays-down", "about", "production"),
    ]
    text = write(tmp_path, SUBJECT, reversed(cells)).read_text()
    assert text == write(tmp_path, SUBJECT, cells).read_text()
    assert text.partition("\n\n")[2] == (
        '[[decision]]\ntarget = "production"\ntable = "artworks"\nkey = "she-lays-down"\ncolumn = "about"\n'
        f'take = "production"\nlocal_sha256 = "{seen({"local": long}, "local", "about").digest}"\n\n'
        '[[decision]]\ntarget = "production"\ntable = "artworks"\nkey = "sky"\ncolumn = "price_cents"\n'
        'take = "local"\nlocal = "120000"\nproduction_is_null = true\n'
    )


def test_the_file_in_the_docs_is_read(tmp_path):
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    path = path_of(tmp_path, SUBJECT)
    path.parent.mkdir(parents=True)
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    [decision] = read(tmp_path, SUBJECT)
    assert decision.moved({"local": "120000", "production": "95000"}) == []


def test_a_column_that_may_hold_a_secret_is_known_by_its_digest():
    assert seen({"local": "x"}, "local", "api_key").value is None
    assert seen({"local": "x"}, "local", "title") == Seen("x")


def test_without_decisions_there_is_no_file(tmp_path):
    write(tmp_path, SUBJECT, [decided({"local": "a", "production": "b"})])
    assert not write(tmp_path, SUBJECT, []).exists()
    assert read(tmp_path, SUBJECT) == ()


def test_no_key_leaves_the_folder_or_meets_another(tmp_path):
    keys = ["a", "A", "..", "a/b", "a.", ".a", "x" * 300, "Å", "é", "a b"]
    paths = [path_of(tmp_path, Subject("series", key)) for key in keys]
    assert len({str(path).casefold() for path in paths}) == len(keys)
    assert all(path.parent == tmp_path / "decisions" / "series" and len(path.name) < 200 for path in paths)
