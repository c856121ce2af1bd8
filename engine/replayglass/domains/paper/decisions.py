"""Decisions and the ticks they begin: which are open, which are closed, and which number each has.

A decision is open while its page is: until the next page's first decision is evaluated. What concerns a closed
decision afterwards (feedback given late, mostly) goes to the collection of later events, so that a full page of
decisions never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from replayglass.domains.paper.events import Category
from replayglass.domains.paper.grammar import Stage
from replayglass.domains.paper.places import DECISIONS
from replayglass.idindex import IdIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.domains.paper import events as ev
    from replayglass.row import Row

MAX_LINES = 64
"""Lines of one story; a tick has seven at most, so more are repeats or damage, and are counted."""

CATEGORIES: tuple[Category, ...] = get_args(Category)


class Entry:
    """One decision while its page is open: the counters of paper-runtime.md section 12, and its story.

    ``codes`` and ``skip`` are recovered from ids (section 11): the reason codes of the decision, and why it proposed
    nothing; None where no candidate fits. ``market`` is that of the proposed order, ``reason`` the logged one why there
    is none. The story of one that is not ``told`` is nobody's here. ``held`` says which positions were open when it was
    evaluated, as long as no line of its story says that.
    """

    __slots__ = (
        "blocked",
        "categories",
        "codes",
        "evaluations",
        "event",
        "executions",
        "failed",
        "filled",
        "forced",
        "held",
        "last_result",
        "last_status",
        "lines",
        "market",
        "number",
        "omitted",
        "proposal",
        "reason",
        "skip",
        "told",
    )

    def __init__(self, number: int, event: ev.DecisionEvaluated, *, told: bool) -> None:
        self.number = number
        self.told = told
        self.event = event
        self.executions = self.filled = self.failed = 0
        self.evaluations = self.blocked = self.forced = 0
        self.categories = [0, 0, 0]
        self.last_status: str | None = None
        self.last_result: ev.SafetyResult | None = None
        self.proposal = ""
        self.market: str | None = None
        self.held: str | None = None
        self.reason: str | None = None
        self.codes: tuple[str, ...] | None = None
        self.skip: str | None = None
        self.lines: list[Row] = []
        self.omitted = 0

    def tell(self, line: Row) -> None:
        """Add a line to the story, unless it is not told."""
        if not self.told:
            return
        if len(self.lines) < MAX_LINES:
            self.lines.append(line)
        else:
            self.omitted += 1


class Tick:
    """The group of events being read: the decision that began it, and what its records said so far (section 6).

    ``proposal`` is BUY, SELL or ``nothing``, None while it is not known; an orderIntentId may prove its ``market``.
    ``damaged`` says that a record of it could not
    be read or stood out of order: what is missing then is explained.
    """

    __slots__ = (
        "answer",
        "damaged",
        "decision_id",
        "entry",
        "execution_id",
        "market",
        "market_is_proven",
        "number",
        "plane",
        "proposal",
        "side",
        "skip_reason",
        "stage",
        "status",
        "time",
        "updated",
    )

    def __init__(self, number: int, entry: Entry | None, event: ev.DecisionEvaluated) -> None:
        self.number = number
        self.entry = entry
        self.decision_id = event.decision_id
        self.time = event.logical_time
        self.stage = Stage.DECIDED
        self.damaged = self.updated = False
        self.proposal: str | None = None
        self.side: str | None = None
        self.market: str | None = None
        self.market_is_proven = False
        self.skip_reason: str | None = None
        self.answer: str | None = None
        self.execution_id: str | None = None
        self.plane: str | None = None
        self.status: str | None = None


class Decisions:
    """The register of decisions; numbers count from 0 in the order of first evaluation."""

    def __init__(self) -> None:
        self.tick: Tick | None = None
        self.open: dict[str, Entry] = {}
        self.seen_ids: list[str] = []
        self.count = 0
        self._fresh: list[str] = []
        self.executions: dict[str, int] = {}
        self._closed = IdIndex()
        self._closed_executions = IdIndex()
        self._looked_up: dict[str, int | None] = {}

    def look_up(self, decision_ids: Sequence[str]) -> None:
        """Find out at once which of these ids closed decisions have: one search for a batch instead of one for each."""
        self._looked_up = dict.fromkeys(decision_ids)
        for index, number in self._closed.find_many(decision_ids).items():
            self._looked_up[decision_ids[index]] = number

    def find(self, decision_id: str) -> int | None:
        """Return the number of a decision."""
        entry = self.open.get(decision_id)
        if entry is not None:
            return entry.number
        if decision_id in self._looked_up:
            return self._looked_up[decision_id]
        return self._closed.find(decision_id)

    def find_execution(self, execution_id: str) -> int | None:
        """Return the number of the decision that attempted an execution first."""
        number = self._closed_executions.find(execution_id)
        return self.executions.get(execution_id) if number is None else number

    def drain(self) -> list[str]:
        """Return the ids of the decisions that were new since the last call, in order of their numbers."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def page_is_full(self) -> bool:
        """Say whether the next new decision begins a new page, so that the open one must be closed first."""
        return len(self.open) == DECISIONS.size

    def begin(self, event: ev.DecisionEvaluated, number: int | None, *, told: bool) -> Tick:
        """Begin the tick of a decision, new (number None; its story may be ``told``) or evaluated again."""
        entry = self.open.get(event.decision_id)
        if number is None:
            number = self.count
            self.count += 1
            self._fresh.append(event.decision_id)
            entry = self.open[event.decision_id] = Entry(number, event, told=told)
        self.tick = tick = Tick(number, entry, event)
        return tick

    def close(self) -> tuple[list[Entry], list[str]]:
        """End the open page: return its decisions, and the ids of the inputs folded into them, both in order."""
        entries, seen = list(self.open.values()), self.seen_ids
        self._closed.add(list(self.open), [entry.number for entry in entries])
        for entry in entries:
            self._looked_up[entry.event.decision_id] = entry.number
        if self.executions:
            self._closed_executions.add(list(self.executions), list(self.executions.values()))
        self.open, self.seen_ids, self.executions = {}, [], {}
        return entries, seen
