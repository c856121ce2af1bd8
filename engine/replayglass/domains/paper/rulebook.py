"""The rules that a log of the PAPER runtime keeps; sources are sections of paper-runtime.md."""

from __future__ import annotations

from replayglass.record import Severity
from replayglass.rule import Rule


def _error(code: str, holds: str, source: str) -> Rule:
    return Rule(code, Severity.ERROR, holds, source)


HALF = _error("tick.half", "A tick is written whole before the next one begins.", "6")
ORDER = _error("tick.order", "The records of a tick stand in one of the orders D K S, D C S, D C S A O L, F last.", "6")
UNFINISHED = Rule("tick.unfinished", Severity.WARNING, "The log ends with a whole tick.", "3, 6")
INTERLEAVED = _error("tick.interleaved", "Ticks do not mix: a record belongs to the decision evaluated last.", "6")
ORPHAN = _error("replay.unknown-decision", "A record names a decision that was evaluated before it.", "6, 12")
LONER = _error("replay.no-decision", "A record without a decisionId stands in a tick that waits for it.", "4, 6")
TIME_WITHIN = _error("tick.time", "All records of a tick have its logical time.", "6")
NOT_ALLOWED = _error("tick.execution-not-allowed", "Only what was proposed and allowed is executed.", "6, 8")
SAME_EXECUTION = _error("tick.execution-id", "Attempt and outcome name the same execution.", "6")
SAME_MARKET = _error("tick.market", "The ledger is updated for the market of the order intent.", "6")
SAME_PLANE = _error("tick.plane", "The ledger is updated on the plane of the execution.", "6")
ANSWER = _error("safety.impossible", "Safety answers a proposal only as its rules allow.", "6, 8")
REASON = _error("safety.reason", "The reason of a safety result belongs to its type.", "6, 8")
NOTHING_OPEN = _error("safety.nothing-open", "POSITION_ALREADY_OPEN and FORCE_SELL need an open position.", "6, 8")
SECOND_POSITION = _error("ledger.second-position", "No BUY is executed while its plane has an open position.", "6, 8")
SAME_ORDER = Rule("ledger.same-execution", Severity.INFO, "An executionId belongs to one decision.", "11")
LIVE = _error("plane.live", "Everything happens on the plane PAPER.", "1, 6")
BACKWARDS = _error("time.backwards", "Logical time never goes back from one record to the next.", "1, 6")
IDENTICAL = Rule("duplicate.identical", Severity.INFO, "A record is written once.", "11, 12")
CONFLICTING = _error("duplicate.conflicting", "Records with the same id are the same record.", "11, 12")
UNKNOWN_TARGET = Rule(
    "replay.feedback-unknown-decision",
    Severity.WARNING,
    "Feedback points at a decision that was evaluated before it.",
    "12, 13",
)

EVENT_ID = _error("identity.event-id", "The id of an event is derived from what it says.", "11")
INTENT_ID = _error("identity.order-intent-id", "An orderIntentId is derived from instance, market, side, time.", "11")
EXECUTION_ID = _error("identity.execution-id", "An executionId is derived from order intent, plane and time.", "11")
SKIP_REASON = _error("identity.skip-reason", "One reason that maps to the logged one derives the event's id.", "7, 11")
SNAPSHOT_ID = _error("identity.snapshot-id", "The id of a snapshot is derived from plane, time and positions.", "11")
DECISION_ID = Rule(
    "identity.decision-unexplained",
    Severity.WARNING,
    "A list of reason codes derives the decisionId from instance, class and time.",
    "11",
)
WITHHELD = Rule("identity.withheld", Severity.INFO, "What an id is derived from is published.", "11")

STATE = _error("snapshot.state", "A snapshot has a market open or closed as the events left it.", "5, 10")
LAST_EXECUTION = _error("snapshot.last-execution", "A snapshot names the execution that the events had last.", "5, 10")
CLOSED_QUANTITY = _error("snapshot.closed-quantity", "A closed market has quantity 0.", "5, 10")
MISSING_MARKET = _error("snapshot.missing-market", "A snapshot has every market that was ever filled.", "5, 10")
EXTRA_MARKET = _error("snapshot.extra-market", "A snapshot has no market that no execution filled.", "5, 10")
UNTOUCHED = _error("snapshot.untouched-market", "A market changes only by an execution.", "5, 10")
POSITION_ORDER = Rule("snapshot.position-order", Severity.INFO, "Positions stand in the runtime's key order.", "3, 5")
NO_UPDATE = _error("snapshot.no-update", "A snapshot follows a ledger update of its time and plane.", "5, 6")
AHEAD = _error("snapshot.ahead", "No snapshot is later than the last event.", "5, 6")
NO_SNAPSHOT = _error("snapshot.missing", "With snapshots on, each ledger update has one.", "5, 6")
SNAPSHOT_BACKWARDS = _error("snapshot.time-backwards", "Snapshots stand in the order of their ticks.", "5")

RULES = (
    HALF,
    ORDER,
    UNFINISHED,
    INTERLEAVED,
    ORPHAN,
    LONER,
    TIME_WITHIN,
    NOT_ALLOWED,
    SAME_EXECUTION,
    SAME_MARKET,
    SAME_PLANE,
    ANSWER,
    REASON,
    NOTHING_OPEN,
    SECOND_POSITION,
    SAME_ORDER,
    LIVE,
    BACKWARDS,
    IDENTICAL,
    CONFLICTING,
    UNKNOWN_TARGET,
    EVENT_ID,
    INTENT_ID,
    EXECUTION_ID,
    SKIP_REASON,
    DECISION_ID,
    WITHHELD,
    SNAPSHOT_ID,
    STATE,
    LAST_EXECUTION,
    CLOSED_QUANTITY,
    MISSING_MARKET,
    EXTRA_MARKET,
    UNTOUCHED,
    POSITION_ORDER,
    NO_UPDATE,
    AHEAD,
    NO_SNAPSHOT,
    SNAPSHOT_BACKWARDS,
)
"""Every rule, in the order in which the integrity page lists them."""
