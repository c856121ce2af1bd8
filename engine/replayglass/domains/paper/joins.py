"""Which decision and which tick an event belongs to, and what is wrong where it belongs to none.

Events with a decisionId belong to it; the others to the tick they stand in: the decision before them has the same
logical time and still waits for such an event. An event that cannot be of that tick ends it: the decision that began
its own is damaged or missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import grammar
from replayglass.domains.paper import rulebook as rule

if TYPE_CHECKING:
    from replayglass.domains.paper import events as ev
    from replayglass.domains.paper.decisions import Decisions, Entry, Tick
    from replayglass.rule import Problem

_ORPHAN = rule.ORPHAN.broken(
    "The event names a decision: expected that the log has evaluated it before, found no such DECISION_EVALUATED."
)
_LONER = rule.LONER.broken(
    "The event belongs to the tick it stands in: expected a decision before it that waits for such an event, found "
    "none."
)


class Joins:
    """Joins events to ``decisions``; ``noted`` collects what is wrong with the event that is being folded.

    ``uncertain`` says that something is wrong since the last snapshot that agreed with the events, so that a later
    contradiction may have its cause there.
    """

    def __init__(self, decisions: Decisions) -> None:
        self.noted: list[Problem] = []
        self.uncertain = False
        self._decisions = decisions

    def note(self, problem: Problem | None) -> None:
        """Take note of what may be wrong with the order of events."""
        if problem is not None:
            self.noted.append(problem)
            self.uncertain = True

    def waiting(self, event: ev.OrderIntentCreated | ev.OrderIntentSkipped, earlier: int | None) -> Tick | None:
        """Return the tick that an order intent belongs to: it has no intent and no safety result yet."""
        tick = self._decisions.tick
        if tick is not None and tick.time == event.logical_time and tick.proposal is None and tick.answer is None:
            tick.stage = grammar.Stage.PROPOSED
            return tick
        if earlier is None:
            self._decisions.tick = None
        self.note(_LONER)
        return None

    def executed(self, event: ev.LedgerUpdated) -> Tick | None:
        """Return the tick that a ledger update belongs to: it executed, and the ledger has not taken that in yet."""
        tick = self._decisions.tick
        if tick is None or tick.time != event.logical_time or tick.execution_id is None or tick.updated:
            self.note(_LONER)
            return None
        tick.updated = True
        for problem in grammar.updated(tick, event):
            self.note(problem)
        return tick

    def around(self, event: ev.UserFeedbackRecorded) -> Tick | None:
        """Return the tick that feedback was given in."""
        tick = self._decisions.tick
        if tick is None or tick.time != event.logical_time:
            self.note(_LONER)
            return None
        self.note(grammar.step(tick, event.type, grammar.Stage.COMPLETE, grammar.Stage.REMARKED))
        return tick

    def named(
        self, event: ev.SafetyEvaluated | ev.ExecutionAttempted | ev.ExecutionOutcomeRecorded
    ) -> tuple[int | None, Entry | None, Tick | None]:
        """Return the decision an event names: its number, its entry while it is open, its tick while that goes on."""
        tick, decision_id = self._decisions.tick, event.decision_id
        if tick is not None and tick.decision_id == decision_id:
            self.note(grammar.in_time(tick, event))
            return tick.number, tick.entry, tick
        number = self._decisions.find(decision_id)
        if number is None:
            self._decisions.tick = None
            self.note(_ORPHAN)
        else:
            self.note(grammar.strayed(number, tick))
        return number, self._decisions.open.get(decision_id), None
