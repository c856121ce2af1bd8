"""The grammar of a tick: which record is due next, and what its records must say of each other (section 6).

D is DECISION_EVALUATED, C and K an order intent created or skipped, S the safety result, A, O and L attempt, outcome
and ledger update of an execution, F feedback. Every tick is D K S, D C S or D C S A O L, and F may end it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from replayglass.domains.paper import rulebook as rule

if TYPE_CHECKING:
    from replayglass.domains.paper import events as ev
    from replayglass.domains.paper.decisions import Tick
    from replayglass.rule import Problem


class Stage(IntEnum):
    """How far a tick has come: the last record of it that was read."""

    DECIDED = 0
    PROPOSED = 1
    ALLOWED = 2
    ATTEMPTED = 3
    RECORDED = 4
    COMPLETE = 5
    REMARKED = 6


_DUE = {
    Stage.DECIDED: "ORDER_INTENT_CREATED or ORDER_INTENT_SKIPPED",
    Stage.PROPOSED: "SAFETY_EVALUATED",
    Stage.ALLOWED: "EXECUTION_ATTEMPTED",
    Stage.ATTEMPTED: "EXECUTION_OUTCOME_RECORDED",
    Stage.RECORDED: "LEDGER_UPDATED",
    Stage.COMPLETE: "the next DECISION_EVALUATED or one USER_FEEDBACK_RECORDED",
    Stage.REMARKED: "the next DECISION_EVALUATED",
}

_ANSWERS = {
    "nothing": {"ALLOW", "HALT", "FORCE_SELL"},
    "BUY": {"ALLOW", "BLOCK_BUY", "HALT", "FORCE_SELL"},
    "SELL": {"ALLOW", "FORCE_SELL"},
}
"""What safety can answer to what was proposed."""

_REASONS = {"BLOCK_BUY": "POSITION_ALREADY_OPEN", "HALT": "HALT_ALL_ACTIVE", "FORCE_SELL": "FORCE_SELL_ACTIVE"}


def end(tick: Tick) -> Problem | None:
    """Return what is wrong if ``tick`` ends here because the next decision begins."""
    if tick.stage >= Stage.COMPLETE or tick.damaged:
        return None
    return rule.HALF.broken(
        f"The tick of decision {tick.number} ends before it is whole: expected {_DUE[tick.stage]}, found the next "
        "DECISION_EVALUATED."
    )


def unfinished(tick: Tick) -> Problem | None:
    """Return what is wrong if the log ends here."""
    if tick.stage >= Stage.COMPLETE or tick.damaged:
        return None
    return rule.UNFINISHED.broken(
        f"The log ends within the tick of decision {tick.number}: expected {_DUE[tick.stage]}, found the end. The "
        "writer may still be appending it."
    )


def step(tick: Tick, kind: str, due: Stage, then: Stage) -> Problem | None:
    """Take a record of ``kind`` in, which is due at stage ``due`` and brings its tick to ``then``."""
    stage, tick.stage = tick.stage, then
    if stage == due or tick.damaged:
        return None
    tick.damaged = True
    if due is Stage.ALLOWED and stage >= Stage.COMPLETE:
        words = f"executes although {_why_not(tick)}: expected {_DUE[stage]}, found {kind}"
        return rule.NOT_ALLOWED.broken(f"The tick of decision {tick.number} {words}.")
    return rule.ORDER.broken(f"In the tick of decision {tick.number}: expected {_DUE[stage]}, found {kind}.")


def _why_not(tick: Tick) -> str:
    return "nothing was proposed" if tick.side is None else f"safety answered {tick.answer}"


def answered(tick: Tick, event: ev.SafetyEvaluated) -> Problem | None:
    """Take a safety result in: it is due after the intent, and fits it."""
    result = event.result
    goes_on = tick.side is not None and result.type == "ALLOW"
    problem = step(tick, event.type, Stage.PROPOSED, Stage.ALLOWED if goes_on else Stage.COMPLETE)
    tick.answer = result.type
    if problem is not None or tick.proposal is None:
        return problem
    possible = _ANSWERS[tick.proposal]
    if result.type not in possible or (result.type == "FORCE_SELL" and tick.skip_reason == "HOLD_TIME_ACTIVE"):
        held = " for a hold time, which forceSell ends" if tick.skip_reason == "HOLD_TIME_ACTIVE" else ""
        return rule.ANSWER.broken(
            f"Safety cannot answer so to a tick that proposed {tick.proposal}{held}: expected one of "
            f"{', '.join(sorted(possible - {'FORCE_SELL'} if held else possible))}, found {result.type}."
        )
    return _reason(result)


def _reason(result: ev.SafetyResult) -> Problem | None:
    expected = _REASONS.get(result.type)
    if result.reason in {expected, None}:
        return None
    return rule.REASON.broken(
        f"The reason is not that of a result {result.type}: expected {expected or 'no reason'}, found {result.reason}."
    )


def attempted(tick: Tick, event: ev.ExecutionAttempted) -> Problem | None:
    """Take an attempt in."""
    problem = step(tick, event.type, Stage.ALLOWED, Stage.ATTEMPTED)
    tick.execution_id, tick.plane = event.execution_id, event.plane
    return problem


def recorded(tick: Tick, event: ev.ExecutionOutcomeRecorded) -> Problem | None:
    """Take an outcome in: it names the execution that was attempted."""
    problem = step(tick, event.type, Stage.ATTEMPTED, Stage.RECORDED)
    attempt, tick.execution_id, tick.status = tick.execution_id, event.execution_id, event.status
    if attempt in {event.execution_id, None}:
        return problem
    return rule.SAME_EXECUTION.broken(
        f"The outcome names another execution than the attempt: expected {attempt}, found {event.execution_id}."
    )


def updated(tick: Tick, event: ev.LedgerUpdated) -> list[Problem]:
    """Take a ledger update in: it has the intent's market and the execution's plane."""
    problem = step(tick, event.type, Stage.RECORDED, Stage.COMPLETE)
    problems = [] if problem is None else [problem]
    if tick.market is not None and tick.market != event.market_id:
        problems.append(
            rule.SAME_MARKET.broken(
                f"The ledger took in another market than was proposed: expected {shown(tick.market)}, "
                f"found {shown(event.market_id)}."
            )
        )
    if tick.plane is not None and tick.plane != event.plane:
        words = f"The ledger of another plane took the execution in: expected {tick.plane}, found {event.plane}."
        problems.append(rule.SAME_PLANE.broken(words))
    return problems


def in_time(tick: Tick, event: ev.AuditEvent) -> Problem | None:
    """Return what is wrong with the time of a record of ``tick``."""
    if event.logical_time == tick.time:
        return None
    return rule.TIME_WITHIN.broken(
        f"The record has another logical time than its tick: expected {tick.time}, found {event.logical_time}."
    )


_SHOWN = 80


def shown(text: str) -> str:
    """Return a text of the log as a message quotes it: not without end."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\u2026 ({len(text)} characters)"


def strayed(number: int, tick: Tick | None) -> Problem:
    """Return what is wrong with a record of decision ``number`` that stands in ``tick``, another one, or in none."""
    where = "outside of any tick" if tick is None else f"in the tick of decision {tick.number}"
    return rule.INTERLEAVED.broken(
        f"The record belongs to decision {number}: expected it in that decision's tick, found it {where}."
    )
