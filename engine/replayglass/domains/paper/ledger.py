"""The shadow ledger: what events say of it, what snapshots say, and what changed between two of them."""

from __future__ import annotations

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
    """What one execution did to the ledger of a plane; ``after`` equals ``before`` when it changed nothing."""

    plane: str
    market: str
    before: Held | None
    after: Held | None


class EventLedger:
    """Ledgers of the planes as far as events tell: every market but the quantity of an open one (section 10)."""

    def __init__(self) -> None:
        self.planes: dict[str, dict[str, Held]] = {}
        self.open: dict[str, int] = {}

    def apply(self, tick: Tick, plane: str, market: str, seq: int) -> Effect:
        """Apply the outcome of ``tick`` to ``plane``: FILLED opens (BUY) or closes (SELL), all else changes nothing."""
        positions = self.planes.setdefault(plane, {})
        before = after = positions.get(market)
        if tick.status == "FILLED" and tick.side is not None and tick.execution_id is not None:
            after = positions[market] = Held(tick.side == "BUY", tick.execution_id, seq)
            was_open = before is not None and before.is_open
            self.open[plane] = self.open.get(plane, 0) + after.is_open - was_open
        return Effect(plane, market, before, after)


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
    """Return what an execution did, with the quantity where a snapshot shows it."""
    place = f"{effect.market} on {effect.plane}"
    if effect.after == effect.before:
        return f"{place} unchanged"
    was = "was not held" if effect.before is None else "was open" if effect.before.is_open else "was closed"
    now = "opened" if effect.after is not None and effect.after.is_open else "closed"
    quantity = ""
    if change is not None and change.after is not None:
        quantity = f", quantity {change.after.quantity}"
    return f"{place} {now}{quantity} ({was})"


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
