"""What a decision can come to, and the words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replayglass.domains.paper.decisions import Entry

OUTCOMES = {
    "filled": "filled",
    "partially filled": "partly filled, ledger unchanged",
    "failed": "failed, ledger unchanged",
    "stopped by safety": "proposed, not executed",
    "nothing proposed": "nothing proposed",
    "incomplete": "the log tells no end",
}
"""What a decision came to, and the words for it."""

_BY_STATUS = {"FILLED": "filled", "PARTIALLY_FILLED": "partially filled", "FAILED": "failed"}
TONES = {
    "filled": "good",
    "partially filled": "warn",
    "failed": "bad",
    "stopped by safety": "warn",
    "incomplete": "bad",
}


def outcome_of(entry: Entry) -> str:
    """Return which of `OUTCOMES` a decision came to, as far as its page knows."""
    if entry.last_status is not None:
        return _BY_STATUS[entry.last_status]
    if entry.last_result is None or not entry.proposal:
        return "incomplete"
    if entry.proposal.startswith("nothing"):
        return "nothing proposed"
    return "stopped by safety" if entry.last_result.type != "ALLOW" else "incomplete"
