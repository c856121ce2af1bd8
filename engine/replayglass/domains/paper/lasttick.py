"""What of a block of events must be examined though no page here tells them: the ids that say what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.paper import events as ev

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.damage import Unreadable
    from replayglass.domains.paper.decode import Invalid


class Examinable(NamedTuple):
    """Consecutive records: the number of the first, what they are, the indexes of those that were redacted."""

    first: int
    items: Sequence[ev.AuditEvent | Invalid | Unreadable]
    redacted: frozenset[int]


def needed(block: Sequence[Examinable]) -> list[Examinable]:
    """Return the part of ``block`` whose ids say what the ledger is, or how ids of the next block are derived.

    That is the tick which the block ends in; and all of it if a ledger update names another market than the order
    intent before it, since then the id of the intent decides which one is meant (`effects.Effects`).
    """
    if not _agrees(block):
        return list(block)
    for number in range(len(block) - 1, -1, -1):
        first, items, redacted = block[number]
        for index in range(len(items) - 1, -1, -1):
            if isinstance(items[index], ev.DecisionEvaluated) and index not in redacted:
                moved = frozenset(one - index for one in redacted)
                return [Examinable(first + index, items[index:], moved), *block[number + 1 :]]
    return list(block)


def _agrees(block: Sequence[Examinable]) -> bool:
    market: str | None = None
    for piece in block:
        for item in piece.items:
            if isinstance(item, ev.OrderIntentCreated):
                market = item.market_id
            elif isinstance(item, ev.LedgerUpdated) and item.market_id != market is not None:
                return False
    return True
