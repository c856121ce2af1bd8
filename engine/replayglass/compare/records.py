"""The streams of two publications: whether one goes on from the other, and the first record in which they part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.compare.documents import FirstDifference, LogSide, Relation, StreamComparison
from replayglass.compare.fields import cut, first_difference
from replayglass.compare.prefix import common_prefix, common_start
from replayglass.publication.streamlog import StreamLog

if TYPE_CHECKING:
    from replayglass.publication.published import PublishedSite

_BEFORE, _AFTER = 80, 240
"""Bytes that are shown around the first one that differs."""


def compare_streams(a: PublishedSite, b: PublishedSite) -> list[StreamComparison]:
    """Return how each stream of two publications of one domain relates.

    Raises:
        InputError: a publication cannot be read.
    """
    return [_compare(stream.name, StreamLog(a, stream.name), StreamLog(b, stream.name)) for stream in a.domain.streams]


def _compare(stream: str, a: StreamLog, b: StreamLog) -> StreamComparison:
    common = common_prefix(a, b)
    first = _first(common, a, b) if common < min(a.size, b.size) else None
    return StreamComparison(stream, _relation(common, a.size, b.size), common, _side(a), _side(b), first)


def _relation(common: int, a: int, b: int) -> Relation:
    if common < min(a, b):
        return "diverged"
    if a == b:
        return "same"
    return "b-extends-a" if a < b else "a-extends-b"


def _side(log: StreamLog) -> LogSide:
    return LogSide(log.size, log.head.root.hex(), log.head.signed)


def _first(seq: int, a: StreamLog, b: StreamLog) -> FirstDifference:
    before = None if seq == 0 else _excerpt(a.record(seq - 1), 0)
    mine, other = a.record(seq), b.record(seq)
    if mine is None or other is None:
        return FirstDifference(seq, None, None, None, None, _excerpt(mine, 0), _excerpt(other, 0), before)
    byte = common_start(mine, other)
    found = first_difference(mine, other)
    path, its, others = found or (None, None, None)
    return FirstDifference(seq, path, its, others, byte, _excerpt(mine, byte), _excerpt(other, byte), before)


def _excerpt(record: bytes | None, byte: int) -> str | None:
    """Return the text around a byte; bytes that are no UTF-8 as escapes."""
    if record is None:
        return None
    start = max(0, byte - _BEFORE)
    return cut(record[start : byte + _AFTER].decode("utf-8", "backslashreplace"))
