"""Checks the JSON page of a stream: it must be, byte for byte, what the records of the log make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Raw

from replayglass.collection import array_field, json_page, value_field
from replayglass.damage import TORN
from replayglass.domains.paper.moments import MOST_BYTES
from replayglass.domains.paper.streamdocs import Moment  # noqa: TC001 - msgspec reads the annotations
from replayglass.pageschema import DamagedRecord, MovedRecord, PageHead
from replayglass.proof.failure import ProofError
from replayglass.record import PAGE_SIZE
from replayglass.verify.records import place_of
from replayglass.verify.split import check_split, decode_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.row import Collection
    from replayglass.verify.records import Blobs, Leaves, Record


class PageRows(PageHead, kw_only=True):
    """A JSON page of records as it is read: ``raws`` of its kind are the records that stand in it, byte for byte."""

    unreadable: list[DamagedRecord]
    invalid: tuple[DamagedRecord, ...] = ()
    moved: tuple[MovedRecord, ...] = ()


class EventRows(PageRows, kw_only=True, rename={"raws": "events"}):
    """A page of audit events; what it says of the state ``after`` them is derived, and compared by ``--run`` only."""

    raws: list[Raw]
    after: Moment | None = None


class _LineRows(PageRows, kw_only=True, rename={"raws": "lines"}):
    raws: list[Raw]


class SnapshotRows(PageRows, kw_only=True, rename={"raws": "snapshots"}):
    """A page of snapshots."""

    raws: list[Raw]


_DECODERS = {
    "events": msgspec.json.Decoder(EventRows),
    "snapshots": msgspec.json.Decoder(SnapshotRows),
    "lines": msgspec.json.Decoder(_LineRows),
}


class JsonRows(NamedTuple):
    """What a JSON page says of its records: the sequence numbers that cannot be read, and those that are not valid.

    ``is_torn``: a torn tail stands behind the last record.
    """

    unreadable: frozenset[int]
    invalid: frozenset[int]
    is_torn: bool


def most_bytes(records: Sequence[Record]) -> int:
    """Return how large the JSON page of ``records`` can be."""
    return 4096 + MOST_BYTES + sum(512 + len(record.raw or b"") for record in records)


def check_json(collection: Collection, data: bytes, leaves: Leaves, blobs: Blobs) -> JsonRows:
    """Accept ``data`` as the page of these ``leaves``; return what it says of them.

    Raises:
        ProofError: it is not that page.
    """
    page, is_respelled = decode_rows(data, _DECODERS[collection.field])
    first, _, records = leaves
    rows = _rows(page, first, len(records))
    moved = {row.seq: row for row in page.moved}
    gone = {*rows.unreadable, *moved}
    kept = [record.raw or b"" for seq, record in enumerate(records, first) if seq not in gone]
    for seq, row in moved.items():
        record = records[seq - first]
        if seq in rows.unreadable or (row.blob, row.size) != (place_of(record), record.size):
            message = f"the moved row {seq} is not the record of the log"
            raise ProofError(message)
        blobs.check(row.blob, row.size)
    check_split(page.raws, kept, is_respelled=is_respelled)
    fields = [array_field(collection.field, kept), _listed("unreadable", page)]
    fields += [_listed(name, page) for name in ("invalid", "moved", "after") if getattr(page, name, None)]
    if json_page(collection, first // collection.size, len(records), b",".join(fields), "").data != data:
        message = "not the bytes that the log's records make"
        raise ProofError(message)
    return rows


def _rows(page: PageRows, first: int, count: int) -> JsonRows:
    listed = [row.seq for row in page.unreadable]
    is_open = count < PAGE_SIZE
    is_torn = bool(listed) and is_open and (listed[-1], page.unreadable[-1].code) == (first + count, TORN.code)
    unreadable = listed[:-1] if is_torn else listed
    invalid = [row.seq for row in page.invalid]
    moved = [row.seq for row in page.moved]
    for numbers in (unreadable, invalid, moved):
        if numbers != sorted(set(numbers)) or not all(first <= seq < first + count for seq in numbers):
            message = "the page lists a record twice, out of order, or one of another page"
            raise ProofError(message)
    return JsonRows(frozenset(unreadable), frozenset(invalid), is_torn)


def _listed(name: str, page: PageRows) -> bytes:
    return value_field(name, msgspec.to_builtins(getattr(page, name)))
