"""The shadow ledger: what events say of it, what snapshots say, and what changed between two of them."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.domains.paper.decisions import Tick
    from replayglass.domains.paper.events import Position, Snapshot


class Held(NamedTuple):
    """What events say of one market: open or closed, by which execution, in which event (section 10)."""

    is_open: bool
    execution_id: str
    seq: int


class Effect(NamedTuple):
    """What one execution did to the ledger of a plane; ``after`` equals ``before`` when it changed nothing.

    ``was_open`` and ``now_open`` count the open positions of the plane.
    """

    plane: str
    market: str
    before: Held | None
    after: Held | None
    was_open: int
    now_open: int


class EventLedger:
    """Ledgers of the planes as far as events tell: every market but the quantity of an open one (section 10).

    ``open`` counts the positions of each plane that are.
    """

    def __init__(self) -> None:
        self.planes: dict[str, dict[str, Held]] = {}
        self.open: dict[str, int] = {}
        self._held: dict[str, OrderedDict[str, Held]] = {}  # the first of them is found at once, whatever was closed
        self._words = ""

    def apply(self, tick: Tick, plane: str, market: str, seq: int) -> Effect:
        """Apply the outcome of ``tick`` to ``plane``: FILLED opens (BUY) or closes (SELL), all else changes nothing."""
        positions = self.planes.setdefault(plane, {})
        before = after = positions.get(market)
        was_open = self.open.get(plane, 0)
        if tick.status == "FILLED" and tick.side is not None and tick.execution_id is not None:
            after = positions[market] = Held(tick.side == "BUY", tick.execution_id, seq)
            held = self._held.setdefault(plane, OrderedDict())
            if after.is_open:
                held[market] = after
            else:
                held.pop(market, None)
            self.open[plane] = len(held)
            self._words = ""
        return Effect(plane, market, before, after, was_open, self.open.get(plane, 0))

    def held(self, most: int) -> list[tuple[str, str, Held]]:
        """Return plane, market and state of at most ``most`` open positions, by plane, in the order of opening."""
        planes = ((plane, market, held) for plane in sorted(self._held) for market, held in self._held[plane].items())
        return list(islice(planes, most))

    def words(self) -> str:
        """Return which positions are open, in words; the same text until that changes."""
        if not self._words:
            named = [f"{_cut(market)} on {plane}" for plane, market, _ in self.held(_NAMED)]
            more = sum(self.open.values()) - len(named)
            self._words = ", ".join([*named, *([f"{more:,} more"] if more else [])]) or "nothing"
        return self._words


_NAMED = 3
"""Open positions that words name; they say how many more there are."""

_LONGEST = 48
"""Characters of a market in such words."""


def _cut(market: str) -> str:
    return market if len(market) <= _LONGEST else f"{market[: _LONGEST - 1]}\u2026"


class Change(NamedTuple):
    """One market that differs between two snapshots of a plane.

    ``before`` is None for a new market, ``after`` for a market that is gone (which the runtime never does).
    """

    market: str
    before: Position | None
    after: Position | None


def changes(before: Mapping[str, Position], after: Mapping[str, Position]) -> Iterator[Change]:
    """Give what changed, in the order of the newer ledger, markets that are gone last."""
    for market, position in after.items():
        earlier = before.get(market)
        if earlier != position:
            yield Change(market, earlier, position)
    for market, position in before.items():
        if market not in after:
            yield Change(market, position, None)


def describe(change: Change) -> str:
    """Return a change in words: ``BTC-USDT opened with quantity 1``."""
    before, after = change.before, change.after
    if after is None:
        return f"{change.market} is gone"
    if before is None:
        state = f"open with quantity {after.quantity}" if after.is_open else "closed"
        return f"{change.market} is new, {state}"
    if after.is_open and not before.is_open:
        return f"{change.market} opened with quantity {after.quantity}"
    if before.is_open and not after.is_open:
        return f"{change.market} closed (quantity was {before.quantity})"
    if before.quantity != after.quantity:
        return f"{change.market} quantity {before.quantity} became {after.quantity}"
    return f"{change.market} executed again, quantity {after.quantity}"


def describe_effect(effect: Effect, change: Change | None) -> str:
    """Return the ledger before and after an execution, with the quantity where a snapshot shows it."""
    was = f"{effect.market} {state(effect.before)}, {effect.was_open:,} open on {effect.plane}"
    if effect.after == effect.before:
        return f"before and after: {was}; nothing changed"
    quantity = ""
    if change is not None and change.after is not None:
        quantity = f", quantity {change.after.quantity}"
    return f"before: {was}; after: {state(effect.after)}{quantity}, {effect.now_open:,} open"


def state(held: Held | None) -> str:
    """Return what is known of a market in a word or two."""
    return "not held" if held is None else "open" if held.is_open else "closed"


def in_written_order(positions: Mapping[str, Position]) -> list[Position]:
    """Return positions in the order of `key_order`."""
    return [positions[key] for key in key_order(positions)]


def key_order(markets: Iterable[str]) -> list[str]:
    """Return keys in JavaScript's order: array indexes ascending, then the others as they came (section 3)."""
    given = list(markets)
    indexes = sorted((key for key in given if _is_index(key)), key=int)
    return [*indexes, *(key for key in given if not _is_index(key))]


_LARGEST_INDEX = 2**32 - 2
_DIGITS = len(str(_LARGEST_INDEX))


def _is_index(key: str) -> bool:
    if not key.isascii() or not key.isdigit() or len(key) > _DIGITS:
        return False
    return (key == "0" or key[0] != "0") and int(key) <= _LARGEST_INDEX


class Latest(NamedTuple):
    """The latest valid snapshot of a plane."""

    seq: int
    snapshot: Snapshot
