"""One small log for each rule of the rulebook that breaks this rule and, where that is possible, no other."""

from __future__ import annotations

import json

from paperlog import BTC, changed, uid
from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.rules import Safety
from rulelogs import (
    ETH,
    NEXT,
    ONE,
    REAL,
    REAL_SNAPSHOTS,
    SAME,
    THIRD,
    TWO,
    Case,
    place,
    put,
    signed,
)


def _executed_otherwise() -> list[bytes]:
    """Return a whole tick of `REAL` that executes under another executionId, every event id right."""
    last = place("LEDGER_UPDATED")
    tick = REAL[last - 5 : last + 1]
    other = uid("other")
    return signed([*tick[:3], *(changed(raw, executionId=other) for raw in tick[3:5]), tick[5]])


def _is_blocked(seq: int) -> bool:
    return b'"BLOCK_BUY"' in REAL[seq + 1]


_SKIP, _BLOCKED = place("ORDER_INTENT_SKIPPED"), place("ORDER_INTENT_CREATED", _is_blocked)

TICKS = [
    Case(
        rule.HALF,
        2,
        ("expected SAFETY_EVALUATED", "found the next DECISION_EVALUATED"),
        [ONE.d(), ONE.k(), *NEXT.skipped()],
    ),
    Case(
        rule.ORDER,
        4,
        ("expected the next DECISION_EVALUATED,", "found USER_FEEDBACK_RECORDED"),
        [*ONE.skipped(), ONE.f(), ONE.f(key=2)],
    ),
    Case(rule.UNFINISHED, 3, ("expected ORDER_INTENT_CREATED or", "found the end"), [*ONE.skipped(), NEXT.d()]),
    Case(
        rule.INTERLEAVED,
        5,
        ("expected it in that decision's tick", "found it in the tick of decision 1"),
        [*ONE.skipped(), TWO.d(), TWO.k(), ONE.s(key=2), TWO.s()],
    ),
    Case(
        rule.ORPHAN,
        3,
        ("expected that the log has evaluated it before", "found no such DECISION_EVALUATED"),
        [*ONE.skipped(), TWO.s()],
    ),
    Case(rule.LONER, 3, ("expected a decision before it that waits", "found none"), [*ONE.skipped(), ONE.u()]),
    Case(
        rule.TIME_WITHIN,
        2,
        ("expected 5", "found 6"),
        [ONE.d(), ONE.k(), changed(ONE.s(), logicalTime=6, createdAtLogical=6)],
    ),
    Case(
        rule.NOT_ALLOWED,
        3,
        ("expected the next DECISION_EVALUATED or", "found EXECUTION_ATTEMPTED"),
        [ONE.d(), ONE.c(), ONE.s(Safety.HALT), ONE.a(), ONE.o(), ONE.u()],
    ),
    Case(
        rule.SAME_EXECUTION,
        4,
        (f"expected {ONE.execution}", f"found {TWO.execution}"),
        [*ONE.filled()[:4], changed(ONE.o(), executionId=TWO.execution), ONE.u()],
    ),
    Case(
        rule.SAME_MARKET,
        5,
        (f"expected {BTC}", f"found {ETH}"),
        [*ONE.filled()[:5], changed(ONE.u(), marketId=ETH)],
    ),
    Case(rule.SAME_PLANE, 5, ("expected PAPER", "found LIVE"), [*ONE.filled()[:5], ONE.u("LIVE")]),
    Case(
        rule.ANSWER,
        8,
        ("expected one of ALLOW, FORCE_SELL, HALT", "found BLOCK_BUY"),
        [*ONE.filled(), NEXT.d(), NEXT.k(), NEXT.s(Safety.ALREADY_OPEN)],
    ),
    Case(
        rule.REASON,
        2,
        ("expected HALT_ALL_ACTIVE", "found BUY_BLOCKED"),
        [ONE.d(), ONE.k(), changed(ONE.s(), result={"type": "HALT", "reason": "BUY_BLOCKED"})],
    ),
    Case(
        rule.NOTHING_OPEN,
        2,
        ("expected one in the ledger", "found none on any plane"),
        [ONE.d(), ONE.c(), ONE.s(Safety.ALREADY_OPEN)],
    ),
    Case(
        rule.SECOND_POSITION,
        9,
        ("expected no open position before it", "found 1, by event 5"),
        [*ONE.filled(), *THIRD.filled()],
    ),
    Case(
        rule.SAME_ORDER,
        9,
        ("expected an executionId of its own", "found that of the one in event 5"),
        [*ONE.filled(), *SAME.filled()],
    ),
    Case(rule.LIVE, 3, ("expected PAPER", "found LIVE"), ONE.filled(plane="LIVE")),
    Case(rule.BACKWARDS, 3, ("expected 6 or more", "found 5"), [*NEXT.skipped(), *ONE.skipped()]),
    Case(
        rule.IDENTICAL,
        3,
        ("Expected each record once", "found event 2 again, byte for byte"),
        [*ONE.skipped(), ONE.s()],
        others=(("tick.order", "error", "audit-events", 3),),
    ),
    Case(
        rule.CONFLICTING,
        4,
        ("expected the same record byte for byte", "found another"),
        [*ONE.skipped(), NEXT.d(), changed(NEXT.k(), id=json.loads(ONE.k())["id"]), NEXT.s()],
    ),
    Case(
        rule.UNKNOWN_TARGET,
        3,
        ("expected that the log has evaluated it before", "found no such DECISION_EVALUATED"),
        [*ONE.skipped(), ONE.f(TWO.on_decision())],
    ),
]
"""Rules of one tick and between ticks; the ids of these logs are made up."""

IDS = [
    Case(rule.EVENT_ID, _SKIP + 1, ("expected ", f"found {uid(1)}"), put(REAL, _SKIP + 1, id=uid(1)), REAL_SNAPSHOTS),
    Case(
        rule.INTENT_ID,
        _BLOCKED,
        ("expected ", f"found {json.loads(REAL[_BLOCKED])['orderIntentId']}"),
        put(REAL, _BLOCKED, marketId="X"),
        REAL_SNAPSHOTS,
    ),
    Case(rule.EXECUTION_ID, 3, ("expected ", f"found {uid('other')}"), _executed_otherwise()),
    Case(
        rule.SKIP_REASON,
        _SKIP,
        (f"expected {json.loads(REAL[_SKIP])['reason']}", "found PREFLIGHT_BLOCKED"),
        put(REAL, _SKIP, reason="PREFLIGHT_BLOCKED"),
        REAL_SNAPSHOTS,
    ),
    Case(
        rule.DECISION_ID,
        _SKIP - 1,
        ("expected one to give", "found none"),
        put(REAL, _SKIP - 1, decisionClass="x.y.z@v9"),
        REAL_SNAPSHOTS,
    ),
    Case(
        rule.WITHHELD,
        _SKIP + 1,
        ("expected all of it", "found it redacted"),
        put(REAL, _SKIP + 1, id=uid(1)),
        REAL_SNAPSHOTS,
        redacted=(("audit-events", _SKIP + 1),),
    ),
    Case(
        rule.SNAPSHOT_ID,
        1,
        ("expected ", f"found {uid(1)}"),
        REAL,
        put(REAL_SNAPSHOTS, 1, snapshotId=uid(1)),
        stream="snapshots",
    ),
]
"""Rules of ids, in a log whose other ids are right."""
