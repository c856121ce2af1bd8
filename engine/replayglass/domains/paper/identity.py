"""Every id of a block of audit events, derived again from what the log says (paper-runtime.md section 11).

What the log leaves out is searched: reasons and reason codes are those that derive the logged id, and called recovered.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from replayglass.damage import Unreadable
from replayglass.domains.paper import events as ev
from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.claims import Claims, Start
from replayglass.domains.paper.decode import Invalid
from replayglass.domains.paper.idcounts import (
    ALONE,
    MATCHED,
    NAMED,
    RECOVERED,
    UNEXPLAINED,
    WITHHELD,
    WRONG,
    Examined,
    Recovered,
)
from replayglass.domains.paper.ids import execution_input, feedback_input, order_intent_input
from replayglass.domains.paper.reasons import LOGGED, DecisionClaim, Skip, recover_no_intents, recover_reason_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from replayglass.domains.paper.claims import Claim


# As plain numbers: a tuple of numbers and texts is soon left alone by the garbage collector.
_DECIDED, _CREATED, _SAFETY = map(int, (Start.DECISION_EVALUATED, Start.ORDER_INTENT_CREATED, Start.SAFETY_EVALUATED))
_ATTEMPTED, _OUTCOME = int(Start.EXECUTION_ATTEMPTED), int(Start.EXECUTION_OUTCOME_RECORDED)
_UPDATED, _INTENT, _EXECUTION = map(int, (Start.LEDGER_UPDATED, Start.ORDER_INTENT, Start.EXECUTION))
_FEEDBACK = int(Start.FEEDBACK)

_KINDS = {start: start.name for start in Start} | {
    Start.ORDER_INTENT: "orderIntentId",
    Start.EXECUTION: "executionId",
    Start.FEEDBACK: ev.UserFeedbackRecorded.type,
}
_BROKEN = {Start.ORDER_INTENT: rule.INTENT_ID, Start.EXECUTION: rule.EXECUTION_ID}


class Identity:
    """Examines blocks of events in order; the tick that a block ends in goes on in the next."""

    def __init__(self, max_codes: int) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._max_codes = max_codes
        self._decision: ev.DecisionEvaluated | None = None
        self._is_redacted = False
        self._intent: str | None = None
        self._execution: str | None = None
        self._steps: dict[type, Callable[..., None]] = {
            ev.DecisionEvaluated: self._decided,
            ev.OrderIntentCreated: self._created,
            ev.OrderIntentSkipped: self._skipped,
            ev.SafetyEvaluated: self._safety,
            ev.ExecutionAttempted: self._attempted,
            ev.ExecutionOutcomeRecorded: self._outcome,
            ev.LedgerUpdated: self._updated,
            ev.UserFeedbackRecorded: self._feedback,
            Invalid: self._invalid,
        }
        self._begin()

    def examine(
        self, block: Iterable[tuple[int, Sequence[ev.AuditEvent | Invalid | Unreadable], frozenset[int]]]
    ) -> Examined:
        """Recompute the ids of a block: batches as (number of the first event, events, indexes of redacted ones)."""
        steps = self._steps
        for first, items, redacted in block:
            for seq, item in enumerate(items, first):
                if redacted and seq - first in redacted:
                    self._withhold(seq, item)
                    continue
                step = steps.get(type(item))
                if step is not None:
                    step(seq, item)
        self._answer_claims()
        self._answer_decisions()
        self._answer_skips()
        examined = self._examined
        self._begin()
        return examined

    def _begin(self) -> None:
        """Forget the block: nothing of it is needed for the next."""
        self._examined = Examined({}, Recovered({}, {}, set()))
        self._claims: list[Claim] = []
        self._decisions: list[tuple[int, DecisionClaim]] = []
        self._skips: list[tuple[int, Skip]] = []

    def _alone(self, *kinds: str) -> None:
        """Take note of ids that cannot be derived: their tick lacks a record; the tick's own rules say which."""
        for kind in kinds:
            self.counts[kind, WITHHELD if self._is_redacted else ALONE] += 1

    def _withhold(self, seq: int, item: ev.AuditEvent | Invalid | Unreadable) -> None:
        """Take note of a redacted record: neither its ids nor those derived from it can be checked."""
        if isinstance(item, Unreadable):
            return
        if item.type == ev.DecisionEvaluated.type:
            self._decision, self._intent = None, None
        elif item.type == ev.OrderIntentCreated.type:
            self._intent = ""
        if item.type in NAMED:
            self._is_redacted = True
        if isinstance(item, Invalid):
            return
        for kind in (item.type, *NAMED.get(item.type, ())):
            self.counts[kind, WITHHELD] += 1
        words = "A part of the record is withheld: expected all of it to derive its ids again, found it redacted."
        self._examined.blame(seq, rule.WITHHELD.broken(words))

    def _invalid(self, _: int, item: Invalid) -> None:
        """Take note of a record that is no valid event: a decision among them ends the tick before it."""
        if item.type == ev.DecisionEvaluated.type:
            self._decision, self._intent, self._execution, self._is_redacted = None, None, None, False

    def _decided(self, seq: int, event: ev.DecisionEvaluated) -> None:
        self._decision, self._intent, self._execution, self._is_redacted = event, None, None, False
        self._claims.append((seq, _DECIDED, f"{event.decision_id}|t={event.logical_time}", event.id))
        claim = DecisionClaim(event.strategy_instance_id, event.decision_class, event.logical_time, event.decision_id)
        self._decisions.append((seq, claim))

    def _tick(self, event: ev.AuditEvent) -> ev.DecisionEvaluated | None:
        """Return the decision that an event without a decisionId follows."""
        decision = self._decision
        return decision if decision is not None and decision.logical_time == event.logical_time else None

    def _follows(self, event: ev.SafetyEvaluated | ev.ExecutionAttempted | ev.ExecutionOutcomeRecorded) -> bool:
        """Say whether an event names the decision before it: then no intent is due any more, else a tick was lost."""
        decision = self._decision
        if decision is None or decision.decision_id != event.decision_id:
            self._execution = None
            return False
        self._intent = self._intent or ""
        return True

    def _created(self, seq: int, event: ev.OrderIntentCreated) -> None:
        decision = self._tick(event)
        if decision is None or self._intent is not None:
            self._alone(event.type, "orderIntentId")
            return
        self._intent = event.order_intent_id
        text = f"{decision.decision_id}|{event.order_intent_id}|t={event.logical_time}"
        self._claims.append((seq, _CREATED, text, event.id))
        text = order_intent_input(decision.strategy_instance_id, event.market_id, event.side, event.logical_time)
        self._claims.append((seq, _INTENT, text, event.order_intent_id))
        self._examined.recovered.proven.add(seq)

    def _skipped(self, seq: int, event: ev.OrderIntentSkipped) -> None:
        decision = self._tick(event)
        if decision is None or self._intent is not None:
            self._alone(event.type)
            return
        self._intent = ""
        self._skips.append((seq, Skip(decision.decision_id, event.reason, event.logical_time, event.id)))

    def _safety(self, seq: int, event: ev.SafetyEvaluated) -> None:
        text = f"{event.decision_id}|{event.result.type}|t={event.logical_time}"
        self._claims.append((seq, _SAFETY, text, event.id))
        self._follows(event)

    def _attempted(self, seq: int, event: ev.ExecutionAttempted) -> None:
        text = f"{event.decision_id}|{event.execution_id}|t={event.logical_time}"
        self._claims.append((seq, _ATTEMPTED, text, event.id))
        follows = self._follows(event)
        if follows:
            self._execution = event.execution_id
        if not self._intent or not follows:
            self._alone("executionId")
            return
        text = execution_input(self._intent, event.plane, event.logical_time)
        self._claims.append((seq, _EXECUTION, text, event.execution_id))

    def _outcome(self, seq: int, event: ev.ExecutionOutcomeRecorded) -> None:
        text = f"{event.decision_id}|{event.execution_id}|{event.status}|t={event.logical_time}"
        self._claims.append((seq, _OUTCOME, text, event.id))
        self._follows(event)

    def _updated(self, seq: int, event: ev.LedgerUpdated) -> None:
        decision = self._tick(event)
        if decision is None or self._execution is None:
            self._alone(event.type)
            return
        text = f"{decision.decision_id}|{self._execution}|t={event.logical_time}"
        self._claims.append((seq, _UPDATED, text, event.id))
        self._execution = None

    def _feedback(self, seq: int, event: ev.UserFeedbackRecorded) -> None:
        text = feedback_input(event.category, ev.target_fields(event.target), event.logical_time)
        self._claims.append((seq, _FEEDBACK, text, event.id))

    def _answer_claims(self) -> None:
        claims = Claims(self._claims)
        for start, count in claims.counts().items():
            self.counts[_KINDS[start], MATCHED] += count
        for seq, expected, found, start in claims.mismatches():
            kind, broken = _KINDS[start], _BROKEN.get(start, rule.EVENT_ID)
            self._examined.recovered.proven.discard(seq)
            self.counts[kind, MATCHED] -= 1
            self.counts[kind, WRONG] += 1
            words = f"The {'id' if broken is rule.EVENT_ID else kind} is not derived from what the log says"
            self._examined.blame(seq, broken.broken(f"{words}: expected {expected}, found {found}."))

    def _answer_decisions(self) -> None:
        found = recover_reason_codes([claim for _, claim in self._decisions], self._max_codes)
        for (seq, claim), codes in zip(self._decisions, found, strict=True):
            if codes is not None:
                self._examined.recovered.codes[seq] = codes
                continue
            words = (
                f"No list of up to {self._max_codes} reason codes derives the decisionId from instance, class and "
                f"time: expected one to give {claim.claimed}, found none."
            )
            self._examined.blame(seq, rule.DECISION_ID.broken(words))
        recovered = len(self._examined.recovered.codes)
        self.counts["decisionId", RECOVERED] += recovered
        self.counts["decisionId", UNEXPLAINED] += len(found) - recovered

    def _answer_skips(self) -> None:
        found = recover_no_intents([skip for _, skip in self._skips])
        for (seq, skip), reason in zip(self._skips, found, strict=True):
            if reason is not None and LOGGED[reason] == skip.logged:
                self._examined.recovered.skips[seq] = reason
                self.counts["ORDER_INTENT_SKIPPED", RECOVERED] += 1
                continue
            self.counts["ORDER_INTENT_SKIPPED", WRONG] += 1
            words = f"expected a reason that is logged as {skip.logged} to derive the id {skip.claimed}, found none"
            if reason is not None:
                words = f"expected {LOGGED[reason]}, since the id is derived from {reason}; found {skip.logged}"
            self._examined.blame(seq, rule.SKIP_REASON.broken(f"The id contradicts the reason: {words}."))
