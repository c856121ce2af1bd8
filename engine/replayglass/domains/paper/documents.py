"""The JSON documents about the decisions of a PAPER run and feedback on them, and the types of all its documents.

In derived documents (paper-runtime.md section 14) logical times are text, planes are as recorded, and what is not known
is null.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from replayglass.domains.paper import ledgerdocs as ledger
from replayglass.domains.paper import streamdocs as stream
from replayglass.domains.paper.events import Category, Event, SafetyResult, Snapshot, Status, TimeText
from replayglass.pageschema import BlobPath, MovedRow, Natural, PageHead


class Execution(Struct, rename="camel"):
    """What a decision's executions came to."""

    executions_observed: Natural
    filled_count: Natural
    failed_count: Natural
    last_execution_status: Status | None


class Safety(Struct, rename="camel"):
    """What safety answered a decision."""

    evaluations_observed: Natural
    blocked_count: Natural
    forced_sell_count: Natural
    last_safety_result: SafetyResult | None


class Feedback(Struct, rename="camel"):
    """Feedback on a decision, by category."""

    feedback_count: Natural
    categories: dict[Category, int]


class DecisionMemoryEntry(Struct, rename="camel"):
    """One decision as section 12 folds it."""

    decision_id: str
    decision_class: str
    first_seen_logical_time: TimeText
    execution: Execution
    safety: Safety
    feedback: Feedback


class RecoveredFacts(Struct, rename="camel"):
    """What the log leaves out and ids reveal: the decision's reason codes, and why it proposed nothing.

    Null where no candidate derives the id, or where there is none.
    """

    reason_codes: tuple[str, ...] | None
    no_intent_reason: str | None


class MovedIds(Struct):
    """Ids that are too many for their page: the object that holds them is the file ``blob``."""

    blob: BlobPath
    size: Natural


class DecisionMemoryPage(PageHead, kw_only=True):
    """Decisions in the order in which they were first seen, as they stood when the page closed."""

    entries: dict[str, DecisionMemoryEntry]
    seenInputIds: dict[str, Literal[True]]  # noqa: N815 - the observer contract's own spelling
    seenInputIdsMoved: MovedIds | None = None  # noqa: N815 - beside the field above
    moved: list[MovedRow] = []
    recovered: dict[str, RecoveredFacts] = {}


class LaterEvent(Struct, rename="camel"):
    """One input to a decision whose page was closed already: apply it to that entry, in order.

    ``value`` is what the reducer counts (status, safety result or feedback category), ``reason`` a safety result's.
    """

    row: Natural
    seq: Natural
    decision: Natural
    id: str
    type: str
    value: str | None
    reason: str | None
    repeated: bool


class LaterPage(PageHead, kw_only=True):
    """Later events, in file order."""

    rows: list[LaterEvent]
    moved: list[MovedRow] = []


class PageCount(Struct):
    """How many rows and pages a collection has, and how many rows make a full page."""

    count: Natural
    pages: Natural
    page_size: Natural


class DecisionMemoryIndex(Struct):
    """The decision memory in numbers; its entries are in its pages, later inputs to closed entries in ``later``."""

    version: Literal[1]
    entries: PageCount
    later: PageCount
    outcomes: dict[str, int]
    safety_results: dict[str, int]


class FeedbackRow(Struct):
    """One feedback event and what it points at: decision numbers that were known when it was recorded, or null."""

    row: Natural
    seq: Natural
    id: str
    logical_time: TimeText
    category: Category
    target: dict[str, str]
    decision: Natural | None
    counted: bool


class FeedbackPage(PageHead, kw_only=True):
    """Feedback of all targets, in file order."""

    rows: list[FeedbackRow]
    moved: list[MovedRow] = []


TYPES: dict[str, Any] = {
    "audit-event": Event,
    "ledger-snapshot": Snapshot,
    "audit-events-page": stream.EventsPage,
    "audit-events-latest": stream.LatestEvents,
    "audit-events-summary": stream.Summary,
    "snapshots-page": stream.SnapshotsPage,
    "snapshots-latest": stream.LatestSnapshot,
    "decision-memory-index": DecisionMemoryIndex,
    "decision-memory-page": DecisionMemoryPage,
    "decision-memory-later-page": LaterPage,
    "shadow-ledger": ledger.ShadowLedgerDocument,
    "ledgers": ledger.Ledgers,
    "ledger-changes-page": ledger.LedgerChangesPage,
    "position-changes-page": ledger.PositionChangesPage,
    "feedback-page": FeedbackPage,
    "runtime-status": stream.RuntimeStatus,
    "persistence-paths": stream.Paths,
}
"""Every document of the domain, by the name of its schema."""
