"""Any interleaving of edits on both sides, releases and pulls: no edit is lost without a word."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from maulstick.plan.changes import Plan
from tests.databases.places import Place
from tests.properties.designs import Designs, Ref
from tests.properties.drawing import contents, designs, edits_of_two, orders, shared
from tests.properties.pulling import planned_pull, pull_of, pulled_into
from tests.properties.reading import Row, by_key, read
from tests.properties.releasing import Ended, actions, bundle_of, planned, released
from tests.properties.stories import fit_to_travel, stories, told
from tests.properties.three_ways import Base, Outcome, Sides, outcome
from tests.properties.worlds import begin, edit

TAKES = st.sampled_from((None, "local", "production"))
OTHER = {"local": "production", "production": "local", None: None}
SAID = ("insert", "update", "kept", "conflict", "removed")
"""What is said of rows that the other side has; whose slice the others left each ledger knows for itself."""


class BothWays(RuleBasedStateMachine):
    """Somebody edits here, somebody edits there, and then somebody releases or pulls, over and over.

    The model knows one base: what both sides agreed on last, whichever way it went.
    """

    def __init__(self, source: Place, production: Place) -> None:
        super().__init__()
        self.source, self.production = source, production
        self.base: Base = {}

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.designs = data.draw(designs(), "designs")
        local = data.draw(contents(self.designs), "local")
        others = st.just(local) | st.just(shared(self.designs, local)) | contents(self.designs)
        for place, content in ((self.source, local), (self.production, data.draw(others, "production"))):
            begin(place, self.designs, content, data.draw(orders(), "ids"))

    @rule(data=st.data(), which=st.sampled_from((0, 0, 0, 1, 2)), take=TAKES, pulls=st.booleans())
    def edit_and_move(self, data: Any, which: int, take: str | None, pulls: bool) -> None:
        for ours, theirs in data.draw(edits_of_two(self.designs), "edits"):
            edit(self.source, self.designs, ours)
            edit(self.production, self.designs, theirs)
        local, there = read(self.source, self.designs), read(self.production, self.designs)
        roots = there[0] if pulls else local[0]
        if roots:
            subject = roots[which % len(roots)].key[0]
            if pulls:
                self.pull(Sides(self.designs, there, local, self.base, subject, OTHER[take]), take)
            else:
                self.release(Sides(self.designs, local, there, self.base, subject, take))

    def release(self, sides: Sides) -> None:
        bundle = bundle_of(self.source, self.designs, sides.subject)
        plan = planned(bundle, self.production, take=sides.take)
        before = everything(self.source)
        ended = released(bundle, self.source, self.production, take=sides.take)
        assert everything(self.source) == before
        self.hold(sides, plan, ended, self.production)

    def pull(self, sides: Sides, take: str | None) -> None:
        before = everything(self.production)
        bundle = pull_of(self.production, self.designs, sides.subject)
        plan = planned_pull(bundle, self.source, take=take)
        ended = pulled_into(bundle, self.source, self.production, take=take)
        assert everything(self.production) == before
        self.hold(sides, plan, ended, self.source)

    def hold(self, sides: Sides, plan: Plan, ended: Ended, there: Place) -> None:
        """Hold that the plan says, and that the rows are, what the model says."""
        wanted = outcome(sides)
        assert said(plan, self.designs) == {r: a for r, a in wanted.actions.items() if a in SAID}
        assert wanted.may_be(refused=bool(ended.refused))
        before = {row: found.values for row, found in sides.there.items()}
        rows = before if ended.refused else wanted.rows
        assert by_key(read(there, self.designs), self.designs) == rows
        self.base = self.base if ended.refused else kept(self.base, wanted)


def kept(base: Base, wanted: Outcome) -> Base:
    """Return base after a move, without what is known only of whose slices rows are in."""
    return {**base, **wanted.base}


def said(plan: Plan, designs: Designs) -> dict[Row, str]:
    return {row: action for row, action in actions(plan, designs).items() if action in SAID}


def everything(place: Place) -> Any:
    return place.dump()


def test_no_edit_is_lost_whichever_way_it_goes(places):
    run_state_machine_as_test(lambda: BothWays(*places))


@given(story=stories())
def test_after_a_release_and_a_pull_both_sides_are_in_step(places, story):
    source, production = places
    bundle = told(story, source, production)
    if released(bundle, source, production, take="local").refused:
        return
    subject = bundle.manifest.subject.key
    # What production lacks stays as it is here: a subject that is removed, a row that a reference needs.
    assume(
        not any(
            isinstance(slot, Ref) and slot.missing == "null" for one in story.designs for slot in one.slots
        )
    )
    assume((story.designs[0].name, (subject,)) in by_key(read(production, story.designs), story.designs))
    with fit_to_travel():
        pulled = pull_of(production, story.designs, subject)
    if pulled_into(pulled, source, production, take=None).refused:
        return
    again = pull_of(production, story.designs, subject)
    assert not said(planned_pull(again, source, take=None), story.designs)
    assert pulled_into(again, source, production, take=None).number is None
    back = bundle_of(source, story.designs, subject)
    assert not said(planned(back, production, take=None), story.designs)
    assert released(back, source, production, take=None).number is None
