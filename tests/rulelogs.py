"""What the logs that break one rule are made of: a few ticks, a log whose ids are right, and how to edit both."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from idwalk import event_text
from paperlog import BTC, Tick, changed, simulated, snapshot
from replayglass.domains.paper.ids import Salt, as_uuid, derive

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
