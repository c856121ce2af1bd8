"""What each valid audit event does to the state of the replay (paper-runtime.md sections 6 and 12).

Events with a decisionId belong to it; the others to the tick they stand in: the decision before them has the same
logical time and still waits for such an event. An id that was seen before changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import events as ev
from replayglass.domains.paper import rows
from replayglass.domains.paper.decisions import CATEGORIES, Decisions, Entry, Tick
from replayglass.domains.paper.feedback import FeedbackPages
from replayglass.domains.paper.later import LaterPages
from replayglass.domains.paper.ledger import EventLedger, describe_effect
from replayglass.domains.paper.snapshots import Snapshots
from replayglass.domains.paper.stories import DecisionPages
from replayglass.domains.paper.tally import Tally
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from replayglass.domains.paper.decode import Invalid
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context

Problem = tuple[str, Severity, str]
"""A finding about an event: code, severity, message."""

_ORPHAN = (
    "replay.unknown-decision",
    Severity.ERROR,
    "The event names a decision that the log has not evaluated before it.",
)
_LONER = (
    "replay.no-decision",
    Severity.ERROR,
    "The event belongs to the tick it stands in, but no decision before it waits for such an event.",
)
_UNKNOWN_TARGET = (
    "replay.feedback-unknown-decision",
    Severity.WARNING,
    "The feedback points at a decision that the log has not evaluated before it; it is listed, not counted.",
)


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
        self._steps: dict[type, Callable[..., tuple[rows.Said, Problem | None]]] = {
            ev.DecisionEvaluated: self._decided,
            ev.OrderIntentCreated: self._created,
            ev.OrderIntentSkipped: self._skipped,
            ev.SafetyEvaluated: self._safety,
            ev.ExecutionAttempted: self._attempted,
            ev.ExecutionOutcomeRecorded: self._outcome,
            ev.LedgerUpdated: self._updated,
            ev.UserFeedbackRecorded: self._feedback,
        }

    def take(self, seq: int, event: ev.AuditEvent, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        """Fold one event (``earlier``: the event that had its id first); return what it says and what is wrong."""
        return self._steps[type(event)](seq, event, earlier)

    def take_invalid(self, seq: int, item: Invalid) -> None:
        """Put an invalid event into the story of the open decision that it names."""
        self.tally.count_invalid(item)
        entry = self.decisions.open.get(item.decision_id or "")
        if entry is not None:
            entry.tell(rows.invalid_line(seq, item))

    def finish(self) -> Iterator[Artifact]:
        """End the pages of decisions, later events, feedback and snapshots."""
        yield from self.stories.close(self.decisions, full=False)
        yield from self.stories.ranges.finish()
        yield from self.later.shelf.finish()
        yield from self.feedback.shelf.finish()
        yield from self.snapshots.finish()

    def _decided(self, seq: int, event: ev.DecisionEvaluated, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        decisions = self.decisions
        number = decisions.find(event.decision_id)
        if number is None and decisions.page_is_full():
            self.out += self.stories.close(decisions, full=True)
        tick = decisions.begin(event, number)
        said = rows.decided(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier):
            decisions.seen_ids.append(event.id)
        return said, None

    def _created(self, seq: int, event: ev.OrderIntentCreated, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        tick = self._waiting(event)
        if tick is None:
            return rows.created(event, None), _LONER
        tick.proposed, tick.side = True, event.side
        said = rows.created(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal = f"{event.side} of {event.market_id}"
        return said, None

    def _skipped(self, seq: int, event: ev.OrderIntentSkipped, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        tick = self._waiting(event)
        if tick is None:
            return rows.skipped(event, None), _LONER
        tick.proposed = True
        said = rows.skipped(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal = f"nothing: {event.reason}"
        if earlier is None:
            self.tally.reasons[event.reason] += 1
        return said, None

    def _safety(self, seq: int, event: ev.SafetyEvaluated, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        number, entry, tick = self._named(event.decision_id)
        said = rows.safety(event, number)
        if number is None:
            return said, _ORPHAN
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

    def _attempted(self, seq: int, event: ev.ExecutionAttempted, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        number, entry, tick = self._named(event.decision_id)
        said = rows.attempted(event, number)
        if number is None:
            return said, _ORPHAN
        if tick is not None:
            tick.execution_id = event.execution_id
        if self._tell(seq, event, number, entry, said, earlier):
            self.decisions.seen_ids.append(event.id)
        self.decisions.executions.setdefault(event.execution_id, number)
        return said, None

    def _outcome(
        self, seq: int, event: ev.ExecutionOutcomeRecorded, earlier: int | None
    ) -> tuple[rows.Said, Problem | None]:
        number, entry, tick = self._named(event.decision_id)
        said = rows.outcome(event, number)
        if number is None:
            return said, _ORPHAN
        if tick is not None:
            tick.status = event.status
        if self._tell(seq, event, number, entry, said, earlier) and entry is not None:
            entry.executions += 1
            entry.last_status = event.status
            entry.filled += event.status == "FILLED"
            entry.failed += event.status == "FAILED"
            self.decisions.seen_ids.append(event.id)
        return said, None

    def _updated(self, seq: int, event: ev.LedgerUpdated, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        tick = self.decisions.tick
        if tick is None or tick.time != event.logical_time or not tick.safe or tick.updated:
            return rows.updated(event, None), _LONER
        tick.updated = True
        said = rows.updated(event, tick.number)
        told = self._tell(seq, event, tick.number, tick.entry, said, earlier)
        if earlier is None:
            line = self._effect(seq, event, tick)
            if told and tick.entry is not None:
                tick.entry.tell(line)
        return said, None

    def _effect(self, seq: int, event: ev.LedgerUpdated, tick: Tick) -> rows.Row:
        effect = self.ledger.apply(tick, event.plane, event.market_id, seq)
        self.tally.set_open(event.plane, event.logical_time, self.ledger.open.get(event.plane, 0))
        filled = tick.execution_id if tick.status == "FILLED" else None
        matched = self.snapshots.match(event.logical_time, event.plane, event.market_id, filled, tick.number)
        if matched is None:
            return rows.effect_line(describe_effect(effect, None), None)
        return rows.effect_line(describe_effect(effect, matched.change), matched.seq)

    def _feedback(self, seq: int, event: ev.UserFeedbackRecorded, earlier: int | None) -> tuple[rows.Said, Problem | None]:
        tick, decisions, target = self.decisions.tick, self.decisions, event.target
        within = None if tick is None or tick.time != event.logical_time else tick.number
        said = rows.feedback(event, within)
        if tick is not None and within is not None:
            self._tell(seq, event, within, tick.entry, said, earlier)
        number, counted = None, False
        if isinstance(target, ev.DecisionTarget):
            number = decisions.find(target.decision_id)
            counted = number is not None and earlier is None
            if number is not None and counted:
                self._count_feedback(seq, event, number, said)
        elif isinstance(target, ev.ExecutionTarget):
            number = decisions.find_execution(target.execution_id)
        self.out += self.feedback.add(seq, event, number, counted=counted)
        if number is None and isinstance(target, ev.DecisionTarget):
            return said, _UNKNOWN_TARGET
        return said, _LONER if within is None else None

    def _count_feedback(self, seq: int, event: ev.UserFeedbackRecorded, number: int, said: rows.Said) -> None:
        """Count feedback at the decision it points at (section 12, rule 5), and tell it there unless told already."""
        decisions, tick = self.decisions, self.decisions.tick
        entry = decisions.open.get(event.target.decision_id)  # type: ignore[union-attr]
        if entry is None:
            if tick is None or tick.number != number:
                self.out += self.later.add(seq, event, number, repeated=False)
            return
        entry.categories[CATEGORIES.index(event.category)] += 1
        decisions.seen_ids.append(event.id)
        if tick is None or tick.number != number or tick.time != event.logical_time:
            entry.tell(rows.story_line(seq, said))

    def _waiting(self, event: ev.OrderIntentCreated | ev.OrderIntentSkipped) -> Tick | None:
        """Return the tick that an order intent belongs to: it has no intent and no safety result yet."""
        tick = self.decisions.tick
        if tick is None or tick.time != event.logical_time or tick.proposed or tick.safe:
            return None
        return tick

    def _named(self, decision_id: str) -> tuple[int | None, Entry | None, Tick | None]:
        """Return the decision an event names: its number, its entry while it is open, its tick while that goes on."""
        tick = self.decisions.tick
        if tick is not None and tick.decision_id == decision_id:
            return tick.number, tick.entry, tick
        return self.decisions.find(decision_id), self.decisions.open.get(decision_id), None

    def _tell(  # noqa: PLR0913 - the six things a line of a story is made of
        self, seq: int, event: ev.AuditEvent, number: int, entry: Entry | None, said: rows.Said, earlier: int | None
    ) -> bool:
        """Tell an event in its decision's story, or among the later events; say whether the open entry counts it."""
        if entry is None or entry.closed:
            self.out += self.later.add(seq, event, number, repeated=earlier is not None)
            return False
        if earlier is not None:
            entry.tell(rows.repeated_line(seq, event.type, earlier))
            return False
        entry.tell(rows.story_line(seq, said))
        return True
