"""The lines of the two files as rows: as valid lines say it, or with what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replayglass.domains.flow import pages
from replayglass.domains.flow.decode import Invalid, Unreadable
from replayglass.domains.flow.lines import DecisionLine, HeaderLine, IntentLine
from replayglass.page import Row
from replayglass.streamshelf import Damage, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.domains.flow.lines import JournalLine
    from replayglass.page import Blob
    from replayglass.record import Batch, Finding
    from replayglass.streamshelf import StreamShelf

TORN = Unreadable("ndjson.torn-tail", "the last line has no end yet; the writer may still be appending it")


def line_of(finding: Finding) -> int:
    """Return the line a finding is about; one without a line comes first."""
    return -1 if finding.line is None else finding.line


def journal_row(seq: int, line: JournalLine, raw: bytes | str) -> Row:
    """Return the row of a valid line of the journal; ``raw`` is the line, or the path of its blob."""
    if isinstance(line, HeaderLine):
        return Row(pages.HEADER, seq, (line.version, line.rules, line.name or "no name", raw))
    if isinstance(line, IntentLine):
        return Row(pages.INTENT, seq, (line.beat, line.bucket, line.txn, _about(line.fields), raw))
    return Row(pages.BEAT, seq, (line.beat, raw))


_NAMED = ("action", "signal_path", "id", "inst_id")


def _about(fields: Mapping[str, object]) -> str:
    """Return in short what an intent is about: what it names, in this order, where it is a text."""
    found = [value for name in _NAMED if isinstance(value := fields.get(name), str)]
    return " to ".join(found) or "nothing that it names"


def recorded_row(seq: int, line: DecisionLine, raw: bytes | str) -> Row:
    """Return the row of a valid line of the recorded ledger."""
    choice = line.cell.get("choice")
    said = choice if isinstance(choice, str) else ""
    return Row(pages.RECORD, seq, (line.beat, line.fate.value, line.site, line.instance, said, raw))


def piece_of(
    batch: Batch,
    items: Sequence[object],
    shelf: StreamShelf,
    row_of: Callable[[int, Any, bytes | str], Row],
    span: int,
) -> Piece:
    """Return a batch of lines as rows and records; ``span`` are the columns that a damaged line takes."""
    rows: list[Row] = []
    raws: list[tuple[int, bytes]] = []
    moved: list[tuple[int, Blob]] = []
    unreadable: list[Damage] = []
    invalid: list[Damage] = []
    for index, (item, raw) in enumerate(zip(items, batch.raws, strict=True)):
        seq, blob = batch.first + index, shelf.blob(raw)
        shown = raw if blob is None else blob.path
        if isinstance(item, Unreadable):
            unreadable.append(Damage(seq, batch.lines[index], batch.offsets[index], item.code))
            rows.append(_damaged(unreadable[-1], item, shown, span))
            continue
        if isinstance(item, Invalid):
            invalid.append(Damage(seq, batch.lines[index], batch.offsets[index], item.code))
            rows.append(_damaged(invalid[-1], item, shown, span))
        else:
            rows.append(row_of(seq, item, shown))
        if blob is None:
            raws.append((seq, raw))
        else:
            moved.append((seq, blob))
    if batch.torn is not None:
        finding = next(finding for finding in batch.findings if finding.code == TORN.code)
        unreadable.append(Damage(finding.seq or 0, finding.line or 0, finding.offset or 0, TORN.code))
        rows.append(_damaged(unreadable[-1], TORN, batch.torn, span))
    return Piece(rows, raws, moved, unreadable, invalid, batch.torn is not None)


def _damaged(place: Damage, item: Invalid | Unreadable, raw: bytes | str, span: int) -> Row:
    kinds = pages.INVALID if isinstance(item, Invalid) else pages.UNREADABLE
    return Row(kinds[span], place.seq, (item.code, place.line, place.offset, item.message, raw))
