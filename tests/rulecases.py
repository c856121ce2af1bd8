"""One small log for each rule of the rulebook that breaks this rule and, where that is possible, no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from idwalk import event_text
from paperlog import BTC, Tick, changed, simulated, snapshot, uid
from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.ids import Salt, as_uuid, derive
from replayglass.domains.paper.rules import Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from replayglass.rule import Rule

ETH = "ETH-USDT"
Found = tuple[str, str, str, "int | None"]
"""A finding: code, severity, stream, number of its record."""


class Case(NamedTuple):
    """A log that breaks ``broken`` at record ``seq``; ``said`` are words of the message, ``others`` break as well."""

    broken: Rule
    seq: int
    said: tuple[str, str]
    audit: Sequence[bytes]
    snapshots: Sequence[bytes] = ()
    others: tuple[Found, ...] = ()
    redacted: tuple[tuple[str, int], ...] = ()
    stream: str = "audit-events"


ONE, TWO, NEXT, THIRD = Tick(1, 5), Tick(2, 5), Tick(3, 6), Tick(4, 7, ETH)
SAME = Tick(5, 5)
SAME.execution = ONE.execution

BOUGHT = (BTC, "1", True, ONE.execution)
SOLD = (BTC, "0", False, NEXT.execution)
HELD = (ETH, "1", True, THIRD.execution)
ROUND = [*ONE.filled(), *NEXT.filled("SELL"), *THIRD.filled()]
"""BTC-USDT is bought at 5 and sold at 6, ETH-USDT is bought at 7; `SHOWN` are the three snapshots."""

SHOWN = [snapshot(5, BOUGHT), snapshot(6, SOLD), snapshot(7, SOLD, HELD)]

REAL, REAL_SNAPSHOTS = simulated(250, 3)
"""A log whose ids are right."""


def place(kind: str, holds: Callable[[int], bool] = lambda _: True) -> int:
    """Return the number of the first event of ``kind`` in `REAL` for which something holds."""
    marked = b'"%s"' % kind.encode()
    return next(seq for seq, raw in enumerate(REAL) if marked in raw and holds(seq))


def put(raws: Sequence[bytes], seq: int, **fields: object) -> list[bytes]:
    """Return a log in which some fields of one record are set."""
    return [*raws[:seq], changed(raws[seq], **fields), *raws[seq + 1 :]]


def signed(raws: Sequence[bytes]) -> list[bytes]:
    """Return a log whose events have the ids that follow from what they say; skips and feedback stay as they are."""
    decision = execution = ""
    made = []
    for raw in raws:
        event = json.loads(raw)
        kind = event["type"]
        decision = event.get("decisionId", decision)
        execution = event.get("executionId", execution)
        if kind not in {"ORDER_INTENT_SKIPPED", "USER_FEEDBACK_RECORDED"}:
            text = f"AUDIT_EVENT_V1|{kind}|{event_text(event, decision, execution)}"
            raw = changed(raw, id=as_uuid(derive(Salt.META, text)))  # noqa: PLW2901 - the same record, signed
        made.append(raw)
    return made


def _executed_otherwise() -> list[bytes]:
    """Return a whole tick of `REAL` that executes under another executionId, every event id right."""
    last = place("LEDGER_UPDATED")
    tick = REAL[last - 5 : last + 1]
    other = uid("other")
    return signed([*tick[:3], *(changed(raw, executionId=other) for raw in tick[3:5]), tick[5]])


def _is_blocked(seq: int) -> bool:
    return b'"BLOCK_BUY"' in REAL[seq + 1]


_SKIP, _BLOCKED, _UPDATE = place("ORDER_INTENT_SKIPPED"), place("ORDER_INTENT_CREATED", _is_blocked), Tick(6, 6, ETH)
_FAILED = [_UPDATE.d(), _UPDATE.c("SELL"), _UPDATE.s(), _UPDATE.a(), _UPDATE.o("FAILED"), _UPDATE.u()]

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

LEDGERS = [
    Case(
        rule.STATE,
        0,
        ("expected open (by event 5)", "found closed"),
        ROUND,
        [snapshot(5, (BTC, "0", False, ONE.execution)), *SHOWN[1:]],
    ),
    Case(
        rule.LAST_EXECUTION,
        2,
        (f"expected {NEXT.execution}", f"found {ONE.execution}"),
        ROUND,
        [*SHOWN[:2], snapshot(7, (BTC, "0", False, ONE.execution), HELD)],
    ),
    Case(
        rule.CLOSED_QUANTITY,
        1,
        ("expected quantity 0", "found 1"),
        ROUND[:12],
        [SHOWN[0], snapshot(6, (BTC, "1", False, NEXT.execution))],
    ),
    Case(
        rule.MISSING_MARKET,
        2,
        (f"expected it closed by execution {NEXT.execution}", "found no such market"),
        ROUND,
        [*SHOWN[:2], snapshot(7, HELD)],
    ),
    Case(
        rule.EXTRA_MARKET,
        0,
        ("expected no such market", "found one"),
        ROUND[:6],
        [snapshot(5, BOUGHT, (ETH, "0", False, uid(9)))],
    ),
    Case(
        rule.UNTOUCHED,
        1,
        ("expected quantity 1", "found 2"),
        [*ONE.filled(), *_FAILED],
        [SHOWN[0], snapshot(6, (BTC, "2", True, ONE.execution))],
    ),
    Case(
        rule.POSITION_ORDER,
        2,
        (f"expected {BTC}", f"found {ETH} as market 1"),
        ROUND,
        [*SHOWN[:2], snapshot(7, HELD, SOLD)],
    ),
    Case(
        rule.NO_UPDATE,
        0,
        ("expected a ledger update of time 4 on plane PAPER", "found none left"),
        ROUND,
        [snapshot(4), *SHOWN],
    ),
    Case(
        rule.AHEAD,
        3,
        ("expected an event of time 9 or more", "found 7 as the last"),
        ROUND,
        [*SHOWN, snapshot(9, SOLD, HELD)],
    ),
    Case(
        rule.SNAPSHOT_BACKWARDS,
        2,
        ("expected 6 or more", "found 5"),
        [*ONE.filled(), *NEXT.filled("SELL"), *Tick(7, 5, ETH).filled()],
        [*SHOWN[:2], snapshot(5, SOLD, (ETH, "1", True, Tick(7, 5).execution))],
        (("time.backwards", "error", "audit-events", 12),),
    ),
]
"""Rules of snapshots; the ids of these logs are made up."""

CASES = [
    *TICKS,
    *IDS,
    *(case._replace(stream="snapshots") for case in LEDGERS),
    Case(
        rule.NO_SNAPSHOT,
        11,
        ("expected one of it too", "found none"),
        ROUND,
        [SHOWN[0], SHOWN[2]],
    ),
]
