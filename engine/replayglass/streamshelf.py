"""The pages of a raw stream: every record as it was written, and for each that cannot be read, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from replayglass.collection import (
    Ranges,
    array_field,
    blob_of,
    fit,
    json_page,
    moved_rows,
    neighbours,
    value_field,
)
from replayglass.damage import TORN, Damage, torn_place, unreadable_row
from replayglass.page import Page, Rows, Shown
from replayglass.proof.leaf import entry_of
from replayglass.proof.merkle import leaf_hash
from replayglass.row import Row, page_path
from replayglass.share import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.collection import Layout
    from replayglass.damage import Unreadable
    from replayglass.page import Artifact, Blob, Block
    from replayglass.record import Batch, Position
    from replayglass.row import Collection
    from replayglass.share import Share

OVERSIZE = 65_535
"""Bytes above which a record always becomes a blob: pages stay small, and 256 of them fit in memory."""


class After(NamedTuple):
    """What a page says of everything up to its last record: blocks behind the rows, and a field of its JSON."""

    blocks: Sequence[Block]
    field: bytes


class Piece(Struct):
    """Consecutive records of one page, ready to be shown.

    ``rows`` are what HTML shows; ``raws`` the readable records in order, as (sequence number, bytes); ``moved`` those
    that became a blob, ``loose`` the blobs of what cannot be read. ``torn``: the last row is a torn tail. ``span`` is
    how many columns the row of a damaged record takes. ``after`` is said if the page ends with this piece.
    """

    rows: list[Row] = []
    raws: list[tuple[int, bytes]] = []
    moved: list[tuple[int, Blob]] = []
    unreadable: list[Damage] = []
    invalid: list[Damage] = []
    loose: list[Blob] = []
    torn: bool = False
    span: int = 1
    after: After | None = None

    def keep(self, seq: int, raw: bytes, blob: Blob | None) -> None:
        """Put the bytes of a readable record on the piece; its row is put on apart."""
        if blob is None:
            self.raws.append((seq, raw))
        else:
            self.moved.append((seq, blob))

    def refuse(self, place: Position, item: Unreadable, raw: bytes, blob: Blob | None) -> None:
        """Put a line that cannot be read on the piece."""
        damage = Damage(place.seq, place.line, place.offset, item.code)
        self.unreadable.append(damage)
        self.rows.append(unreadable_row(damage, item, raw if blob is None else blob.path, self.span))
        if blob is not None:
            self.loose.append(blob)

    def tear(self, batch: Batch) -> None:
        """Put the torn tail of ``batch`` on the piece, if it has one."""
        if batch.torn is not None:
            self.refuse(torn_place(batch), TORN, batch.torn, None)
            self.torn = True


class StreamShelf:
    """Pieces in, pages out; a page that is not of ``share`` comes out hollow."""

    def __init__(self, stream: str, collection: Collection, layout: Layout, limit: int, share: Share = WHOLE) -> None:
        self.ranges = Ranges(collection, layout.about, layout.section)
        self._stream = stream
        self._collection = collection
        self._layout = layout
        self._limit = limit
        self._share = share
        self._stretch: int | None = None
        self.oversize = min(OVERSIZE, limit // 4)
        self._rows: list[Row] = []
        self._raws: list[tuple[int, bytes]] = []
        self._moved: list[tuple[int, Blob]] = []
        self._unreadable: list[Damage] = []
        self._invalid: list[Damage] = []
        self._torn = 0
        self._leaves: dict[str, str] = {}
        self._about: tuple[Cell, ...] = ()
        self._after: After | None = None

    def blob(self, raw: bytes) -> Blob | None:
        """Return the blob that a record of the open page becomes at once, being larger than ``oversize``, or None."""
        if len(raw) <= self.oversize:
            return None
        blob = blob_of(raw)
        self._leaves[blob.path] = leaf_hash(entry_of(raw).data).hex()
        return blob

    def begins(self, stretch: int) -> bool:
        """Say whether the open page is made here; if it is empty still, it is begun in ``stretch`` (`share.Share`)."""
        if self._stretch is None:
            self._stretch = stretch
        return self._share.makes(self._stretch)

    def add(self, piece: Piece, about: tuple[Cell, ...]) -> Iterator[Artifact]:
        """Put records on the open page; gives that page when they fill it.

        The list of pages says of a page the first ``about`` that holds anything.
        """
        if all(cell is None for cell in self._about):
            self._about = about
        self._rows += _marked(piece.rows) if piece.torn else piece.rows
        self._raws += piece.raws
        self._moved += piece.moved
        self._unreadable += piece.unreadable
        self._invalid += piece.invalid
        self._torn += piece.torn
        self._after = piece.after
        yield from (blob for _, blob in piece.moved)
        yield from piece.loose
        if self._records() == self._collection.size:
            yield from self._close(full=True)

    def finish(self) -> Iterator[Artifact]:
        """Give the last page, which may be empty, and the last list of pages."""
        yield from self._close(full=False)
        yield from self.ranges.finish()

    def _records(self) -> int:
        return len(self._raws) + len(self._moved) + len(self._unreadable) - self._torn

    def _close(self, *, full: bool) -> Iterator[Artifact]:
        number, collection, layout = self.ranges.pages, self._collection, self._layout
        is_made = self._stretch is None or self._share.makes(self._stretch)
        fitted = fit([seq for seq, _ in self._raws], [raw for _, raw in self._raws], self._limit - self._beside())
        moved = sorted([*self._moved, *fitted.moved])
        yield from (blob for _, blob in fitted.moved)
        records = self._records()
        fields = self._fields(fitted.parts, moved) if is_made else b""
        document = json_page(collection, number, records, fields, layout.schema)
        yield document._replace(stretch=self._stretch)
        path = page_path(collection, number)
        title = f"{collection.many.capitalize()}, page {number}"
        around = neighbours(collection, number, full=full)
        events = len(fitted.parts) + len(moved)
        unreadable = len(self._unreadable) - self._torn
        shown = Shown(self._stream, number, events, unreadable, self._torn)
        behind = () if self._after is None else self._after.blocks
        blocks = [Rows(collection, layout.columns, self._rows), *behind] if is_made else []
        page = Page(path, title, layout.section, blocks, neighbours=around, json=document.path, shown=shown)
        yield page._replace(leaves=self._leaves, stretch=self._stretch)
        yield from self.ranges.add(records, self._about)
        self._rows, self._raws, self._moved, self._unreadable, self._invalid = [], [], [], [], []
        self._torn, self._leaves, self._about, self._stretch, self._after = 0, {}, (), None, None

    def _beside(self) -> int:
        """Return the bytes that a page says beside its records."""
        damages = 128 * (len(self._unreadable) + len(self._invalid)) + 160 * len(self._moved)
        return damages + (0 if self._after is None else len(self._after.field))

    def _fields(self, parts: list[bytes], moved: list[tuple[int, Blob]]) -> bytes:
        fields = [array_field(self._layout.rows, parts), value_field("unreadable", _listed(self._unreadable))]
        if self._invalid:
            fields.append(value_field("invalid", _listed(self._invalid)))
        if moved:
            fields.append(value_field("moved", moved_rows(moved, "seq")))
        if self._after is not None:
            fields.append(self._after.field)
        return b",".join(fields)


def _marked(rows: Sequence[Row]) -> list[Row]:
    """Return ``rows`` with the last one marked as a torn tail."""
    *others, last = rows
    return [*others, Row(last.kind._replace(torn=True), last.number, last.values)]


def _listed(damages: Sequence[Damage]) -> list[dict[str, object]]:
    return [damage._asdict() for damage in damages]
