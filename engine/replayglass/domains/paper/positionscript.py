"""Changes of positions as classic scripts, a page of them in each, with what was open when its first one came.

A script calls `replayglassLedger` of the page that loads it, with its number and plain data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.paper.places import POSITIONS
from replayglass.logscript import script_json
from replayglass.page import Blob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.domains.paper.ledger import Held

POSITIONS_AT_START = 64
"""Open positions that a script begins with; the counts of all planes are exact."""

_LONGEST = 64
"""Characters of a market, fewer where the script would be too large."""


class Start(NamedTuple):
    """What was open before the first change: how many on each plane, and the first of them."""

    open: dict[str, int]
    held: list[tuple[str, str, Held]]


class Changed(NamedTuple):
    """A change: its event, time, plane and market; the state before, and which event set it; the state after.

    ``now_open`` counts the open positions of the plane after it. A list of these, in this order, stands in the script.
    """

    seq: int
    time: int
    plane: str
    market: str
    before: str
    seq_before: int | None
    after: str
    now_open: int
    decision: int


def shard(number: int, start: Start, changes: Sequence[Changed], limit: int) -> Blob:
    """Return script ``number``, of at most ``limit`` bytes, as long as a page of changes fits without their markets."""
    length = _LONGEST
    while True:
        data = _script(number, start, changes, length)
        if len(data) <= limit or length == 1:
            return Blob(f"{POSITIONS.folder}/{number:06d}.js", data)
        length //= 2


def _script(number: int, start: Start, changes: Sequence[Changed], length: int) -> bytes:
    held = [(plane, _cut(market, length), one.seq) for plane, market, one in start.held]
    data = {
        "open": start.open,
        "held": held,
        "changes": [tuple(one._replace(market=_cut(one.market, length))) for one in changes],
    }
    return b"replayglassLedger(%d,%s);\n" % (number, script_json(data))


def _cut(market: str, length: int) -> str:
    return market if len(market) <= length else f"{market[: length - 1]}\u2026"
