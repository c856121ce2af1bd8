"""Decoded records with their places, and how damaged ones are shown."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from replayglass.domains.paper.decode import Invalid, Unreadable
from replayglass.domains.paper.rows import invalid_row, unreadable_row
from replayglass.streamshelf import Damage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.page import Row
    from replayglass.record import Batch, Finding

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
    findings: tuple[Finding, ...] = ()
    segment: str = ""


def slots(batch: Batch, items: Sequence[T | Invalid | Unreadable], findings: Sequence[Finding]) -> Iterator[Slot[T]]:
    """Give the records of a batch with their places and findings, and its torn tail.

    A finding about no record (empty lines) goes with the record before it, or with the first one.
    """
    waiting = deque(sorted([*findings, *batch.findings], key=line_of))
    lines = [*batch.lines[1:], *([] if batch.torn is None else [torn_slot(batch).line]), _END]
    for index, item in enumerate(items):
        place = batch.position(index)
        own = _until(waiting, lines[index])
        yield Slot(place.seq, place.line, place.offset, batch.raws[index], item, False, own, place.segment)  # noqa: FBT003
    if batch.torn is not None:
        yield torn_slot(batch)._replace(findings=tuple(waiting))


_END = 2**63


def line_of(finding: Finding) -> int:
    """Return the line a finding is about; one without a line comes first."""
    return -1 if finding.line is None else finding.line


def _until(waiting: deque[Finding], line: int) -> tuple[Finding, ...]:
    taken = []
    while waiting and line_of(waiting[0]) < line:
        taken.append(waiting.popleft())
    return tuple(taken)


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


def damage_of(slot: Slot[T], raw: bytes | str, span: int) -> Shown:
    """Return how a record that is not valid is shown, in a row ``span`` columns wide; a valid one is not."""
    item = slot.item
    if not isinstance(item, Invalid | Unreadable):
        return Shown([], readable=True, unreadable=[], invalid=[])
    place = Damage(slot.seq, slot.line, slot.offset, item.code)
    if isinstance(item, Unreadable):
        return Shown([unreadable_row(place, item, raw, span)], readable=False, unreadable=[place], invalid=[])
    return Shown([invalid_row(place, item, raw, span)], readable=True, unreadable=[], invalid=[place])
