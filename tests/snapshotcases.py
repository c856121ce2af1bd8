"""One small log for each rule of snapshots that breaks this rule and, where that is possible, no other."""

from __future__ import annotations

from paperlog import BTC, Tick, snapshot, uid
from replayglass.domains.paper import rulebook as rule
from rulelogs import BOUGHT, ETH, HELD, NEXT, ONE, ROUND, SHOWN, SOLD, Case

FAILED = Tick(6, 6, ETH)
FAILURE = [FAILED.d(), FAILED.c("SELL"), FAILED.s(), FAILED.a(), FAILED.o("FAILED"), FAILED.u()]
"""A tick at 6 whose SELL of ETH-USDT fails: a snapshot follows it, and shows no change."""

_LEDGERS = [
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
        [*ONE.filled(), *FAILURE],
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

CASES = [
    *(case._replace(stream="snapshots") for case in _LEDGERS),
    Case(rule.NO_SNAPSHOT, 11, ("expected one of it too", "found none"), ROUND, [SHOWN[0], SHOWN[2]]),
]
"""The ids of these logs are made up."""
