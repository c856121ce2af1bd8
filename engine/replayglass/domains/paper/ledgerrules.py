"""What safety and executions must say of the ledger that the events left (paper-runtime.md sections 6 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import rulebook as rule

if TYPE_CHECKING:
    from replayglass.domains.paper import events as ev
    from replayglass.domains.paper.ledger import EventLedger
    from replayglass.rule import Problem


_TWICE = "The same instance trades the same market and side at one time again"


def answer(event: ev.SafetyEvaluated, ledger: EventLedger, *, uncertain: bool) -> Problem | None:
    """Return what is wrong with a safety result that needs an open position; it does not say on which plane."""
    result = event.result
    needs = result.type == "FORCE_SELL" or result.reason == "POSITION_ALREADY_OPEN"
    if not needs or any(ledger.open.values()):
        return None
    words = f"Safety answered {result.type} for an open position: expected one in the ledger, found none on any plane."
    return rule.NOTHING_OPEN.broken(words, uncertain=uncertain)


def execution(event: ev.ExecutionAttempted, side: str | None, ledger: EventLedger, *, uncertain: bool) -> list[Problem]:
    """Return what is wrong with an execution: on another plane than PAPER, or a BUY beside an open position."""
    problems = []
    if event.plane != "PAPER":
        problems.append(rule.LIVE.broken(f"The execution is on another plane: expected PAPER, found {event.plane}."))
    if side == "BUY":
        problems += _buy(event, ledger, uncertain=uncertain)
    return problems


def _buy(event: ev.ExecutionAttempted, ledger: EventLedger, *, uncertain: bool) -> list[Problem]:
    """Return what is wrong with a BUY: only the position that the same execution opened may be open (section 11)."""
    if not ledger.open.get(event.plane, 0):
        return []
    held = [own for own in ledger.planes[event.plane].values() if own.is_open]
    if all(own.execution_id == event.execution_id for own in held):
        words = f"expected an executionId of its own, found that of the one in event {held[0].seq}"
        return [rule.SAME_ORDER.broken(f"{_TWICE}: {words}.")]
    words = f"A BUY is executed on plane {event.plane}: expected no open position before it, found {len(held)}"
    return [rule.SECOND_POSITION.broken(f"{words}, by event {held[0].seq}.", uncertain=uncertain)]
