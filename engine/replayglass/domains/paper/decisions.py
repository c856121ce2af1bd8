"""DecisionMemory: decisions, the ticks they begin, and what later events add to them (paper-runtime.md section 12).

A decision is open while its page is: until the next page's first decision is evaluated. What concerns a closed
decision afterwards (feedback given late, mostly) goes to the collection of later events, so that a full page of
decisions never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import events as ev
from replayglass.domains.paper.rows import DECISIONS, story_line
from replayglass.idindex import IdIndex

if TYPE_CHECKING:
    from replayglass.domains.paper.rows import Said
    from replayglass.page import Row

MAX_LINES = 64
"""Lines of one story; a tick has seven at most, so more are repeats or damage, and are counted."""

CATEGORIES = ("DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR")


class Entry:
    """One decision while its page is open: the counters of section 12, and its story."""

    __slots__ = (
        "blocked",
        "categories",
        "evaluations",
        "event",
        "execution_ids",
        "executions",
        "failed",
        "filled",
        "forced",
        "last_result",
        "last_status",
        "lines",
        "number",
        "omitted",
        "proposal",
    )

    def __init__(self, number: int, event: ev.DecisionEvaluated) -> None:
        self.number = number
        self.event = event
        self.executions = self.filled = self.failed = 0
        self.evaluations = self.blocked = self.forced = 0
        self.categories = [0, 0, 0]
        self.last_status: str | None = None
        self.last_result: ev.SafetyResult | None = None
        self.proposal = ""
        self.execution_ids: list[str] = []
        self.lines: list[Row] = []
        self.omitted = 0

    def tell(self, line: Row) -> None:
        """Add a line to the story."""
        if len(self.lines) < MAX_LINES:
            self.lines.append(line)
        else:
            self.omitted += 1


class Tick:
    """The group of events being read: the decision that began it, and how far it has come."""

    __slots__ = ("decision_id", "entry", "execution_id", "intent", "ledger", "number", "plane", "safety", "status", "time")

    def __init__(self, number: int, entry: Entry | None, event: ev.DecisionEvaluated) -> None:
        self.number = number
        self.entry = entry
        self.decision_id = event.decision_id
        self.time = event.logical_time
        self.intent: ev.OrderIntentCreated | ev.OrderIntentSkipped | None = None
        self.safety: ev.SafetyEvaluated | None = None
        self.execution_id: str | None = None
        self.plane: str | None = None
        self.status: str | None = None
        self.ledger = False


class Decisions:
    """Joins events to decisions and folds them. Feed every valid event once, in file order."""

    def __init__(self) -> None:
        self.tick: Tick | None = None
        self.open: dict[str, Entry] = {}
        self.seen_ids: list[str] = []
        self.count = 0
        self.executions: dict[str, int] = {}
        self._closed = IdIndex()
        self._closed_executions = IdIndex()

    def begins_page(self, event: ev.AuditEvent, *, repeated: bool) -> bool:
        """Say whether ``event`` begins a new decision that is the first of a page (other than page 0)."""
        if repeated or type(event) is not ev.DecisionEvaluated or not self.open:
            return False
        return self.count % DECISIONS.size == 0 and self.find(event.decision_id) is None

    def close(self) -> tuple[list[Entry], list[str]]:
        """End the open page: return its decisions, and the ids of the inputs folded into them, both in order."""
        entries, seen = list(self.open.values()), self.seen_ids
        self._closed.add(list(self.open), [entry.number for entry in entries])
        if self.executions:
            self._closed_executions.add(list(self.executions), list(self.executions.values()))
        self.open, self.seen_ids, self.executions = {}, [], {}
        return entries, seen

    def find(self, decision_id: str) -> int | None:
        """Return the number of a decision."""
        entry = self.open.get(decision_id)
        return self._closed.find(decision_id) if entry is None else entry.number

    def find_execution(self, execution_id: str) -> int | None:
        """Return the number of the decision that attempted an execution."""
        number = self.executions.get(execution_id)
        return self._closed_executions.find(execution_id) if number is None else number

    def join(self, event: ev.AuditEvent, *, repeated: bool) -> int | None:
        """Return the decision that ``event`` belongs to, moving the tick on; None when there is none.

        Events with a decisionId belong to it; the others to the tick they stand in (section 4): same logical time,
        and the tick still waits for such an event.
        """
        kind = type(event)
        if kind is ev.DecisionEvaluated:
            return self._begin(event, repeated=repeated)  # type: ignore[arg-type]
        tick = self.tick
        decision_id = getattr(event, "decision_id", None)
        if decision_id is None:
            if tick is None or tick.time != event.logical_time or not _waits(tick, event):
                return None
            return tick.number
        if tick is not None and tick.decision_id == decision_id:
            _advance(tick, event)
            return tick.number
        return self.find(decision_id)

    def _begin(self, event: ev.DecisionEvaluated, *, repeated: bool) -> int:
        number = self.find(event.decision_id)
        if number is None:
            number = self.count
            self.count += 1
            self.open[event.decision_id] = Entry(number, event)
        self.tick = Tick(number, self.open.get(event.decision_id), event)
        return number

    def entry(self, event: ev.AuditEvent, number: int) -> Entry | None:
        """Return the open entry of decision ``number``, which ``event`` was joined to; None when it is closed."""
        tick = self.tick
        if tick is not None and tick.number == number:
            return tick.entry if tick.entry is not None and tick.decision_id in self.open else None
        return self.open.get(getattr(event, "decision_id", ""))

    def fold(self, event: ev.AuditEvent, entry: Entry) -> None:
        """Apply the reducer of section 12 to an event whose id is new and whose entry is open."""
        kind = type(event)
        if kind is ev.SafetyEvaluated:
            entry.evaluations += 1
            entry.last_result = result = event.result  # type: ignore[attr-defined]
            entry.blocked += result.type in ("BLOCK_BUY", "HALT")
            entry.forced += result.type == "FORCE_SELL"
        elif kind is ev.ExecutionOutcomeRecorded:
            entry.executions += 1
            entry.last_status = status = event.status  # type: ignore[attr-defined]
            entry.filled += status == "FILLED"
            entry.failed += status == "FAILED"
        elif kind is ev.ExecutionAttempted:
            entry.execution_ids.append(event.execution_id)  # type: ignore[attr-defined]
            self.executions.setdefault(event.execution_id, entry.number)  # type: ignore[attr-defined]
        elif kind is ev.OrderIntentCreated:
            entry.proposal = f"{event.side} of {event.market_id}"  # type: ignore[attr-defined]
            return
        elif kind is ev.OrderIntentSkipped:
            entry.proposal = f"nothing: {event.reason}"  # type: ignore[attr-defined]
            return
        elif kind is not ev.DecisionEvaluated:
            return
        self.seen_ids.append(event.id)

    def fold_feedback(self, event: ev.UserFeedbackRecorded, entry: Entry) -> None:
        """Count feedback on an open decision (section 12, rule 5)."""
        entry.categories[CATEGORIES.index(event.category)] += 1
        self.seen_ids.append(event.id)


def tell(entry: Entry, seq: int, said: Said) -> None:
    """Add an event to the story of a decision."""
    entry.tell(story_line(seq, said))


def _waits(tick: Tick, event: ev.AuditEvent) -> bool:
    """Say whether the tick still waits for an event like this, which has no decision id; takes it in if so."""
    kind = type(event)
    if kind is ev.OrderIntentCreated or kind is ev.OrderIntentSkipped:
        if tick.intent is not None or tick.safety is not None:
            return False
        tick.intent = event  # type: ignore[assignment]
    elif kind is ev.LedgerUpdated:
        if tick.ledger or tick.safety is None:
            return False
        tick.ledger = True
    return True


def _advance(tick: Tick, event: ev.AuditEvent) -> None:
    kind = type(event)
    if kind is ev.SafetyEvaluated:
        tick.safety = event  # type: ignore[assignment]
    elif kind is ev.ExecutionAttempted:
        tick.execution_id, tick.plane = event.execution_id, event.plane  # type: ignore[attr-defined]
    elif kind is ev.ExecutionOutcomeRecorded:
        tick.status = event.status  # type: ignore[attr-defined]
