"""What an admin edited and a release overwrites or brings back is named before it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from maulstick.console import Console
from maulstick.errors import Problem
from maulstick.plan.overwritten import overwritten, overwritten_as_sealed
from maulstick.project.declarations import Outcome, Step
from maulstick.project.playbook import PlaybookStep
from maulstick.release.runner import perform as play
from tests.databases.deciding import applied, planned, release_of, seal
from tests.databases.places import Place, a_target, export, perform
from tests.databases.pulling import pull_of

EDITED = "what was edited in production will be overwritten"
BOOK = f"book 1: price: {EDITED}"


def priced(place: Place, price: int, isbn: str = "1") -> None:
    place.run(f"update book set price = {price} where isbn = '{isbn}'")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said while steps run."""
    lines = list[str]()
    monkeypatch.setattr(Console, "line", lambda console, text: lines.append(text))
    return lines


@pytest.fixture
def disputed(released_once: None, source: Place, production: Place) -> None:
    """Both sides changed the price of a book."""
    priced(source, 1)
    priced(production, 77)


def test_a_take_names_the_row_and_the_column(disputed: None, source: Place, production: Place) -> None:
    bundle = export(source)
    for take in ("local", "local:book", "local:book.1", "local:book.1.price"):
        assert overwritten(planned(bundle, source, production, take=(take,))) == [BOOK], take


def test_an_edit_that_only_production_made_is_named_where_a_column_is_taken(
    released_once: None, source: Place, production: Place
) -> None:
    priced(production, 77)
    progress = release_of(export(source), source, production, take=("local:book.price",))
    assert BOOK in perform(progress, "plan").warnings


def test_nothing_is_said_where_only_local_has_changed(
    released_once: None, source: Place, production: Place
) -> None:
    priced(source, 1)
    source.run("insert into book (isbn, title, shelf_id) select '3', 'New', id from shelf")
    assert overwritten(planned(export(source), source, production, take=("local",))) == []


def test_a_row_that_was_never_released_says_whose_value_goes(
    released_once: None, source: Place, production: Place
) -> None:
    production.run("drop schema maulstick cascade; update shelf set note = 'there', position = 0")
    source.run("update shelf set note = 'here', position = 4")
    plan = planned(export(source), source, production, take=("local",))
    assert overwritten(plan) == ["shelf poetry: note, position: what production has will be overwritten"]


def test_a_row_that_comes_back_is_named(released_once: None, source: Place, production: Place) -> None:
    production.run("delete from book where isbn = '1'")
    back = "book 1: was deleted in production and will come back"
    assert overwritten(planned(export(source), source, production, restore=("book:1",))) == [back]
    priced(source, 3)
    assert overwritten(planned(export(source), source, production, take=("local",))) == [back]


def test_a_long_list_ends_with_how_many_more(released_once: None, source: Place, production: Place) -> None:
    source.run(
        "insert into book (isbn, title, shelf_id, price)"
        " select n, n, min(id), 0 from shelf, generate_series(10, 29) as n group by n"
    )
    assert applied(export(source), source, production).number
    for place, price in ((source, 1), (production, 2)):
        place.run(f"update book set price = {price}")
    said = overwritten(planned(export(source), source, production, take=("local",)))
    assert len(said) == 11
    assert said[-1] == "and 12 more rows like these: --diff shows every value"


def test_an_apply_alone_names_it_before_it_writes(
    disputed: None, source: Place, production: Place, said: list[str]
) -> None:
    assert applied(export(source), source, production, take=("local",)).says == "1 updated"
    assert f"    warning: {BOOK}" in said


def test_an_apply_alone_deletes_no_more_than_it_has_named(
    released_once: None, source: Place, production: Place, said: list[str]
) -> None:
    source.run("delete from book where isbn = '1'")
    priced(production, 77)
    assert applied(export(source), source, production, prune=True).says == "1 deleted"
    gone = "book:1 will be deleted in production, with what was edited there: price"
    assert f"    warning: {gone}" in said


def test_a_sealed_plan_names_it_when_it_is_carried_out(
    disputed: None,
    source: Place,
    production: Place,
    tmp_path: Path,
    said: list[str],
) -> None:
    seals = seal(tmp_path / "plan.json", bundle := export(source), source, production, take=("local",))
    assert overwritten_as_sealed(next(iter(seals.values()))) == [BOOK]
    said.clear()
    assert applied(bundle, source, production, seals=seals).says == "1 updated"
    assert f"    warning: {BOOK}" in said


def test_an_edit_after_an_apply_alone_has_looked_is_not_overwritten(
    disputed: None, source: Place, production: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maulstick.release.steps import apply

    look = apply.look_alone

    def looked(*given: object) -> object:
        plan = look(*given)  # type: ignore[arg-type]
        priced(production, 78)
        return plan

    monkeypatch.setattr(apply, "look_alone", looked)
    with pytest.raises(Problem, match="another value is there now: price"):
        applied(export(source), source, production, take=("local",))
    assert production.value("select price from book where isbn = '1'") == 78


def test_a_pull_names_what_was_edited_here(disputed: None, source: Place, production: Place) -> None:
    typed = {"target": a_target("local"), "older": True, "take": ("local",)}  # what is sent: production's
    progress = release_of(pull_of(production), production, source, **typed)
    here = "book 1: price: what was edited here will be overwritten"
    assert here in perform(progress, "plan").warnings


class Nobody:
    """Plugins of which none stands around a step."""

    def around(self, step: str, release: object, act: Callable[[], Outcome]) -> Outcome:
        return act()


def test_a_plan_that_a_deploy_made_possible_says_what_it_warns_of(
    disputed: None, source: Place, production: Place, said: list[str]
) -> None:
    source.run("alter table book add column pages integer")
    steps = ("export", "plan", "deploy", "apply")
    progress = release_of(export(source), source, production, *steps, take=("local",), plugins=Nobody())

    def migrate(release: object, **options: object) -> Outcome:
        production.run("alter table book add column pages integer")
        return Outcome("done", "")

    progress.known_steps = {**progress.known_steps, "deploy": Step("deploy", run=migrate, plan=migrate)}
    play(progress, [PlaybookStep("plan", {}), PlaybookStep("deploy", {})])
    assert said[-2:] == ["    1 to update", f"    warning: {BOOK}"]
