"""The end of a segment: torn, only unterminated, or cut off by damage."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from replayglass.log.ndjson import read_batches
from replayglass.log.source import Stream, StreamSpec, find_stream
from replayglass.log.tail import is_json, is_torn
from replayglass.record import Batch, Finding, Severity

AUDIT = StreamSpec("audit-events", ("s",))


def stream_of(folder: Path, *segments: bytes) -> Stream:
    """Write the segments, oldest first, and return the stream that they make."""
    for number, data in enumerate(reversed(segments)):
        (folder / (f"s.{number}.ndjson" if number else "s.ndjson")).write_bytes(data)
    return find_stream(folder, AUDIT)


def batches(folder: Path, *segments: bytes) -> list[Batch]:
    """Return the batches of a stream with these segments."""
    return list(read_batches(stream_of(folder, *segments)))


def raws(read: Iterable[Batch]) -> list[bytes]:
    """Return all records."""
    return [raw for batch in read for raw in batch.raws]


def findings(read: Iterable[Batch]) -> list[tuple[str, str, int | None, int | None, int | None]]:
    """Return code, severity and place of all findings."""
    found = [finding for batch in read for finding in batch.findings]
    return [(f.code, f.severity.value, f.seq, f.line, f.offset) for f in found]


@pytest.mark.parametrize(
    ("tail", "torn", "codes"),
    [
        (b'{"a":', True, ["ndjson.torn-tail"]),
        (b' \t{"a":"}}}}', True, ["ndjson.torn-tail"]),
        (b'{"a":"\\"}', True, ["ndjson.torn-tail"]),
        (b'{"a":"\\', True, ["ndjson.torn-tail"]),
        (b'{"a":' * 5000, True, ["ndjson.torn-tail"]),
        (b'{"a":1}', False, ["ndjson.no-final-newline"]),
        (b'{"a":1}\r', False, ["ndjson.no-final-newline"]),
        (b"42", False, ["ndjson.no-final-newline"]),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, False, []),
        (b'{"a":\0', False, []),
        (b'{"a":1}{"b":2}', False, []),
        (b'{"a":"\xff"}', False, ["ndjson.no-final-newline"]),
        (b"garbage", False, []),
        (b"\xef\xbb\xbf{", False, []),
    ],
)
def test_unterminated_last_line(tmp_path: Path, tail: bytes, torn: bool, codes: list[str]) -> None:  # noqa: FBT001 - a row
    """An object that is still open is the torn tail and no record yet; anything else is a record like the others."""
    (batch,) = batches(tmp_path, b"{}\n" + tail)
    assert batch.torn == (tail if torn else None)
    assert batch.raws == ([b"{}"] if torn else [b"{}", tail])
    severity = "warning" if torn else "info"
    assert findings([batch]) == [(code, severity, 1, 2, 3) for code in codes]


def test_torn_tail_alone_is_told(tmp_path: Path) -> None:
    """A log that holds nothing but a torn line has one batch without records."""
    (batch,) = batches(tmp_path, b'{"id"')
    assert (batch.first, batch.raws, batch.torn) == (0, [], b'{"id"')
    assert findings([batch]) == [("ndjson.torn-tail", "warning", 0, 1, 0)]


def test_hostile_tail_takes_linear_time() -> None:
    """A long tail of escaped quotes is looked at once, not once per quote."""
    assert is_torn(b'{"' + b'\\"' * 2_000_000)
    assert not is_json(b"[" * 100_000)


def test_unterminated_line_of_an_earlier_segment_is_a_record(tmp_path: Path) -> None:
    """Only the active segment can be torn; elsewhere the lost LF is a warning and the line is read like any other."""
    read = batches(tmp_path, b'{}\n{"a":', b"{}\n")
    assert raws(read) == [b"{}", b'{"a":', b"{}"]
    assert findings(read) == [("ndjson.no-final-newline", "warning", 1, 2, 3)]
    assert [(batch.segment, batch.first, list(batch.lines)) for batch in read] == [
        ("s.1.ndjson", 0, [1, 2]),
        ("s.ndjson", 2, [1]),
    ]


def test_damaged_compression_keeps_what_was_before(tmp_path: Path) -> None:
    """Where decompression fails is an error at the line in which the data ends, and the stream goes on after it."""
    whole = gzip.compress(b"{}\n" * 3 + b'{"a":', mtime=0)
    (tmp_path / "s.1.ndjson.gz").write_bytes(whole[:-4])
    read = batches(tmp_path, b"[]\n")
    assert raws(read) == [b"{}", b"{}", b"{}", b'{"a":', b"[]"]
    assert findings(read) == [
        ("stream.decompression-failed", "error", None, 4, 9),
        ("ndjson.no-final-newline", "warning", 3, 4, 9),
    ]
    (tmp_path / "s.ndjson").unlink()
    (batch,) = read_batches(find_stream(tmp_path, AUDIT))
    assert batch.torn == b'{"a":'
    assert [f.code for f in batch.findings] == ["stream.decompression-failed", "ndjson.torn-tail"]


def test_findings_name_stream_and_segment(tmp_path: Path) -> None:
    """A finding can be shown without asking where it came from."""
    (batch,) = batches(tmp_path, b'{"id"')
    message = "the last line is not complete: its writer was interrupted, or is still writing it"
    assert batch.findings == [
        Finding("ndjson.torn-tail", Severity.WARNING, message, "audit-events", "s.ndjson", 0, 1, 0)
    ]
