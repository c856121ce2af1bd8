"""Checks the HTML page of a stream: each record of the log is there once, with its exact bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import entry_of
from replayglass.proof.merkle import leaf_hash
from replayglass.render.escape import escape_record
from replayglass.render.rawtext import CLOSE_RECORD, OPEN_RECORD, RawPageError, read_raws
from replayglass.verify.records import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.render.rawtext import RawRow
    from replayglass.verify.jsonpages import JsonRows
    from replayglass.verify.records import Blobs, Leaves, Record

_OPEN, _CLOSE = OPEN_RECORD.encode(), CLOSE_RECORD.encode()
_LINE = re.compile(rb"^<tr id=[a-z]([0-9]{1,18})[ >].*", re.MULTILINE)
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
    _check_rows(rows, leaves, json)
    if [row.raw for row in rows] == leaves.entries:
        return 0
    shortened = []
    for row, entry, record in zip(rows, leaves.entries, leaves.records, strict=False):
        if row.raw == entry:
            continue
        if not _shows(row, entry, record, blobs) or row.leaf not in {None, leaf_hash(entry).hex()}:
            message = f"row {row.number} does not show the record of the log"
            raise ProofError(message)
        if row.raw is None and row.blob is None and not record.is_unread:
            shortened.append((row.number, record))
    _check_begins(data, shortened)
    return len(shortened)


def _check_rows(rows: Sequence[RawRow], leaves: Leaves, json: JsonRows) -> None:
    """Accept the numbers of the rows: each leaf's once and in order, then perhaps that of a torn tail."""
    first, count = leaves.first, len(leaves.entries)
    if [row.number for row in rows] != list(range(first, first + count + json.is_torn)):
        message = "the rows are not those of the log's records, each once and in order"
        raise ProofError(message)
    if [row.number for row in rows if row.torn] != [first + count] * json.is_torn:
        message = "a record of the log is shown as a torn tail, or a torn tail as a record"
        raise ProofError(message)


def _shows(row: RawRow, entry: bytes, record: Record, blobs: Blobs) -> bool:
    """Tell whether a row that does not hold the entry itself says what it must about the record."""
    if row.raw is not None:
        return entry_of(row.raw).data == entry and not record.is_unread
    if row.blob is None:
        return record.is_unread == (row.leaf is None)
    if row.blob != place_of(record):
        return False
    blobs.check(row.blob, record.size)
    return True


def _check_begins(data: bytes, shortened: Sequence[tuple[int, Record]]) -> None:
    """Accept what shortened rows show: begins of their records. That a row names the right leaf does not prove it."""
    lines = {int(line[1]): line[0] for line in _LINE.finditer(data)} if shortened else {}
    for number, record in shortened:
        begin = lines[number].partition(_OPEN)[2].partition(_CLOSE)[0]
        whole = escape_record((record.raw or b"").decode("utf-8", "surrogateescape")).encode()
        if record.raw is None or not whole.startswith(begin):
            message = f"row {number} shows the begin of another record than the log's"
            raise ProofError(message)
