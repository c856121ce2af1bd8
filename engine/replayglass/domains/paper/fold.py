"""What one valid audit event does to the state of the replay, and what its row says of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import events as ev
from replayglass.domains.paper.decisions import Decisions
from replayglass.domains.paper.feedback import FeedbackPages
from replayglass.domains.paper.later import LaterPages
from replayglass.domains.paper.ledger import EventLedger, describe_effect
from replayglass.domains.paper.rows import Said, effect_line, invalid_line, repeated_line, say, story_line
from replayglass.domains.paper.snapshots import Snapshots
from replayglass.domains.paper.stories import DecisionPages
from replayglass.domains.paper.tally import Tally
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.domains.paper.decisions import Entry
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

    def take(self, seq: int, event: ev.AuditEvent, earlier: int | None) -> tuple[Said, Problem | None]:
        """Fold one event (``earlier``: the event that had its id first); return what it says and what is wrong."""
        decisions = self.decisions
        repeated = earlier is not None
        if decisions.begins_page(event, repeated=repeated):
            self.out += self.stories.close(decisions, full=True)
        number = decisions.join(event, repeated=repeated)
        said = say(event, number)
        problem = None
        if number is None:
            problem = _LONER if getattr(event, "decision_id", None) is None else _ORPHAN
        else:
            self._tell(seq, event, number, said, earlier)
        if type(event) is ev.UserFeedbackRecorded:
            problem = self._feedback(seq, event, earlier, said) or problem
        return said, problem

    def take_invalid(self, seq: int, item: Invalid) -> None:
        """Put an invalid event into the story of the open decision that it names."""
        self.tally.count_invalid(item)
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

    def _tell(self, seq: int, event: ev.AuditEvent, number: int, said: Said, earlier: int | None) -> None:
        entry = self.decisions.entry(event, number)
        if entry is None:
            self.out += self.later.add(seq, event, number, repeated=earlier is not None)
        elif earlier is not None:
            entry.tell(repeated_line(seq, event.type, earlier))
            return
        else:
            entry.tell(story_line(seq, said))
            self.decisions.fold(event, entry)
        if earlier is None:
            self._count(seq, event, entry, number)

    def _count(self, seq: int, event: ev.AuditEvent, entry: Entry | None, number: int) -> None:
        kind = type(event)
        if kind is ev.SafetyEvaluated:
            self.tally.safety[event.result.type] += 1  # type: ignore[attr-defined]
        elif kind is ev.OrderIntentSkipped:
            self.tally.reasons[event.reason] += 1  # type: ignore[attr-defined]
        elif kind is ev.LedgerUpdated:
            self._ledger(seq, event, entry, number)  # type: ignore[arg-type]

    def _ledger(self, seq: int, event: ev.LedgerUpdated, entry: Entry | None, number: int) -> None:
        tick = self.decisions.tick
        if tick is None:
            return
        effect = self.ledger.apply(tick, event.plane, event.market_id, seq)
        self.tally.set_open(event.plane, event.logical_time, self.ledger.open.get(event.plane, 0))
        filled = tick.execution_id if tick.status == "FILLED" else None
        matched = self.snapshots.match(event.logical_time, event.plane, event.market_id, filled, number)
        if entry is not None:
            change = None if matched is None else matched.change
            entry.tell(effect_line(describe_effect(effect, change), None if matched is None else matched.seq))

    def _feedback(self, seq: int, event: ev.UserFeedbackRecorded, earlier: int | None, said: Said) -> Problem | None:
        target, decisions = event.target, self.decisions
        number, counted = None, False
        if isinstance(target, ev.DecisionTarget):
            number = decisions.find(target.decision_id)
            counted = number is not None and earlier is None
            if number is not None and counted:
                self._count_feedback(seq, event, decisions.open.get(target.decision_id), number, said)
        elif isinstance(target, ev.ExecutionTarget):
            number = decisions.find_execution(target.execution_id)
        self.out += self.feedback.add(seq, event, number, counted=counted)
        return _UNKNOWN_TARGET if number is None and isinstance(target, ev.DecisionTarget) else None

    def _count_feedback(
        self, seq: int, event: ev.UserFeedbackRecorded, entry: Entry | None, number: int, said: Said
    ) -> None:
        if entry is None:
            self.out += self.later.add(seq, event, number, repeated=False)
            return
        self.decisions.fold_feedback(event, entry)
        tick = self.decisions.tick
        if tick is None or tick.number != number:
            entry.tell(story_line(seq, said))
