"""Splitting the bytes of a stream into records: nothing lost, nothing moved, nothing split that is one."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.log.ndjson import BATCH_BYTES, Pace, read_batches
from replayglass.log.positions import Offsets
from replayglass.log.source import Stream, StreamSpec, find_stream
from replayglass.record import Batch, Finding, Position

PAPER = Path(__file__).parent / "data" / "paper"
AUDIT = StreamSpec("audit-events", ("audit-events/data/audit_events", "s"))
LF = b"\n"
NOT_LINE_ENDS = [b"\r", b"\v", b"\f", b"\x1c", b"\x1d", b"\x1e", "\x85".encode(), "\u2028".encode(), "\u2029".encode()]


def stream_of(folder: Path, *segments: bytes) -> Stream:
    """Write the segments, oldest first, and return the stream that they make."""
    for number, data in enumerate(reversed(segments)):
        (folder / (f"s.{number}.ndjson" if number else "s.ndjson")).write_bytes(data)
    return find_stream(folder, AUDIT)


def batches(folder: Path, *segments: bytes, limit: int = 1 << 24, block: int = 1 << 17) -> list[Batch]:
    """Return the batches of a stream with these segments."""
    return list(read_batches(stream_of(folder, *segments), max_line_bytes=limit, pace=Pace(block)))


def raws(read: Iterable[Batch]) -> list[bytes]:
    """Return all records."""
    return [raw for batch in read for raw in batch.raws]


def findings(read: Iterable[Batch]) -> list[tuple[str, str, int | None, int | None, int | None]]:
    """Return code, severity and place of all findings."""
    found = [finding for batch in read for finding in batch.findings]
    return [(f.code, f.severity.value, f.seq, f.line, f.offset) for f in found]


def rebuild(read: list[Batch], size: int) -> bytes:
    """Return the bytes of a segment: all that was read at its place, LF everywhere else."""
    data = bytearray(LF * size)
    for batch in read:
        for raw, offset in zip(batch.raws, batch.offsets, strict=True):
            data[offset : offset + len(raw)] = raw
        if batch.torn is not None:
            data[size - len(batch.torn) :] = batch.torn
    return bytes(data)


pieces = st.lists(st.sampled_from([LF, LF, b'{"a":', b"}", b"\0", b"\r", b"0", "\u2028".encode()]), max_size=60)


@given(data=pieces.map(b"".join) | st.binary(max_size=300), block=st.integers(1, 40))
def test_nothing_is_lost_or_moved(tmp_path_factory: pytest.TempPathFactory, data: bytes, block: int) -> None:
    """For any bytes and any block size the same batches, exact positions, and the input again from what was read."""
    folder = tmp_path_factory.mktemp("any")
    read = batches(folder, data)
    assert batches(folder, data, block=block) == read
    assert rebuild(read, len(data)) == data
    for batch in read:
        for index in range(len(batch.raws)):
            place = batch.position(index)
            assert data.count(LF, 0, place.offset) + 1 == place.line
            assert place.offset == 0 or data[place.offset - 1 : place.offset] == LF
    skipped = data.count(LF) + (not data.endswith(LF) and data != b"") - len(raws(read))
    torn = sum(batch.torn is not None for batch in read)
    assert skipped - torn == sum(raw == b"" for raw in data.split(LF)[:-1])


@given(data=pieces.map(b"".join), pace=st.builds(Pace, st.integers(1, 40), st.integers(0, 40)))
def test_the_pace_changes_nothing(tmp_path_factory: pytest.TempPathFactory, data: bytes, pace: Pace) -> None:
    """However a stream is read, and wherever its batches end, records, places, findings and torn tail are the same."""
    stream = stream_of(tmp_path_factory.mktemp("run"), data)
    assert flat(read_batches(stream, pace=pace)) == flat(read_batches(stream))


def flat(read: Iterable[Batch]) -> tuple[list[tuple[Position, bytes]], list[Finding], bytes | None]:
    """Return records with their places, findings, and torn tail of batches."""
    found: tuple[list[tuple[Position, bytes]], list[Finding]] = ([], [])
    torn = None
    for batch in read:
        found[0].extend((batch.position(index), raw) for index, raw in enumerate(batch.raws))
        found[1].extend(batch.findings)
        torn = batch.torn
    return *found, torn


@given(data=pieces.map(b"".join), cut=st.integers(0, 30))
def test_reading_goes_on_behind_any_record(tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int) -> None:
    """What is read from behind a line on is what is read there when the whole stream is."""
    folder = tmp_path_factory.mktemp("run")
    stream = stream_of(folder, b'{"older":1}\n', data)
    whole = flat(read_batches(stream))
    records = [(place, raw) for place, raw in whole[0] if place.segment == "s.ndjson"]
    ended = [(place, raw) for place, raw in records if data[place.offset + len(raw) :][:1] == LF]
    if cut >= len(ended):
        return
    place, raw = ended[cut]
    start = Position(stream.name, "s.ndjson", place.seq + 1, place.line + 1, place.offset + len(raw) + 1)
    later = flat(read_batches(stream, start=start))
    assert later[0] == [pair for pair in whole[0] if pair[0].seq > place.seq]
    assert later[1] == [one for one in whole[1] if one.segment == "s.ndjson" and (one.offset or 0) >= start.offset]
    assert later[2] == whole[2]


@given(lengths=st.lists(st.sampled_from([0, 1, 1, 1, 9]), min_size=200, max_size=900), block=st.integers(1, 2000))
def test_batches_keep_to_pages(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], block: int) -> None:
    """A batch lies within one page of 256 and its numbers go on where those before ended, segments or not."""
    folder = tmp_path_factory.mktemp("pages")
    lines = [b"7" * length for length in lengths]
    data = b"".join(line + LF for line in lines)
    middle = data.index(LF, len(data) // 2) + 1
    read = batches(folder, data[:middle], data[middle:], block=block, limit=5)
    assert read == batches(folder, data[:middle], data[middle:], limit=5)
    assert raws(read) == [line if len(line) < 9 else b"" for line in lines if line]
    following = 0
    for batch in read:
        assert batch.first == following
        following += len(batch.raws)
        assert batch.first // 256 == max(batch.first, following - 1) // 256
    for segment, part in [("s.1.ndjson", data[:middle]), ("s.ndjson", data[middle:])]:
        for place, raw in [(b.position(i), r) for b in read for i, r in enumerate(b.raws) if b.segment == segment]:
            assert part.count(LF, 0, place.offset) + 1 == place.line
            assert part[place.offset :].startswith(raw or b"7" * 9)


def test_real_log_is_read_line_by_line() -> None:
    """The log of the original runtime gives its 135 lines, one batch, no findings."""
    (batch,) = read_batches(find_stream(PAPER / "small", AUDIT))
    expected = (PAPER / "small/audit-events/data/audit_events.ndjson").read_bytes().split(LF)[:-1]
    assert (batch.first, batch.raws, batch.lines, batch.findings) == (0, expected, range(1, 136), [])


def test_streams_without_records_have_no_batches(tmp_path: Path) -> None:
    """A missing stream and an empty file have nothing to say."""
    assert list(read_batches(Stream("s", ()))) == []
    assert batches(tmp_path, b"") == []


@pytest.mark.parametrize("separator", NOT_LINE_ENDS)
def test_only_lf_ends_a_line(tmp_path: Path, separator: bytes) -> None:
    """What other readers take for a line end stays in the record (paper-runtime section 18)."""
    line = b'{"a":"x' + separator + b'y"}' + separator
    assert raws(batches(tmp_path, line + LF + line + LF)) == [line, line]


def test_crlf_leaves_cr_in_the_record(tmp_path: Path) -> None:
    """CRLF is a record with CR at its end, and a line of CR alone is a record and no empty line."""
    read = batches(tmp_path, b"{}\r\n\r\n{}\r\n")
    assert (raws(read), findings(read)) == ([b"{}\r", b"\r", b"{}\r"], [])


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("torn_last_line", 134, ["ndjson.torn-tail"]),
        ("no_final_newline", 135, ["ndjson.no-final-newline"]),
        ("nul_bytes_tail", 136, []),
        ("blank_lines", 135, ["ndjson.blank-lines"] * 3),
        ("control_chars", 130, []),
        ("whitespace_lines", 137, []),
    ],
)
def test_damaged_real_logs(name: str, count: int, expected: list[str]) -> None:
    """Every corrupted variant of the real log gives the records it still has and says what is odd about its lines."""
    read = list(read_batches(find_stream(PAPER / "bad" / name, AUDIT)))
    assert (len(raws(read)), [code for code, *_ in findings(read)]) == (count, expected)


def test_empty_lines_are_one_finding_per_run(tmp_path: Path) -> None:
    """Consecutive empty lines are one info at the first of them; the lines after them keep their numbers."""
    read = batches(tmp_path, b"\n\n{}\n\n[]\n\n\n\n", block=2)
    assert findings(read) == [
        ("ndjson.blank-lines", "info", None, 1, 0),
        ("ndjson.blank-lines", "info", None, 4, 5),
        ("ndjson.blank-lines", "info", None, 6, 9),
    ]
    assert [f.message for f in read[0].findings] == [
        "2 empty lines are skipped here",
        "1 empty line is skipped here",
        "3 empty lines are skipped here",
    ]
    assert [read[0].position(i)[2:] for i in range(2)] == [(0, 3, 2), (1, 5, 6)]


def test_empty_lines_behind_a_full_page_belong_to_the_next(tmp_path: Path) -> None:
    """A full batch is closed at once, so what follows its last record is told by a batch of no records."""
    full, rest = batches(tmp_path, b"{}\n" * 256 + LF)
    assert (len(full.raws), full.findings) == (256, [])
    assert (rest.first, rest.raws, findings([rest])) == (256, [], [("ndjson.blank-lines", "info", None, 257, 768)])


def test_lines_that_are_too_long_are_hashed_and_not_held(tmp_path: Path) -> None:
    """A line over the limit is an empty record with an error that says its size and SHA-256; the limit itself fits."""
    long = b'{"a":"' + b"x" * 5000 + b'"}'
    data = LF.join([b"1" * 1000, long, b"{}", LF + long])
    for block in (1, 64, 1 << 17):
        read = batches(tmp_path, data, limit=1000, block=block)
        assert raws(read) == [b"1" * 1000, b"", b"{}", b""]
        assert findings(read) == [
            ("ndjson.line-too-long", "error", 1, 2, 1001),
            ("ndjson.blank-lines", "info", None, 4, 1001 + 5009 + 3),
            ("ndjson.line-too-long", "error", 3, 5, 1001 + 5009 + 3 + 1),
        ]
        assert f"{len(long)} bytes" in read[0].findings[0].message
        assert sha256(long).hexdigest() in read[0].findings[0].message
        assert list(read[0].offsets) == [0, 1001, 6010, 6014]


def test_long_line_can_fill_a_page(tmp_path: Path) -> None:
    """A line over the limit counts as a record of its page."""
    full, rest = batches(tmp_path, b"{}\n" * 255 + b"1" * 50 + b"\n{}\n", limit=10)
    assert (len(full.raws), full.raws[-1], rest.first, rest.raws) == (256, b"", 256, [b"{}"])


def test_batches_of_large_records_are_bounded(tmp_path: Path) -> None:
    """A batch ends with the record that brings it to 8 MiB, so that memory stays flat."""
    third = b"1" * (BATCH_BYTES // 3 + 1)
    data = LF.join([third] * 7) + LF
    for block in (1 << 16, 1 << 25):
        assert [len(batch.raws) for batch in batches(tmp_path, data, block=block)] == [3, 3, 1]


def test_offsets_are_a_sequence() -> None:
    """Offsets behave like the list they stand for."""
    offsets = Offsets(10, [b"a", b"bcd"], [(1, 5)])
    assert (len(offsets), offsets[0], offsets[-1], offsets[:1], list(offsets)) == (2, 10, 17, [10], [10, 17])
    assert offsets == [10, 17]
    assert offsets != 10
