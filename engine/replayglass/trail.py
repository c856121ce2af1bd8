"""Where the reading of a stream has come to: enough to go on from there when the stream has grown."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from replayglass.log.segment import file_size
from replayglass.record import PAGE_SIZE, Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.log.segment import Segment
    from replayglass.log.source import Stream
    from replayglass.record import Batch

ELSEWHERE = 2**64 - 1
"""What stands for the offset of a page that does not begin in the last segment."""


class Reached(NamedTuple):
    """How far a stream was read: where the next record stands, or None if all of it was read; its size in bytes then.

    ``pages`` has the byte at which each page of 256 records begins, in the last segment.
    """

    place: Position | None
    size: int
    pages: array[int]


class Halted(NamedTuple):
    """Where the reading of a stream can go on: how far it was read, and what its scanner has said already."""

    reached: Reached
    allowed: frozenset[tuple[str, str]]


class Trail:
    """Follows the batches of a stream, from its beginning or from where an earlier build left it.

    ``stride`` is how many bytes the longest batch took so far.
    """

    def __init__(self, stream: Stream, earlier: Reached | None = None) -> None:
        self._last = stream.segments[-1] if stream.segments else None
        self.size = _size(self._last)
        self._pages = array("Q") if earlier is None else array("Q", earlier.pages)
        self._has_ended = self._last is None or (earlier is not None and earlier.place is None)
        self.stride = 0
        self._place = self._beginning(stream) if earlier is None else earlier.place

    def follow(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Pass the batches on; each must be as it was read, not redacted."""
        for batch in batches:
            self._note(batch)
            yield batch
        self._has_ended = True

    @property
    def left(self) -> int:
        """Return how many bytes of the last segment are not read yet."""
        return self.size if self._place is None else self.size - self._place.offset

    def reached(self) -> Reached | None:
        """Return how far the stream was read, None if nobody can go on from there.

        Whoever goes on needs whole lines before and bytes behind the place, else what is there may still change; and
        the last segment must not be compressed.
        """
        if self._has_ended:
            return Reached(None, self.size, self._pages[:])
        place, last = self._place, self._last
        if place is None or last is None or last.compression != "none":
            return None
        is_inside = place.segment == last.path and place.offset < self.size
        return Reached(place, self.size, self._pages[:]) if is_inside else None

    def _beginning(self, stream: Stream) -> Position | None:
        return Position(stream.name, stream.segments[0].path, 0, 1, 0) if stream.segments else None

    def _note(self, batch: Batch) -> None:
        place = self._behind(batch) if batch.raws else self._place
        if batch.raws and place is not None:
            self.stride = max(self.stride, place.offset - batch.offsets[0])
        is_said = place is None or any((finding.line or 0) >= place.line for finding in batch.findings)
        # What is said of lines behind the last record would be said again, or not be true any more.
        self._place = None if is_said or batch.torn is not None else place
        if batch.raws and batch.first % PAGE_SIZE == 0:
            is_here = self._last is not None and batch.segment == self._last.path
            self._pages.append(batch.offsets[0] if is_here else ELSEWHERE)

    def _behind(self, batch: Batch) -> Position:
        """Return where the line behind the last record of a batch begins."""
        last = len(batch.raws) - 1
        place, unread = batch.position(last), batch.unread.get(last)
        size = len(batch.raws[last]) if unread is None else unread.size
        return place._replace(seq=place.seq + 1, line=place.line + 1, offset=place.offset + size + 1)


def _size(segment: Segment | None) -> int:
    if segment is None:
        return 0
    return file_size(segment) if segment.end is None else segment.end
