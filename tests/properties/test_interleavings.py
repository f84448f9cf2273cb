"""Any interleaving of edits on both sides and releases: no edit is lost without a word."""

from __future__ import annotations

from typing import Any

from deciding import contents as everything
from deciding import undone
from drawing import contents, designs, edits_of_two, orders, shared
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from places import Place
from reading import by_key, read
from releasing import Ended, actions, base, bundle_of, planned, released
from three_ways import Base, Outcome, Sides, outcome
from worlds import begin, edit

TAKES = st.sampled_from((None, "local", "production"))
WAYS = st.sampled_from(("apply", "apply", "psql"))


class Interleaving(RuleBasedStateMachine):
    """Somebody edits here, somebody edits there, and then somebody releases, over and over."""

    def __init__(self, source: Place, production: Place) -> None:
        super().__init__()
        self.source, self.production = source, production
        self.base: Base = {}
        self.before: Any = None

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.designs = data.draw(designs(), "designs")
        local = data.draw(contents(self.designs), "local")
        others = st.just(local) | st.just(shared(self.designs, local)) | contents(self.designs)
        for place, content in ((self.source, local), (self.production, data.draw(others, "production"))):
            begin(place, self.designs, content, data.draw(orders(), "ids"))

    @rule(data=st.data(), which=st.sampled_from((0, 0, 0, 1, 2)), take=TAKES, way=WAYS)
    def edit_and_release(self, data: Any, which: int, take: str | None, way: str) -> None:
        self.before = None
        for ours, theirs in data.draw(edits_of_two(self.designs), "edits"):
            edit(self.source, self.designs, ours)
            edit(self.production, self.designs, theirs)
        local = read(self.source, self.designs)
        if local[0]:
            subject = local[0][which % len(local[0])].key[0]
            there = read(self.production, self.designs)
            self.release(Sides(self.designs, local, there, self.base, subject, take), way)

    @precondition(lambda self: self.before is not None)
    @rule()
    def undo(self) -> None:
        undone(self.production)
        self.base, self.before, rows = self.before[0], None, self.before[1]
        assert everything(self.production) == rows
        assert base(self.production, self.designs) == self.base

    def release(self, sides: Sides, way: str) -> None:
        """Release, and hold that production and base are what the model says."""
        bundle, wanted = bundle_of(self.source, self.designs, sides.subject), outcome(sides)
        plan = planned(bundle, self.production, take=sides.take)
        assert actions(plan, self.designs) == {r: a for r, a in wanted.actions.items() if a != "unchanged"}
        rows, dump = everything(self.production), self.production.dump(but=["agreed"])
        ended = released(bundle, self.source, self.production, take=sides.take, way=way)
        assert wanted.may_be(refused=bool(ended.refused))
        assert bool(ended.refused) == bool(plan.reasons())
        if ended.number is None:
            assert self.production.dump(but=["agreed"]) == dump
        if not ended.refused:
            self.hold(ended, wanted)
            self.before = (self.base, rows) if ended.number else None
            self.base = wanted.base

    def hold(self, ended: Ended, wanted: Outcome) -> None:
        """Hold what a release has done."""
        assert (ended.number is not None) == wanted.moved
        assert by_key(read(self.production, self.designs), self.designs) == wanted.rows
        assert base(self.production, self.designs) == wanted.base


def test_no_edit_is_lost_without_a_word(places):
    run_state_machine_as_test(lambda: Interleaving(*places))
