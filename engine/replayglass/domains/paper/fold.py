"""What each valid audit event does to the state of the replay (paper-runtime.md sections 6 and 12).

An id that was seen before changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.damage import Unreadable
from replayglass.domains.paper import events as ev
from replayglass.domains.paper import grammar, ledgerrules
from replayglass.domains.paper.decisions import CATEGORIES, Decisions, Entry
from replayglass.domains.paper.effects import Effects
from replayglass.domains.paper.feedback import FeedbackPages
from replayglass.domains.paper.idcounts import Recovered
from replayglass.domains.paper.joins import Joins
from replayglass.domains.paper.rulebook import UNKNOWN_TARGET
from replayglass.domains.paper.storylines import invalid_line, story_line
from replayglass.domains.paper.tally import Tally
from replayglass.domains.paper.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.rows import Said
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context
    from replayglass.rule import Problem

_UNKNOWN_TARGET = UNKNOWN_TARGET.broken(
    "The feedback points at a decision: expected that the log has evaluated it before, found no such "
    "DECISION_EVALUATED; the feedback is listed, not counted."
)


class Fold:
    """The state of the replay.

    ``recovered`` holds what ids reveal of the events about to be folded, by sequence number: the reason codes of a
    decision, the reason of a skipped intent.
    """

    def __init__(self, context: Context, followers: Mapping[str, Iterator[Batch]]) -> None:
        self.decisions = Decisions()
        self.telling = Telling(context)
        self.stories, self.later = self.telling.stories, self.telling.later
        self.feedback = FeedbackPages(context.limit)
        self.tally = Tally(context.limit)
        self.joins = Joins(self.decisions)
        self.effects = Effects(context, followers["snapshots"], self.joins, self.tally)
        self.snapshots, self.ledger = self.effects.snapshots, self.effects.ledger
        self.recovered: Recovered = Recovered({}, {}, set())
        self._words, self._tell = self.telling.enter(0), self.telling.tell
        self._steps: dict[type, Callable[..., Said]] = {
            ev.DecisionEvaluated: self._decided,
            ev.OrderIntentCreated: self._created,
            ev.OrderIntentSkipped: self._skipped,
            ev.SafetyEvaluated: self._safety,
            ev.ExecutionAttempted: self._attempted,
            ev.ExecutionOutcomeRecorded: self._outcome,
            ev.LedgerUpdated: self._updated,
            ev.UserFeedbackRecorded: self._feedback,
        }

    def enter(self, stretch: int) -> None:
        """Take note in which stretch of the log the next events stand (`share.Share`)."""
        self.snapshots.stretch = stretch
        self._words = self.telling.enter(stretch)

    def drain(self) -> list[Artifact]:
        """Return the files that were completed since the last call."""
        out, self.telling.out[:] = list(self.telling.out), []
        return out

    def take(self, seq: int, event: ev.AuditEvent, earlier: int | None) -> Said:
        """Fold one event (``earlier``: the event that had its id first); return what it says, note what is wrong."""
        return self._steps[type(event)](seq, event, earlier)

    def take_damaged(self, seq: int, item: Invalid | Unreadable) -> None:
        """Take note of a record that is not replayed: what is missing from its tick is explained by it.

        An invalid event is told in the story of the open decision that it names; as a decision it ends the tick.
        """
        self.joins.uncertain = True
        tick = self.decisions.tick
        if tick is not None:
            tick.damaged = True
        if isinstance(item, Unreadable):
            return
        if item.type == ev.DecisionEvaluated.type:
            self.decisions.tick = None
        entry = self.decisions.open.get(item.decision_id or "")
        if entry is not None:
            entry.tell(invalid_line(seq, item))

    def finish(self) -> Iterator[Artifact]:
        """End the pages of decisions, later events, feedback and snapshots."""
        yield from self.telling.finish(self.decisions, self.tally.timeline.trends())
        yield from self.feedback.shelf.finish()
        yield from self.effects.positions.finish()
        yield from self.snapshots.finish(self.tally.last_time, uncertain=self.joins.uncertain)

    def unfinished(self) -> Problem | None:
        """Return what is wrong if the log ends here."""
        tick = self.decisions.tick
        return None if tick is None else grammar.unfinished(tick)

    def _decided(self, seq: int, event: ev.DecisionEvaluated, earlier: int | None) -> Said:
        decisions = self.decisions
        if decisions.tick is not None:
            self.joins.note(grammar.end(decisions.tick))
        number = decisions.find(event.decision_id)
        codes = self.recovered.codes.get(seq)
        if number is None and earlier is not None:
            decisions.tick = None
            return self._words.decided(event, None, codes)
        tick = decisions.begin(event, number, told=number is None and self.telling.begin(decisions))
        said = self._words.decided(event, tick.number, codes)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.codes = codes
            tick.entry.held = self.ledger.words()
            decisions.seen_ids.append(event.id)
        return said

    def _created(self, seq: int, event: ev.OrderIntentCreated, earlier: int | None) -> Said:
        tick = self.joins.waiting(event, earlier)
        if tick is None:
            return self._words.created(event, None)
        tick.proposal = tick.side = event.side
        tick.market, tick.market_is_proven = event.market_id, seq in self.recovered.proven
        said = self._words.created(event, tick.number)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal, tick.entry.market = f"{event.side} of {event.market_id}", event.market_id
        return said

    def _skipped(self, seq: int, event: ev.OrderIntentSkipped, earlier: int | None) -> Said:
        tick = self.joins.waiting(event, earlier)
        why = self.recovered.skips.get(seq)
        if tick is None:
            return self._words.skipped(event, None, None)
        tick.proposal, tick.skip_reason = "nothing", event.reason
        said = self._words.skipped(event, tick.number, why)
        if self._tell(seq, event, tick.number, tick.entry, said, earlier) and tick.entry is not None:
            tick.entry.proposal, tick.entry.reason = f"nothing: {event.reason}", event.reason
            tick.entry.skip = why
        if earlier is None:
            self.tally.reasons[event.reason] += 1
            if why is not None:
                self.tally.recovered[why] += 1
        return said

    def _safety(self, seq: int, event: ev.SafetyEvaluated, earlier: int | None) -> Said:
        number, entry, tick = self.joins.named(event)
        said = self._words.safety(event, number)
        if number is None:
            return said
        if tick is not None:
            self.joins.note(grammar.answered(tick, event))
        if self._tell(seq, event, number, entry, said, earlier) and entry is not None:
            kind = event.result.type
            entry.evaluations += 1
            entry.last_result = event.result
            entry.blocked += kind in ev.BLOCKING
            entry.forced += kind == "FORCE_SELL"
            self.decisions.seen_ids.append(event.id)
        if earlier is None:
            self.tally.safety[event.result.type] += 1
            self.joins.note(ledgerrules.answer(event, self.ledger, uncertain=self.joins.uncertain))
        return said

    def _attempted(self, seq: int, event: ev.ExecutionAttempted, earlier: int | None) -> Said:
        number, entry, tick = self.joins.named(event)
        said = self._words.attempted(event, number)
        if number is None:
            return said
        if tick is not None:
            self.joins.note(grammar.attempted(tick, event))
        if self._tell(seq, event, number, entry, said, earlier):
            self.decisions.seen_ids.append(event.id)
        if earlier is None:
            self.decisions.executions.setdefault(event.execution_id, number)
            side = None if tick is None else tick.side
            self.joins.noted += ledgerrules.execution(event, side, self.ledger, uncertain=self.joins.uncertain)
        return said

    def _outcome(self, seq: int, event: ev.ExecutionOutcomeRecorded, earlier: int | None) -> Said:
        number, entry, tick = self.joins.named(event)
        said = self._words.outcome(event, number)
        if number is None:
            return said
        if tick is not None:
            self.joins.note(grammar.recorded(tick, event))
        if self._tell(seq, event, number, entry, said, earlier) and entry is not None:
            entry.executions += 1
            entry.last_status = event.status
            entry.filled += event.status == "FILLED"
            entry.failed += event.status == "FAILED"
            self.decisions.seen_ids.append(event.id)
        return said

    def _updated(self, seq: int, event: ev.LedgerUpdated, earlier: int | None) -> Said:
        tick = self.joins.executed(event)
        if tick is None:
            return self._words.updated(event, None)
        line, change = self.effects.take(seq, event, tick, repeated=earlier is not None)
        self.telling.out += self.effects.drain()
        said = self._words.updated(event, tick.number, change)
        told = self._tell(seq, event, tick.number, tick.entry, said, earlier)
        if told and line is not None and tick.entry is not None:
            tick.entry.tell(line)
            tick.entry.held = None
        return said

    def _feedback(self, seq: int, event: ev.UserFeedbackRecorded, earlier: int | None) -> Said:
        tick, decisions, target = self.joins.around(event), self.decisions, event.target
        number, counted = None, False
        if isinstance(target, ev.DecisionTarget):
            number = decisions.find(target.decision_id)
            counted = number is not None and earlier is None
        elif isinstance(target, ev.ExecutionTarget):
            number = decisions.find_execution(target.execution_id)
        said = self._words.feedback(event, None if tick is None else tick.number, number)
        if tick is not None and tick.entry is not None:
            self._tell(seq, event, tick.number, tick.entry, said, earlier)
        if isinstance(target, ev.DecisionTarget) and number is not None and counted:
            self._count_feedback(seq, event, number, decisions.open.get(target.decision_id), said)
        self.telling.out += self.feedback.add(seq, event, number, counted=counted)
        if number is None and isinstance(target, ev.DecisionTarget):
            self.joins.noted.append(_UNKNOWN_TARGET)
        return said

    def _count_feedback(
        self, seq: int, event: ev.UserFeedbackRecorded, number: int, entry: Entry | None, said: Said
    ) -> None:
        """Count feedback at the decision it points at (section 12, rule 5), and tell it there unless told already."""
        if entry is None:
            self.telling.out += self.later.add(seq, event, number, repeated=False)
            return
        tick = self.decisions.tick
        entry.categories[CATEGORIES.index(event.category)] += 1
        self.decisions.seen_ids.append(event.id)
        if entry.told and (tick is None or tick.number != number or tick.time != event.logical_time):
            entry.tell(story_line(seq, said))
