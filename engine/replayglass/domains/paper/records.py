"""Decoded records with their places and findings, and how damaged ones are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from replayglass.damage import TORN, Damage, Unreadable, torn_place
from replayglass.domains.paper.rows import invalid_row
from replayglass.inorder import InOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class Slots(NamedTuple, Generic[T]):
    """The records of a batch, and the findings about what is behind the last of them."""

    slots: list[Slot[T]]
    trailing: tuple[Finding, ...]


def slots(batch: Batch, items: Sequence[T | Invalid | Unreadable], findings: Sequence[Finding]) -> Slots[T]:
    """Return the records of a batch with their places and findings, and its torn tail.

    A finding about no record (empty lines) goes with the record behind it: it does not matter where batches end.
    """
    waiting = InOrder([*findings, *batch.findings])
    made: list[Slot[T]] = [
        Slot(batch.position(index), batch.raws[index], item, waiting.before(batch.lines[index] + 1))
        for index, item in enumerate(items)
    ]
    if batch.torn is not None:
        made.append(Slot(torn_place(batch), batch.torn, TORN, waiting.rest(), torn=True))
    return Slots(made, waiting.rest())


def put_damaged(piece: Piece, place: Position, item: Invalid | Unreadable, raw: bytes, blob: Blob | None) -> None:
    """Put a record that is not valid on ``piece``."""
    if isinstance(item, Unreadable):
        piece.refuse(place, item, raw, blob)
        return
    damage = Damage(place.seq, place.line, place.offset, item.code)
    piece.invalid.append(damage)
    piece.rows.append(invalid_row(damage, item, raw if blob is None else blob.path, piece.span))
    piece.keep(place.seq, raw, blob)
