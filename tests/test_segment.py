"""Reading what a segment holds, as far as it can be read."""

import gzip
import struct
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from replayglass.errors import InputError
from replayglass.log.segment import FileReader, Segment, open_segment

SMALL = Path(__file__).parent / "data" / "paper" / "small"
REAL = (SMALL / "audit-events" / "data" / "audit_events.ndjson").read_bytes()


def put(run: Path, name: str, data: bytes = b"{}\n") -> Path:
    """Write a file of the run, with its folders."""
    path = run / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def read_all(path: Path, compression: str, size: int = 1000) -> tuple[bytes, str | None]:
    """Return what a segment gives, read in steps of ``size``, and what is said about its end."""
    kind = {"none": "none", "gzip": "gzip", "zstd": "zstd"}[compression]
    with open_segment(Segment(path.name, path, kind)) as reader:  # type: ignore[arg-type]
        data = b"".join(iter(lambda: reader.read(size), b""))
        return data, reader.damage


def compress(kind: str, data: bytes) -> bytes:
    """Return ``data`` as one gzip member or one zstd frame with a checksum."""
    if kind == "gzip":
        return gzip.compress(data, mtime=0)
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def test_reading_stops_where_the_file_ended_when_opened(tmp_path: Path) -> None:
    """A writer that appends while we read cannot make the run endless."""
    path = put(tmp_path, "s.ndjson", b"one\n")
    with open_segment(Segment("s.ndjson", path, "none")) as reader, path.open("ab") as writer:
        assert reader.read(2) == b"on"
        writer.write(b"two\n")
        writer.flush()
        assert reader.read(100) == b"e\n"
        assert reader.read(100) == b""


def test_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    """A file that cannot be opened, or fails while it is read, stops the run and is named by its relative path."""
    with (
        pytest.raises(InputError, match=r"^data/s\.ndjson cannot be read$"),
        open_segment(Segment("data/s.ndjson", tmp_path, "none")),
    ):
        pass
    with put(tmp_path, "s", b"x").open("ab", buffering=0) as write_only:
        reader = FileReader(write_only, "data/s.ndjson")
        with pytest.raises(InputError, match=r"^data/s\.ndjson cannot be read$"):
            reader.read(1)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_compressed_segments_of_several_parts_are_read_whole(tmp_path: Path, kind: str) -> None:
    """All gzip members and all zstd frames of a file are read, whatever is asked for at a time."""
    path = put(tmp_path, "s", b"".join(compress(kind, part) for part in (REAL[:5000], b"", REAL[5000:])))
    for size in (1, 7, 4096, 10**6):
        assert read_all(path, kind, size) == (REAL, None)


def test_skippable_zstd_frames_are_skipped(tmp_path: Path) -> None:
    """A zstd file may begin with a skippable frame (RFC 8878 section 3.1.2)."""
    frame = struct.pack("<II", 0x184D2A5F, 3) + b"any"
    assert read_all(put(tmp_path, "s", frame + compress("zstd", REAL)), "zstd") == (REAL, None)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_wrong_ending_is_refused(tmp_path: Path, kind: str) -> None:
    """A file whose name promises a compression that it does not have is a mistake of the operator."""
    other = compress("zstd" if kind == "gzip" else "gzip", REAL)
    for data in (REAL, other):
        with pytest.raises(InputError, match=f"^s is not a {kind} file$"):
            read_all(put(tmp_path, "s", data), kind)


def test_huge_zstd_window_is_refused(tmp_path: Path) -> None:
    """A frame may not ask for more than 128 MiB of memory."""
    parameters = zstandard.ZstdCompressionParameters(window_log=28)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    path = put(tmp_path, "s", compressor.compress(b"x") + compressor.flush())
    with pytest.raises(InputError, match=r"^s asks for a decompression window of more than 134217728 bytes$"):
        read_all(path, "zstd")


@given(kind=st.sampled_from(["gzip", "zstd"]), data=st.data())
def test_cut_file_keeps_its_beginning(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    """A compressed file cut at any byte gives a beginning of what it held, and says that it was cut."""
    whole = compress(kind, REAL)
    cut = data.draw(st.integers(0, len(whole) - 1))
    read, damage = read_all(put(tmp_path_factory.mktemp("cut"), "s", whole[:cut]), kind)
    assert REAL.startswith(read)
    assert damage == "the compressed data ends before its end marker; what follows is missing"


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_damaged_file_keeps_all_that_can_be_decoded(tmp_path: Path, kind: str) -> None:
    """A wrong checksum or garbage behind the data costs nothing of it; a flipped bit costs only what follows."""
    good, noise = compress(kind, REAL), b"".join(sha256(bytes([n])).digest() for n in range(256))
    broken = bytes([*good[:-1], good[-1] ^ 1]) if kind == "zstd" else bytes([*good[:-8], good[-8] ^ 1, *good[-7:]])
    damage = "the compressed data is damaged from here on; what follows could not be read"
    for data in (broken, good + b"garbage"):
        assert read_all(put(tmp_path, "s", data), kind) == (REAL, damage)
    long = REAL + noise + REAL
    flipped = bytearray(compress(kind, REAL) + compress(kind, noise + REAL))
    flipped[len(good) : len(good) + 2] = b"\xff\xff"
    read, said = read_all(put(tmp_path, "s", bytes(flipped)), kind)
    assert long.startswith(read)
    assert len(read) >= len(REAL)
    assert said == damage
