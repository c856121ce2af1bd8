"""What each valid audit event does to the state of the replay (paper-runtime.md sections 6 and 12).

Events with a decisionId belong to it; the others to the tick they stand in: the decision before them has the same
logical time and still waits for such an event. An event that cannot be of that tick ends it: the decision that began
its own is damaged or missing. An id that was seen before changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import events as ev
from replayglass.domains.paper import rows
from replayglass.domains.paper.decisions import CATEGORIES, Decisions, Entry, Tick
from replayglass.domains.paper.feedback import FeedbackPages
from replayglass.domains.paper.later import LaterPages
from replayglass.domains.paper.ledger import EventLedger, describe_effect
from replayglass.domains.paper.problems import LONER, ORPHAN, UNKNOWN_TARGET
from replayglass.domains.paper.snapshots import Snapshots
from replayglass.domains.paper.stories import DecisionPages
from replayglass.domains.paper.storylines import effect_line, invalid_line, repeated_line, story_line
from replayglass.domains.paper.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.problems import Problem
    from replayglass.page import Artifact, Row
    from replayglass.record import Batch
    from replayglass.replay import Context

Taken = tuple[rows.Said, "Problem | None"]
"""What an event says, and what is wrong with it."""


class Fold:
    """The state of the replay. ``out`` collects the files that were completed."""

    def __init__(self, context: Context, followers: Mapping[str, Iterator[Batch]]) -> None:
        self.snapshots = Snapshots(context, followers["snapshots"])
        self.decisions = Decisions()
        self.stories = DecisionPages(context.limit, context.remarks)
        self.later = LaterPages(context.limit)
        self.feedback = FeedbackPages(context.limit)
        self.ledger = EventLedger()
        self.tally = Tally(context.limit)
        self.out: list[Artifact] = []
        self._steps: dict[type, Callable[..., Taken]] = {
            ev.DecisionEvaluated: self._decided,
            ev.OrderIntentCreated: self._created,
            ev.OrderIntentSkipped: self._skipped,
            ev.SafetyEvaluated: self._safety,
            ev.ExecutionAttempted: self._attempted,
            ev.ExecutionOutcomeRecorded: self._outcome,
            ev.LedgerUpdated: self._updated,
            ev.UserFeedbackRecorded: self._feedback,
        }

    def take(self, seq: int, event: ev.AuditEvent, earlier: int | None) -> Taken:
        """Fold one event (``earlier``: the event that had its id first); return what it says and what is wrong."""
        return self._steps[type(event)](seq, event, earlier)

    def take_invalid(self, seq: int, item: Invalid) -> None:
        """Put an invalid event into the story of the open decision that it names; as a decision it ends the tick."""
        if item.type == ev.DecisionEvaluated.type:
            self.decisions.tick = None
        entry = self.decisions.open.get(item.decision_id or "")
        if entry is not None:
            entry.tell(invalid_line(seq, item))

    def finish(self) -> Iterator[Artifact]:
        """End the pages of decisions, later events, feedback and snapshots."""
        yield from self.stories.close(self.decisions, full=False)
        yield from self.stories.ranges.finish()
        yield from self.later.shelf.finish()
        yield from self.feedback.shelf.finish()
        yield from self.snapshots.finish()

    def _decided(self, seq: int, event: ev.DecisionEvaluated, earlier: int | None) -> Taken:
        decisions = self.decisions
        number = decisions.find(event.decision_id)
        if number is None and earlier is not None:
            decisions.tick = None
            return rows.decided(event, None), None
        if number is None and decisions.page_is_full():
            self.out += self.stories.close(decisions, full=True)
        tick = decisions.begin(event, number)
        said = rows.decided(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier):
            decisions.seen_ids.append(event.id)
        return said, None

    def _created(self, seq: int, event: ev.OrderIntentCreated, earlier: int | None) -> Taken:
        tick = self._waiting(event, earlier)
        if tick is None:
            return rows.created(event, None), LONER
        tick.proposed, tick.side = True, event.side
        said = rows.created(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal = f"{event.side} of {event.market_id}"
        return said, None

    def _skipped(self, seq: int, event: ev.OrderIntentSkipped, earlier: int | None) -> Taken:
        tick = self._waiting(event, earlier)
        if tick is None:
            return rows.skipped(event, None), LONER
        tick.proposed = True
        said = rows.skipped(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal = f"nothing: {event.reason}"
        if earlier is None:
            self.tally.reasons[event.reason] += 1
        return said, None

    def _safety(self, seq: int, event: ev.SafetyEvaluated, earlier: int | None) -> Taken:
        number, entry, tick = self._named(event.decision_id)
        said = rows.safety(event, number)
        if number is None:
            return said, ORPHAN
        if tick is not None:
            tick.safe = True
        if self._tell(seq, event, number, entry, said, earlier) and entry is not None:
            kind = event.result.type
            entry.evaluations += 1
            entry.last_result = event.result
            entry.blocked += kind in {"BLOCK_BUY", "HALT"}
            entry.forced += kind == "FORCE_SELL"
            self.decisions.seen_ids.append(event.id)
        if earlier is None:
            self.tally.safety[event.result.type] += 1
        return said, None

    def _attempted(self, seq: int, event: ev.ExecutionAttempted, earlier: int | None) -> Taken:
        number, entry, tick = self._named(event.decision_id)
        said = rows.attempted(event, number)
        if number is None:
            return said, ORPHAN
        if tick is not None:
            tick.execution_id = event.execution_id
        if self._tell(seq, event, number, entry, said, earlier):
            self.decisions.seen_ids.append(event.id)
        if earlier is None:
            self.decisions.executions.setdefault(event.execution_id, number)
        return said, None

    def _outcome(self, seq: int, event: ev.ExecutionOutcomeRecorded, earlier: int | None) -> Taken:
        number, entry, tick = self._named(event.decision_id)
        said = rows.outcome(event, number)
        if number is None:
            return said, ORPHAN
        if tick is not None:
            tick.status, tick.execution_id = event.status, event.execution_id
        if self._tell(seq, event, number, entry, said, earlier) and entry is not None:
            entry.executions += 1
            entry.last_status = event.status
            entry.filled += event.status == "FILLED"
            entry.failed += event.status == "FAILED"
            self.decisions.seen_ids.append(event.id)
        return said, None

    def _updated(self, seq: int, event: ev.LedgerUpdated, earlier: int | None) -> Taken:
        tick = self.decisions.tick
        if tick is None or tick.time != event.logical_time or tick.execution_id is None or tick.updated:
            return rows.updated(event, None), LONER
        tick.updated = True
        said = rows.updated(event, tick.number)
        told = self._tell(seq, event, tick.number, tick.entry, said, earlier)
        if earlier is None:
            line = self._effect(seq, event, tick)
            if told and tick.entry is not None:
                tick.entry.tell(line)
        return said, None

    def _effect(self, seq: int, event: ev.LedgerUpdated, tick: Tick) -> Row:
        effect = self.ledger.apply(tick, event.plane, event.market_id, seq)
        self.tally.set_open(event.plane, event.logical_time, self.ledger.open.get(event.plane, 0))
        filled = tick.execution_id if tick.status == "FILLED" else None
        matched = self.snapshots.match(event.logical_time, event.plane, event.market_id, filled, tick.number)
        if matched is None:
            return effect_line(describe_effect(effect, None), None)
        return effect_line(describe_effect(effect, matched.change), matched.seq)

    def _feedback(self, seq: int, event: ev.UserFeedbackRecorded, earlier: int | None) -> Taken:
        tick, decisions, target = self.decisions.tick, self.decisions, event.target
        within = None if tick is None or tick.time != event.logical_time else tick.number
        said = rows.feedback(event, within)
        if tick is not None and within is not None and tick.entry is not None:
            self._tell(seq, event, within, tick.entry, said, earlier)
        number, counted = None, False
        if isinstance(target, ev.DecisionTarget):
            number = decisions.find(target.decision_id)
            counted = number is not None and earlier is None
            if number is not None and counted:
                self._count_feedback(seq, event, number, decisions.open.get(target.decision_id), said)
        elif isinstance(target, ev.ExecutionTarget):
            number = decisions.find_execution(target.execution_id)
        self.out += self.feedback.add(seq, event, number, counted=counted)
        if number is None and isinstance(target, ev.DecisionTarget):
            return said, UNKNOWN_TARGET
        return said, LONER if within is None else None

    def _count_feedback(
        self, seq: int, event: ev.UserFeedbackRecorded, number: int, entry: Entry | None, said: rows.Said
    ) -> None:
        """Count feedback at the decision it points at (section 12, rule 5), and tell it there unless told already."""
        if entry is None:
            self.out += self.later.add(seq, event, number, repeated=False)
            return
        tick = self.decisions.tick
        entry.categories[CATEGORIES.index(event.category)] += 1
        self.decisions.seen_ids.append(event.id)
        if tick is None or tick.number != number or tick.time != event.logical_time:
            entry.tell(story_line(seq, said))

    def _waiting(self, event: ev.OrderIntentCreated | ev.OrderIntentSkipped, earlier: int | None) -> Tick | None:
        """Return the tick that an order intent belongs to: it has no intent and no safety result yet."""
        tick = self.decisions.tick
        if tick is not None and tick.time == event.logical_time and not tick.proposed and not tick.safe:
            return tick
        if earlier is None:
            self.decisions.tick = None
        return None

    def _named(self, decision_id: str) -> tuple[int | None, Entry | None, Tick | None]:
        """Return the decision an event names: its number, its entry while it is open, its tick while that goes on."""
        tick = self.decisions.tick
        if tick is not None and tick.decision_id == decision_id:
            return tick.number, tick.entry, tick
        number = self.decisions.find(decision_id)
        if number is None:
            self.decisions.tick = None
        return number, self.decisions.open.get(decision_id), None

    def _tell(  # noqa: PLR0913, PLR0917 - the six things a line of a story is made of
        self, seq: int, event: ev.AuditEvent, number: int, entry: Entry | None, said: rows.Said, earlier: int | None
    ) -> bool:
        """Tell an event in its decision's story, or among the later events; say whether the open entry counts it."""
        if entry is None:
            self.out += self.later.add(seq, event, number, repeated=earlier is not None)
            return False
        if earlier is not None:
            entry.tell(repeated_line(seq, event.type, earlier))
            return False
        entry.tell(story_line(seq, said))
        return True
