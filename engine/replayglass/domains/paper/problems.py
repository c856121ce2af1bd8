"""What can be wrong with an event that is valid by itself: it does not fit the events before it."""

from replayglass.record import Severity

Problem = tuple[str, Severity, str]
"""A finding about an event: code, severity, message."""

ORPHAN = (
    "replay.unknown-decision",
    Severity.ERROR,
    "The event names a decision that the log has not evaluated before it.",
)
LONER = (
    "replay.no-decision",
    Severity.ERROR,
    "The event belongs to the tick it stands in, but no decision before it waits for such an event.",
)
UNKNOWN_TARGET = (
    "replay.feedback-unknown-decision",
    Severity.WARNING,
    "The feedback points at a decision that the log has not evaluated before it; it is listed, not counted.",
)
