"""What recomputing ids can come to: the kinds of id, the answers, and what is wrong with or revealed of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from replayglass.rule import Problem

KINDS = (
    "DECISION_EVALUATED",
    "ORDER_INTENT_CREATED",
    "ORDER_INTENT_SKIPPED",
    "SAFETY_EVALUATED",
    "EXECUTION_ATTEMPTED",
    "EXECUTION_OUTCOME_RECORDED",
    "LEDGER_UPDATED",
    "USER_FEEDBACK_RECORDED",
    "decisionId",
    "orderIntentId",
    "executionId",
)
"""The kinds of id that audit events hold: the ids of the eight types, and three that they name."""

NAMED = {
    "DECISION_EVALUATED": ("decisionId",),
    "ORDER_INTENT_CREATED": ("orderIntentId",),
    "EXECUTION_ATTEMPTED": ("executionId",),
}
"""The ids that a type names beside its own, by type; those of other events are derived from them."""

MATCHED, RECOVERED, UNEXPLAINED, WRONG, ALONE, WITHHELD = (
    "matched",
    "recovered",
    "unexplained",
    "contradicted",
    "not computable",
    "withheld",
)
ANSWERS = (MATCHED, RECOVERED, UNEXPLAINED, WRONG, ALONE, WITHHELD)
"""What recomputing an id can come to: derived again; derived by a recovered fact; by no candidate; another id is
derived; its tick lacks what is needed; what is needed was redacted."""


class Recovered(NamedTuple):
    """What ids reveal, by sequence number: reason codes of decisions, NoIntentReasons of skipped intents.

    ``proven`` are the order intents whose orderIntentId is derived from their instance, market, side and time.
    """

    codes: dict[int, tuple[str, ...]]
    skips: dict[int, str]
    proven: set[int]


class Examined(NamedTuple):
    """What recomputing the ids of a block came to: what is wrong with an event, and what was recovered."""

    problems: dict[int, list[Problem]]
    recovered: Recovered

    def blame(self, seq: int, problem: Problem) -> None:
        """Add a problem of event ``seq``."""
        self.problems.setdefault(seq, []).append(problem)
