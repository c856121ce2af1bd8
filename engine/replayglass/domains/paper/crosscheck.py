"""Snapshots against events: open or closed, last execution, markets, order (paper-runtime.md sections 5 and 10).

Events tell everything of a ledger but the quantity of an open position. A snapshot is compared where it can differ: in
what it changed since the last one that agreed, and in what executions touched since; otherwise as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import rulebook as rule
from replayglass.domains.paper.grammar import shown
from replayglass.domains.paper.ledger import key_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from replayglass.domains.paper.events import Position, Snapshot
    from replayglass.domains.paper.ledger import Change, Held
    from replayglass.rule import Problem, Rule

_MAX_PROBLEMS = 16
"""Disagreements of one snapshot that are reported one by one."""

_Broken = tuple["Rule", str]


class Crosscheck:
    """Remembers, for each plane, what was touched since the last snapshot and which disagreements were reported."""

    def __init__(self) -> None:
        self.compared = self.agreed = 0
        self._touched: dict[str, set[str]] = {}
        self._agrees: dict[str, bool] = {}
        self._reported: dict[str, set[_Broken]] = {}

    def touch(self, plane: str, market: str) -> None:
        """Take note of an execution on ``market``."""
        self._touched.setdefault(plane, set()).add(market)

    def agrees(self, plane: str) -> bool:
        """Say whether the last snapshot of ``plane`` was compared and agreed."""
        return self._agrees.get(plane, False)

    def passed(self, plane: str) -> None:
        """Take note of a snapshot of ``plane`` that was not compared: the next one is compared as a whole."""
        self._agrees[plane] = False

    def compare(
        self, held: Mapping[str, Held], snapshot: Snapshot, changes: Sequence[Change], *, uncertain: bool
    ) -> list[Problem]:
        """Return the disagreements between a snapshot joined to its tick and the ledger that the events left.

        A disagreement that the plane's last snapshot had already is not repeated; ``uncertain`` says that a damaged
        record may explain them.
        """
        plane = snapshot.plane
        touched = self._touched.pop(plane, set())
        markets: Iterable[str] = sorted({*snapshot.positions, *held})
        if self.agrees(plane):
            markets = dict.fromkeys([*touched, *(change.market for change in changes)])
        found = [broken for market in markets for broken in _market(market, held, snapshot.positions)]
        found += [broken for change in changes if change.market not in touched for broken in _untouched(change)]
        self._agrees[plane] = not found
        self.compared += 1
        self.agreed += not found
        if any(change.before is None for change in changes):
            found += _order(held, snapshot.positions)
        known, self._reported[plane] = self._reported.get(plane, set()), set(found)
        fresh = [broken for broken in found if broken not in known]
        return list(_limited(fresh, uncertain=uncertain))


def _limited(found: Sequence[_Broken], *, uncertain: bool) -> Iterator[Problem]:
    for broken, words in found[:_MAX_PROBLEMS]:
        yield broken.broken(words, uncertain=uncertain)
    if len(found) > _MAX_PROBLEMS:
        more = f"{len(found) - _MAX_PROBLEMS} more disagreements of this snapshot with the events."
        yield rule.STATE.broken(more, uncertain=uncertain)


def _market(market: str, held: Mapping[str, Held], positions: Mapping[str, Position]) -> Iterator[_Broken]:
    before, position, name = held.get(market), positions.get(market), shown(market)
    if before is None and position is None:
        return
    if before is None:
        words = "expected no such market, since no execution before filled an order there, found one"
        yield rule.EXTRA_MARKET, f"{name}: {words}."
    elif position is None:
        words = f"expected it {_word(before.is_open)} by execution {before.execution_id}, found no such market"
        yield rule.MISSING_MARKET, f"{name}: {words}."
    else:
        yield from _position(name, before, position)


def _position(name: str, before: Held, position: Position) -> Iterator[_Broken]:
    if position.is_open != before.is_open:
        where = f"event {before.seq}"
        yield (
            rule.STATE,
            f"{name}: expected {_word(before.is_open)} (by {where}), found {_word(position.is_open)}.",
        )
    if position.last_execution_id != before.execution_id:
        ids = f"expected {before.execution_id}, found {shown(position.last_execution_id)}"
        yield rule.LAST_EXECUTION, f"{name} names another last execution: {ids}."
    if not position.is_open and position.quantity != "0":
        yield rule.CLOSED_QUANTITY, f"{name} is closed: expected quantity 0, found {shown(position.quantity)}."


def _word(is_open: bool) -> str:  # noqa: FBT001 - a state in words
    return "open" if is_open else "closed"


def _untouched(change: Change) -> Iterator[_Broken]:
    """Say that an open position changed its quantity alone; all else that may differ is compared with the events."""
    before, after = change.before, change.after
    if before is None or after is None or not after.is_open:
        return
    if (after.is_open, after.last_execution_id) == (before.is_open, before.last_execution_id):
        words = f"{shown(change.market)} changed since the last snapshot, but no execution touched it"
        yield rule.UNTOUCHED, f"{words}: expected quantity {shown(before.quantity)}, found {shown(after.quantity)}."


def _order(held: Mapping[str, Held], positions: Mapping[str, Position]) -> Iterator[_Broken]:
    expected = [market for market in key_order(held) if market in positions]
    found = [market for market in positions if market in held]
    if expected != found:
        first = next(index for index, market in enumerate(expected) if found[index] != market)
        words = f"expected {shown(expected[first])}, found {shown(found[first])} as market {first + 1}"
        yield rule.POSITION_ORDER, f"The positions stand in another order than the runtime writes: {words}."
