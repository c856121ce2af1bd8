"""Checks the HTML page of a stream: each record of the log is there once, with its exact bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import entry_of
from replayglass.proof.merkle import leaf_hash
from replayglass.render.rawtext import RawPageError, read_raws
from replayglass.verify.records import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.render.rawtext import RawRow
    from replayglass.verify.jsonpages import JsonRows
    from replayglass.verify.records import Blobs, Leaves, Record

_FRAME = 1 << 18
_ROW = 1 << 13
_ESCAPED = 20
"""Characters at most that show one byte."""


def most_bytes(records: Sequence[Record]) -> int:
    """Return how large the HTML page of ``records`` can be."""
    return _FRAME + sum(_ROW + _ESCAPED * (record.size if record.raw is not None else 0) for record in records)


def check_html(data: bytes, leaves: Leaves, json: JsonRows, blobs: Blobs) -> int:
    """Accept ``data`` as the page that shows these ``leaves``; ``json`` is what its JSON form says of them.

    Returns:
        How many records the page shows shortened, so that only their leaf hash could be compared.

    Raises:
        ProofError: it is not that page.
    """
    try:
        rows = read_raws(data)
    except RawPageError as error:
        raise ProofError(str(error)) from None
    first, entries, records = leaves
    numbers = [row.number for row in rows]
    if numbers != list(range(first, first + len(entries) + json.is_torn)):
        message = "the rows are not those of the log's records, each once and in order"
        raise ProofError(message)
    if [row.number for row in rows if row.torn] != [first + len(entries)] * json.is_torn:
        message = "a record of the log is shown as a torn tail, or a torn tail as a record"
        raise ProofError(message)
    shortened = 0
    for row, entry, record in zip(rows, entries, records, strict=False):
        if row.raw != entry:
            shortened += _check_row(row, entry, record, blobs)
    return shortened


def _check_row(row: RawRow, entry: bytes, record: Record, blobs: Blobs) -> bool:
    """Accept a row that does not show the entry itself; tell whether its record was shortened."""
    if row.raw is not None:
        holds = entry_of(row.raw).data == entry and not record.is_unread
    elif row.blob is not None:
        holds = row.blob == place_of(record)
        if holds:
            blobs.check(row.blob, record.size)
    else:
        holds = record.is_unread == (row.leaf is None)
    if not holds or row.leaf not in (None, leaf_hash(entry).hex()):
        message = f"row {row.number} does not show the record of the log"
        raise ProofError(message)
    return row.raw is None and row.blob is None and row.leaf is not None
