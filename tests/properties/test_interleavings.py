"""Any interleaving of edits on both sides and releases: no edit is lost without a word."""

from __future__ import annotations

from typing import Any

from deciding import contents as contents_of
from deciding import undone
from drawing import contents, designs, edits, orders, pairs_of_edits, shared
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from places import Place
from reading import by_key, read
from releasing import actions, base, bundle_of, planned, released
from three_ways import Base, Sides, outcome
from worlds import begin, edit

TAKES = st.sampled_from((None, "local", "production"))
WAYS = st.sampled_from(("apply", "apply", "psql"))


class Interleaving(RuleBasedStateMachine):
    """Somebody edits here, somebody edits there, and now and then somebody releases."""

    def __init__(self, source: Place, production: Place) -> None:
        super().__init__()
        self.source, self.production = source, production
        self.base: Base = {}
        self.before: Any = None

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.designs = data.draw(designs(), "designs")
        local = data.draw(contents(self.designs), "local")
        theirs = data.draw(
            st.just(local) | st.just(shared(self.designs, local)) | contents(self.designs), "production"
        )
        for place, content in ((self.source, local), (self.production, theirs)):
            begin(place, self.designs, content, data.draw(orders(), "ids"))

    @rule(data=st.data(), which=st.sampled_from((0, 0, 0, 1, 2)), take=TAKES, way=WAYS)
    def edit_and_release(self, data: Any, which: int, take: str | None, way: str) -> None:
        self.before = None
        for ours, theirs in data.draw(st.lists(pairs_of_edits(self.designs), max_size=4), "edits"):
            for place, wanted in ((self.source, ours), (self.production, theirs)):
                if wanted is not None:
                    edit(place, self.designs, wanted)
        self._release(which, take, way)

    def _release(self, which: int, take: str | None, way: str) -> None:
        local = read(self.source, self.designs)
        if not local[0]:
            return
        subject = local[0][which % len(local[0])].key[0]
        sides = Sides(self.designs, local, read(self.production, self.designs), self.base, subject, take)
        bundle, wanted = bundle_of(self.source, self.designs, subject), outcome(sides)
        plan = planned(bundle, self.production, take=take)
        assert actions(plan, self.designs) == {r: a for r, a in wanted.actions.items() if a != "unchanged"}
        before, dump = contents_of(self.production), self.production.dump()
        ended = released(bundle, self.source, self.production, take=take, way=way)
        assert bool(ended.refused) == bool(plan.reasons()) or wanted.doubts
        if ended.refused:
            assert wanted.reasons or wanted.doubts
            assert self.production.dump() == dump
            return
        assert not wanted.reasons
        assert by_key(read(self.production, self.designs), self.designs) == wanted.rows
        assert base(self.production, self.designs) == wanted.base
        assert (ended.number is not None) == wanted.moved
        if not wanted.moved:
            assert self.production.dump() == dump
            return
        self.before = before, self.base
        self.base = wanted.base

    @rule()
    def undo(self) -> None:
        if self.before is None:
            return
        undone(self.production)
        assert contents_of(self.production) == self.before[0]
        assert base(self.production, self.designs) == self.before[1]
        self.base, self.before = self.before[1], None


def test_no_edit_is_lost_without_a_word(places):
    run_state_machine_as_test(lambda: Interleaving(*places))
