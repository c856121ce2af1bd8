"""Splits the segments of a stream into records, page by page, and says what is odd about its lines."""

from __future__ import annotations

from bisect import bisect_left
from hashlib import sha256
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, NamedTuple

from replayglass.log.positions import Offsets, shifted
from replayglass.log.segment import open_segment
from replayglass.log.tail import is_json, is_torn
from replayglass.record import PAGE_SIZE, Batch, Finding, Position, Severity, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.log.segment import SegmentReader
    from replayglass.log.source import Stream

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Longest line, without its LF, that is held in memory."""

BATCH_BYTES = 8 * 1024 * 1024
"""A batch ends with the record that brings its raw bytes to this size."""

BLOCK_BYTES = 128 * 1024
"""Bytes read at a time: larger blocks cost fresh memory, smaller ones more calls."""


class Pace(NamedTuple):
    """How a stream is read: bytes at a time, and from which byte of its last segment each time ends a batch."""

    block_bytes: int = BLOCK_BYTES
    step_from: int | None = None


STEADY = Pace()


def read_batches(
    stream: Stream, *, max_line_bytes: int = MAX_LINE_BYTES, pace: Pace = STEADY, start: Position | None = None
) -> Iterator[Batch]:
    r"""Yield the records of ``stream`` in order, each batch within one page of 256 and one segment.

    Lines end with LF and nothing else (paper-runtime section 18): CR, U+2028 and their like stay in the record. Empty
    lines are no records, as upstream. A line of more than ``max_line_bytes`` (at least 1) is the record ``b""`` with
    a finding. An unterminated last line is `Batch.torn` if it may be the beginning of an object, else a record.
    Neither ``pace`` nor the way a stream is compressed changes what is yielded, but for where batches end within pages.

    ``start`` is where the next record stands if the earlier ones were read before: a line begins there, in a segment
    that is not compressed.

    Raises:
        InputError: a segment cannot be opened or read.
    """
    paths = [segment.path for segment in stream.segments]
    begin = 0 if start is None else paths.index(start.segment)
    place = start or Position(stream.name, "", 0, 1, 0)
    for number, segment in enumerate(stream.segments[begin:], begin):
        collector = _Collector(place._replace(segment=segment.path), max_line_bytes)
        is_last = number == len(paths) - 1
        with open_segment(segment, place.offset) as reader:
            yield from _read_lines(reader, collector, pace if is_last else Pace(pace.block_bytes))
            yield from collector.finish(reader.damage, last=is_last)
        place = Position(stream.name, "", collector.first, 1, 0)


def _read_lines(reader: SegmentReader, collector: _Collector, pace: Pace) -> Iterator[Batch]:
    unfinished = collector.unfinished
    # A block is never longer than a line may be, so only the line that began before the block can be too long.
    while block := reader.read(min(pace.block_bytes, unfinished.limit)):
        lines = block.split(b"\n")
        unfinished.extend(lines[0])
        if len(lines) == 1:
            continue
        first = unfinished.close()
        unfinished.extend(lines.pop())
        if isinstance(first, bytes):
            lines[0] = first
        else:
            yield from collector.add_long_line(first)
            del lines[0]
        yield from collector.add_lines(lines)
        if pace.step_from is not None:
            yield from collector.step(pace.step_from)


class _UnfinishedLine:
    """The line whose LF has not been read; hashed instead of held once it is longer than ``limit``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._reset()

    def _reset(self) -> None:
        self._size = 0
        self._parts: list[bytes] = []
        self._hash = sha256()

    def extend(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > self.limit:
            for held in self._parts:
                self._hash.update(held)
            self._parts.clear()

    def close(self) -> bytes | Unread:
        too_long = self._size > self.limit
        line = Unread(self._size, self._hash.hexdigest()) if too_long else b"".join(self._parts)
        self._reset()
        return line


class _Shift(NamedTuple):
    """From the record ``at`` on, lines and bytes stand further on than the records alone say."""

    at: int
    lines: int
    size: int


class _Collector:
    """Collects the lines of one segment from ``place`` on; ``first`` is the first record's number not yet yielded."""

    def __init__(self, place: Position, max_line_bytes: int) -> None:
        self._stream, self._segment, self.first, self._line, self._offset = place
        self.unfinished = _UnfinishedLine(max_line_bytes)
        self._blanks = 0
        self._begin()

    def _begin(self) -> None:
        self._start = (self._line, self._offset)
        self._raws: list[bytes] = []
        self._size = 0
        self._shifts: list[_Shift] = []
        self._findings: list[Finding] = []
        self._unread: dict[int, Unread] = {}

    def add_lines(self, lines: list[bytes]) -> Iterator[Batch]:
        if all(lines):
            yield from self._add_records(lines)
            return
        for filled, run in groupby(lines, bool):
            if filled:
                yield from self._add_records(list(run))
            else:
                self._blanks += len(list(run))

    def add_long_line(self, line: Unread) -> Iterator[Batch]:
        self._end_blanks()
        message = f"the line has {line.size} bytes, more than are read ({self.unfinished.limit}); SHA-256 {line.digest}"
        self._report("ndjson.line-too-long", Severity.ERROR, message)
        self._unread[len(self._raws)] = line
        self._raws.append(b"")
        self._skip(1, line.size + 1)
        self._shifts.append(_Shift(len(self._raws), 0, line.size))
        if self._is_full():
            yield self._close()

    def step(self, offset: int) -> Iterator[Batch]:
        """Yield the records that wait, if they reach byte ``offset`` of the segment."""
        if self._raws and self._offset >= offset:
            yield self._close()

    def finish(self, damage: str | None, *, last: bool) -> Iterator[Batch]:
        """Yield what is left at the segment's end; ``damage`` says why that is not the real end."""
        tail = self.unfinished.close()
        self._end_blanks()
        if damage:
            self._report("stream.decompression-failed", Severity.ERROR, damage, seq=False)
        torn = tail if isinstance(tail, bytes) and last and is_torn(tail) else None
        if isinstance(tail, Unread):
            yield from self.add_long_line(tail)
        elif torn is not None:
            message = "the last line is not complete: its writer was interrupted, or is still writing it"
            self._report("ndjson.torn-tail", Severity.WARNING, message)
        elif tail:
            self._report_no_newline(tail, last=last)
            yield from self._add_records([tail])
        if self._raws or self._findings:
            yield self._close(torn)

    def _add_records(self, records: list[bytes]) -> Iterator[Batch]:
        self._end_blanks()
        taken = 0
        while taken < len(records):
            room = PAGE_SIZE - (self.first + len(self._raws)) % PAGE_SIZE
            part = records[taken : taken + room]
            size = sum(map(len, part))
            if self._size + size > BATCH_BYTES:
                part = _until(part, BATCH_BYTES - self._size)
                size = sum(map(len, part))
            self._raws += part
            self._size += size
            self._skip(len(part), size + len(part))
            taken += len(part)
            if self._is_full():
                yield self._close()

    def _is_full(self) -> bool:
        return self._size >= BATCH_BYTES or (self.first + len(self._raws)) % PAGE_SIZE == 0

    def _close(self, torn: bytes | None = None) -> Batch:
        line, offset = self._start
        lines: Sequence[int] = range(line, line + len(self._raws))
        if any(shift.lines for shift in self._shifts):
            lines = shifted(lines, len(lines), ((shift.at, shift.lines) for shift in self._shifts))
        offsets = Offsets(offset, self._raws, [(shift.at, shift.size) for shift in self._shifts])
        batch = Batch(
            self._stream, self._segment, self.first, self._raws, lines, offsets, self._findings, torn, self._unread
        )
        self.first += len(self._raws)
        self._begin()
        return batch

    def _end_blanks(self) -> None:
        if self._blanks:
            count = "1 empty line is" if self._blanks == 1 else f"{self._blanks} empty lines are"
            self._report("ndjson.blank-lines", Severity.INFO, f"{count} skipped here", seq=False)
            self._shifts.append(_Shift(len(self._raws), self._blanks, self._blanks))
            self._skip(self._blanks, self._blanks)
            self._blanks = 0

    def _skip(self, lines: int, size: int) -> None:
        self._line += lines
        self._offset += size

    def _report_no_newline(self, tail: bytes, *, last: bool) -> None:
        if not last:
            message = "the last line of this segment has no line feed, although the stream goes on in the next segment"
            self._report("ndjson.no-final-newline", Severity.WARNING, message)
        elif is_json(tail):
            self._report("ndjson.no-final-newline", Severity.INFO, "the last line is complete but has no line feed")

    def _report(self, code: str, severity: Severity, message: str, *, seq: bool = True) -> None:
        """Add a finding about the next line; ``seq``: it is or would be a record."""
        number = self.first + len(self._raws) if seq else None
        place = (number, self._line, self._offset)
        self._findings.append(Finding(code, severity, message, self._stream, self._segment, *place))


def _until(records: list[bytes], size: int) -> list[bytes]:
    """Return the shortest beginning of ``records`` that has at least ``size`` bytes."""
    return records[: bisect_left(list(accumulate(map(len, records))), size) + 1]
