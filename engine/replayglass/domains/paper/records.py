"""Decoded records with their places and findings, and how damaged ones are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from replayglass.damage import TORN, Damage, Unreadable, torn_place
from replayglass.domains.paper.rows import invalid_row
from replayglass.inorder import InOrder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.domains.paper.decode import Invalid
    from replayglass.page import Blob
    from replayglass.record import Batch, Finding, Position
    from replayglass.streamshelf import Piece

T = TypeVar("T")


class Slot(NamedTuple, Generic[T]):
    """One record and its place; a torn tail has the place that the next record would have."""

    place: Position
    raw: bytes
    item: T | Invalid | Unreadable
    findings: tuple[Finding, ...]
    torn: bool = False


def slots(batch: Batch, items: Sequence[T | Invalid | Unreadable], findings: Sequence[Finding]) -> Iterator[Slot[T]]:
    """Give the records of a batch with their places and findings, and its torn tail.

    A finding about no record (empty lines) goes with the record before it, or with the first one.
    """
    waiting = InOrder([*findings, *batch.findings])
    lines = [*batch.lines[1:], *([] if batch.torn is None else [torn_place(batch).line]), _END]
    for index, item in enumerate(items):
        yield Slot(batch.position(index), batch.raws[index], item, waiting.before(lines[index]))
    if batch.torn is not None:
        yield Slot(torn_place(batch), batch.torn, TORN, waiting.rest(), torn=True)


_END = 2**63


def put_damaged(piece: Piece, place: Position, item: Invalid | Unreadable, raw: bytes, blob: Blob | None) -> None:
    """Put a record that is not valid on ``piece``."""
    if isinstance(item, Unreadable):
        piece.refuse(place, item, raw, blob)
        return
    damage = Damage(place.seq, place.line, place.offset, item.code)
    piece.invalid.append(damage)
    piece.rows.append(invalid_row(damage, item, raw if blob is None else blob.path, piece.span))
    piece.keep(place.seq, raw, blob)
