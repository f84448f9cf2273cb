"""Any interleaving of edits on both sides and releases: no edit is lost without a word."""

from __future__ import annotations

from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.databases.places import Place
from tests.properties.drawing import contents, designs, edits_of_two, orders, shared
from tests.properties.reading import beside, by_key, read
from tests.properties.releasing import actions, base, bundle_of, planned, released, rolled_back, to_prune
from tests.properties.three_ways import Base, Outcome, Sides, outcome
from tests.properties.undoing import History, Stand, brought_back, moved, undo
from tests.properties.worlds import begin, edit

TAKES = st.sampled_from((None, "local", "production"))
PRUNES = st.sampled_from((False, False, True))
WAYS = st.sampled_from(("apply", "apply", "psql"))


class Interleaving(RuleBasedStateMachine):
    """Somebody edits here, somebody edits there, and then somebody releases, over and over."""

    def __init__(self, source: Place, production: Place) -> None:
        super().__init__()
        self.source, self.production = source, production
        self.base: Base = {}
        self.history = History()

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.designs = data.draw(designs(), "designs")
        local = data.draw(contents(self.designs), "local")
        others = st.just(local) | st.just(shared(self.designs, local)) | contents(self.designs)
        for place, content in ((self.source, local), (self.production, data.draw(others, "production"))):
            begin(place, self.designs, content, data.draw(orders(), "ids"))

    @rule(data=st.data(), which=st.sampled_from((0, 0, 0, 1, 2)), take=TAKES, way=WAYS, prune=PRUNES)
    def edit_and_release(self, data: Any, which: int, take: str | None, way: str, prune: bool) -> None:
        for ours, theirs in data.draw(edits_of_two(self.designs), "edits"):
            edit(self.source, self.designs, ours)
            edit(self.production, self.designs, theirs)
        local = read(self.source, self.designs)
        if local[0]:
            subject = local[0][which % len(local[0])].key[0]
            there = read(self.production, self.designs)
            self.release(Sides(self.designs, local, there, self.base, subject, take, prune), way)

    @precondition(lambda self: self.history.open())
    @rule(data=st.data())
    def undo(self, data: Any) -> None:
        number = data.draw(st.sampled_from(self.history.open()), "release")
        before, dump = self.stand(self.base), self.production.dump()
        wanted = undo(self.designs, self.history, number, before)
        ended = rolled_back(self.production, number)
        assert wanted.may_be(refused=bool(ended.refused))
        if ended.number is None:
            assert self.production.dump() == dump
            return
        if wanted.doubts:
            reject()
        self.hold(wanted)
        after, (subject, undone) = self.stand(wanted.base), self.history.releases[number]
        assert after.beside | brought_back(undone) == after.beside
        self.history.add(ended.number, subject, moved(before, after), of=number)
        self.base = wanted.base

    def stand(self, base: Base) -> Stand:
        """Return what production holds now, with this base."""
        rows = read(self.production, self.designs)
        return Stand(by_key(rows, self.designs), beside(rows, self.designs), base)

    def release(self, sides: Sides, way: str) -> None:
        """Release, and hold that production and base are what the model says."""
        bundle, wanted = bundle_of(self.source, self.designs, sides.subject), outcome(sides)
        plan = planned(bundle, self.production, take=sides.take)
        prune = to_prune(plan, self.designs, sides.here) if sides.prune else ()
        plan = planned(bundle, self.production, take=sides.take, prune=prune)
        assert actions(plan, self.designs) == {r: a for r, a in wanted.actions.items() if a != "unchanged"}
        before = self.stand(self.base)
        dump = self.production.dump(but=["agreed", "base_row"])
        ended = released(bundle, self.source, self.production, take=sides.take, way=way, prune=prune)
        assert wanted.may_be(refused=bool(ended.refused))
        assert bool(ended.refused) == bool(plan.reasons())
        assert (ended.number is not None) == (wanted.moved and not ended.refused)
        if ended.number is None:
            assert self.production.dump(but=["agreed", "base_row"]) == dump
            self.base = self.base if ended.refused else wanted.base
            assert base(self.production, self.designs) == self.base
            return
        self.hold(wanted)
        self.history.add(ended.number, sides.subject, moved(before, self.stand(wanted.base)))
        self.base = wanted.base

    def hold(self, wanted: Outcome) -> None:
        """Hold that production and base are what they must be."""
        assert by_key(read(self.production, self.designs), self.designs) == wanted.rows
        assert base(self.production, self.designs) == wanted.base


def test_no_edit_is_lost_without_a_word(places):
    run_state_machine_as_test(lambda: Interleaving(*places))
