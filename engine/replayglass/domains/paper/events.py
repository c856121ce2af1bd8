"""The closed union of the eight audit events and the one snapshot type (paper-runtime.md sections 4 and 5)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

MAX_TIME = 2**53 - 1
"""The largest logical time: the largest integer that every JSON reader keeps exactly (section 1)."""

LogicalTime = Annotated[int, Meta(ge=0, le=MAX_TIME)]
TimeText = Annotated[str, Meta(pattern="^[0-9]{1,16}$")]
"""A logical time in its contract form."""

Plane = Literal["PAPER", "LIVE"]
Side = Literal["BUY", "SELL"]
Status = Literal["FILLED", "PARTIALLY_FILLED", "FAILED"]
SafetyType = Literal["ALLOW", "BLOCK_BUY", "FORCE_SELL", "HALT"]
SafetyReason = Literal["HALT_ALL_ACTIVE", "BUY_BLOCKED", "FORCE_SELL_ACTIVE", "POSITION_ALREADY_OPEN"]
Category = Literal["DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR"]
ReasonCode = Literal[
    "UNKNOWN",
    "ATTENTION_SUPERIOR",
    "ATTENTION_INSUFFICIENT",
    "STABILITY_INSUFFICIENT",
    "HOLD_TIME_ACTIVE",
    "COOLDOWN_ACTIVE",
    "SAFETY_TRIGGERED",
    "PREFLIGHT_BLOCKED",
]

BLOCKING: frozenset[str] = frozenset({"BLOCK_BUY", "HALT"})
"""Results that the decision memory counts as blocked (section 12)."""


class SafetyResult(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """What the safety evaluation answered; ``reason`` is absent exactly when ``type`` is ALLOW (section 1)."""

    type: SafetyType
    reason: SafetyReason | None = None


class DecisionTarget(Struct, frozen=True, gc=False, tag="DECISION", rename="camel", forbid_unknown_fields=True):
    """Feedback about one decision."""

    decision_id: str


class ExecutionTarget(Struct, frozen=True, gc=False, tag="EXECUTION", rename="camel", forbid_unknown_fields=True):
    """Feedback about one execution."""

    execution_id: str


class WindowTarget(Struct, frozen=True, gc=False, tag="TIME_WINDOW", forbid_unknown_fields=True):
    """Feedback about a window of logical time, both ends included; nothing says that it is not inverted."""

    start: LogicalTime = msgspec.field(name="from")
    end: LogicalTime = msgspec.field(name="to")


def target_fields(target: DecisionTarget | ExecutionTarget | WindowTarget) -> dict[str, str]:
    """Return what feedback points at in the log's own form; times are texts, as in all published JSON."""
    if isinstance(target, WindowTarget):
        return {"type": "TIME_WINDOW", "from": str(target.start), "to": str(target.end)}
    if isinstance(target, DecisionTarget):
        return {"type": "DECISION", "decisionId": target.decision_id}
    return {"type": "EXECUTION", "executionId": target.execution_id}


class AuditEvent(Struct, frozen=True, gc=False, tag_field="type", rename="camel", forbid_unknown_fields=True):
    """The five fields every audit event begins with.

    ``quotes`` is the number of quotation marks in the written form: a line that parses and has exactly that many holds
    no key twice and no key too many.
    """

    id: str
    version: Literal[1]
    logical_time: LogicalTime
    created_at_logical: LogicalTime

    quotes: ClassVar[int]
    type: ClassVar[str]


class DecisionEvaluated(AuditEvent, frozen=True, gc=False, tag="DECISION_EVALUATED"):
    """A tick begins: one strategy instance evaluated one decision."""

    decision_id: str
    strategy_instance_id: str
    decision_class: str
    quotes = 26
    type = "DECISION_EVALUATED"


class OrderIntentCreated(AuditEvent, frozen=True, gc=False, tag="ORDER_INTENT_CREATED"):
    """The decision proposed an order."""

    order_intent_id: str
    side: Side
    market_id: str
    quotes = 26
    type = "ORDER_INTENT_CREATED"


class OrderIntentSkipped(AuditEvent, frozen=True, gc=False, tag="ORDER_INTENT_SKIPPED"):
    """The decision proposed nothing."""

    reason: ReasonCode
    quotes = 18
    type = "ORDER_INTENT_SKIPPED"


class SafetyEvaluated(AuditEvent, frozen=True, gc=False, tag="SAFETY_EVALUATED"):
    """Safety answered the proposal (or its absence)."""

    decision_id: str
    result: SafetyResult
    quotes = 24
    type = "SAFETY_EVALUATED"


class ExecutionAttempted(AuditEvent, frozen=True, gc=False, tag="EXECUTION_ATTEMPTED"):
    """The order was handed to the executor of a plane."""

    decision_id: str
    execution_id: str
    plane: Plane
    quotes = 26
    type = "EXECUTION_ATTEMPTED"


class ExecutionOutcomeRecorded(AuditEvent, frozen=True, gc=False, tag="EXECUTION_OUTCOME_RECORDED"):
    """The executor answered."""

    decision_id: str
    execution_id: str
    status: Status
    quotes = 26
    type = "EXECUTION_OUTCOME_RECORDED"


class LedgerUpdated(AuditEvent, frozen=True, gc=False, tag="LEDGER_UPDATED"):
    """The shadow ledger of a plane took the outcome in (also when nothing changed)."""

    plane: Plane
    market_id: str
    quotes = 22
    type = "LEDGER_UPDATED"


class UserFeedbackRecorded(AuditEvent, frozen=True, gc=False, tag="USER_FEEDBACK_RECORDED"):
    """A user said something about a decision, an execution or a window of time; the words are not in the log."""

    feedback_id: str
    category: Category
    target: DecisionTarget | ExecutionTarget | WindowTarget
    quotes = 32
    type = "USER_FEEDBACK_RECORDED"


EVENT_TYPES: tuple[type[AuditEvent], ...] = (
    DecisionEvaluated,
    OrderIntentCreated,
    OrderIntentSkipped,
    SafetyEvaluated,
    ExecutionAttempted,
    ExecutionOutcomeRecorded,
    LedgerUpdated,
    UserFeedbackRecorded,
)

Event = (
    DecisionEvaluated
    | OrderIntentCreated
    | OrderIntentSkipped
    | SafetyEvaluated
    | ExecutionAttempted
    | ExecutionOutcomeRecorded
    | LedgerUpdated
    | UserFeedbackRecorded
)


class Position(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """One market of a shadow ledger; ``quantity`` is decimal text, never a number (section 1)."""

    market_id: str
    quantity: str
    is_open: bool
    last_execution_id: str


class Snapshot(
    Struct,
    frozen=True,
    gc=False,
    tag_field="type",
    tag="SHADOW_LEDGER_SNAPSHOT",
    rename="camel",
    forbid_unknown_fields=True,
):
    """The whole shadow ledger of one plane after a tick."""

    snapshot_id: str
    version: Literal[1]
    logical_time: LogicalTime
    plane: Plane
    positions: dict[str, Position]
