"""Decoded records with their places, and how damaged ones are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from replayglass.domains.paper.decode import Invalid, Unreadable
from replayglass.domains.paper.rows import invalid_row, unreadable_row
from replayglass.streamshelf import Damage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.page import Row
    from replayglass.record import Batch

T = TypeVar("T")

TORN = Unreadable("ndjson.torn-tail", "the last line has no end yet; the writer may still be appending it")


class Slot(NamedTuple, Generic[T]):
    """One record and its place; a torn tail has the place that the next record would have."""

    seq: int
    line: int
    offset: int
    raw: bytes
    item: T | Invalid | Unreadable
    torn: bool = False


def slots(batch: Batch, items: Sequence[T | Invalid | Unreadable]) -> Iterator[Slot[T]]:
    """Give the records of a batch with their places, and its torn tail."""
    for index, item in enumerate(items):
        place = batch.position(index)
        yield Slot(place.seq, place.line, place.offset, batch.raws[index], item)
    if batch.torn is not None:
        yield torn_slot(batch)


def torn_slot(batch: Batch) -> Slot[T]:
    """Return the torn tail of a batch; its place is that of the finding about it."""
    finding = next(finding for finding in batch.findings if finding.code == TORN.code)
    return Slot(finding.seq or 0, finding.line or 0, finding.offset or 0, batch.torn or b"", TORN, torn=True)


class Shown(NamedTuple):
    """How one record is shown: its row, and whether it counts as readable, unreadable or invalid."""

    rows: list[Row]
    readable: bool
    unreadable: list[Damage]
    invalid: list[Damage]


def damage_of(slot: Slot[T], row: Row | None, raw: bytes | str = b"") -> Shown:
    """Return how the record of ``slot`` is shown: as ``row`` when it is valid, else as what is wrong with it."""
    item = slot.item
    if isinstance(item, Unreadable):
        damage = Damage(slot.seq, slot.line, slot.offset, item.code)
        return Shown([unreadable_row(slot.seq, item, raw)], readable=False, unreadable=[damage], invalid=[])
    if isinstance(item, Invalid):
        damage = Damage(slot.seq, slot.line, slot.offset, item.code)
        return Shown([invalid_row(slot.seq, item, raw)], readable=True, unreadable=[], invalid=[damage])
    return Shown([] if row is None else [row], readable=True, unreadable=[], invalid=[])
