"""Finds the files that make up the streams of a run, in reading order, without reading them."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

from replayglass.errors import InputError
from replayglass.log.segment import Compression, Segment, SegmentReader, file_size, open_segment
from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "Segment",
    "SegmentOrder",
    "SegmentReader",
    "Stream",
    "StreamSpec",
    "find_stream",
    "find_streams",
    "open_segment",
    "stream_size",
]

SegmentOrder = Literal["descending", "ascending"]

_SEGMENT = re.compile(r"(?:\.([1-9][0-9]{0,5}))?\.ndjson(\.gz|\.zst)?", re.ASCII)
_COMPRESSION: dict[str | None, Compression] = {None: "none", ".gz": "gzip", ".zst": "zstd"}
_COMPANIONS = ("runtime.env", "replayglass.toml", "notes")


class StreamSpec(NamedTuple):
    """A stream's name and the places where it may stand, each a POSIX path in the run without ``.ndjson``."""

    name: str
    places: tuple[str, ...]


class Stream(NamedTuple):
    """The segments of a stream in reading order (none: nothing happened yet) and what is odd about the set of them."""

    name: str
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...] = ()


def find_streams(run: Path, specs: Sequence[StreamSpec], order: SegmentOrder = "descending") -> tuple[Stream, ...]:
    """Return every stream of ``specs`` in the folder ``run``.

    Raises:
        InputError: ``run`` is no folder, holds nothing that a run holds, or one of its streams cannot be used.
    """
    if not run.is_dir():
        fault = "is not a folder" if run.exists() else "does not exist"
        message = f"the run folder {str(run)!r} {fault}"
        raise InputError(message, _expected_layout(specs))
    streams = tuple(find_stream(run, spec, order) for spec in specs)
    folders = {str(PurePosixPath(place).parent) for spec in specs for place in spec.places} - {"."}
    if not any(stream.segments for stream in streams) and not any(
        os.path.lexists(run / name) for name in (*folders, *_COMPANIONS)
    ):
        message = f"the folder {str(run)!r} holds nothing that a run holds"
        raise InputError(message, _expected_layout(specs))
    return streams


def find_stream(run: Path, spec: StreamSpec, order: SegmentOrder = "descending") -> Stream:
    """Return the stream ``spec`` of ``run``; a missing stream has no segments.

    ``descending`` is logrotate's convention: the base file is the active one and a higher number is older, so the
    highest number is read first and the base last. ``ascending``: the base is the oldest, then 1, 2 and so on.

    Raises:
        InputError: the stream stands at two places, a segment is there twice, or a file is no regular file.
    """
    stocks = [_take_stock(run, place) for place in spec.places]
    used = [stock for stock in stocks if stock.segments]
    if len(used) > 1:
        message = f"the stream {spec.name} stands at two places, {used[0].place} and {used[1].place}"
        raise InputError(message, "Keep one of the two.")
    findings = [finding for stock in stocks for finding in _ignored(spec.name, stock)]
    if not used:
        return Stream(spec.name, (), tuple(findings))
    findings += _gaps(spec.name, used[0], order)
    ordered = sorted(used[0].segments.items(), reverse=order == "descending")
    return Stream(spec.name, tuple(segment for _, segment in ordered), tuple(findings))


def stream_size(stream: Stream) -> int:
    """Return the bytes that the stream's files take on disk.

    Raises:
        InputError: a file is gone or cannot be looked at.
    """
    return sum(file_size(segment) for segment in stream.segments)


class _Stock(NamedTuple):
    place: str
    segments: dict[int, Segment]
    ignored: tuple[str, ...]


def _take_stock(run: Path, place: str) -> _Stock:
    parent, stem = PurePosixPath(place).parent, PurePosixPath(place).name
    segments: dict[int, Segment] = {}
    ignored = []
    for name in sorted(_names(run, parent)):
        if not name.startswith(f"{stem}."):
            continue
        match = _SEGMENT.fullmatch(name, len(stem))
        if match is None:
            ignored.append(name)
            continue
        segment = Segment(str(parent / name), run / parent / name, _COMPRESSION[match[2]])
        number = int(match[1] or 0)
        if number in segments:
            message = f"the same segment is there twice, as {segments[number].path} and {segment.path}"
            raise InputError(message, "Keep one of the two.")
        file_size(segment)
        segments[number] = segment
    return _Stock(f"{place}.ndjson", segments, tuple(ignored))


def _names(run: Path, parent: PurePosixPath) -> list[str]:
    try:
        return [entry.name for entry in (run / parent).iterdir()]
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        message = f"{parent} is not a folder"
        raise InputError(message) from error
    except OSError as error:
        message = f"the folder {parent} cannot be read"
        raise InputError(message, "Look at its permissions, and at where it points if it is a link.") from error


def _ignored(stream: str, stock: _Stock) -> list[Finding]:
    if not stock.ignored:
        return []
    message = f"not read because it is not named like a segment: {stock.ignored[0][:80]!a}"
    if len(stock.ignored) > 1:
        message += f" and {len(stock.ignored) - 1} more"
    return [Finding("stream.file-ignored", Severity.WARNING, message, stream, stock.place)]


def _gaps(stream: str, stock: _Stock, order: SegmentOrder) -> list[Finding]:
    """Return the missing numbers; logrotate's base file may be missing, because it was moved to 1 a moment ago."""
    findings = []
    expected = 0 if order == "ascending" else 1
    for number in sorted(stock.segments):
        if number > expected:
            which = f"{expected}" if number - 1 == expected else f"{expected} to {number - 1}"
            message = f"segment {which} is missing, so its records are not counted (0 is the file without a number)"
            path = stock.segments[number].path
            findings.append(Finding("stream.segment-missing", Severity.ERROR, message, stream, path))
        expected = number + 1
    return findings


def _expected_layout(specs: Sequence[StreamSpec]) -> str:
    """Return the hint that shows what a run folder holds."""
    rows = [" or ".join(f"{place}.ndjson" for place in spec.places) for spec in specs]
    rows += ["runtime.env, replayglass.toml, notes/*.md"]
    return "\n".join(["A run folder holds at least one of:", *(f"  {row}" for row in rows)])
