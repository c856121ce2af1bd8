"""Finding the files of a run's streams, in reading order, or refusing them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from replayglass.errors import InputError
from replayglass.log.source import (
    Stream,
    StreamSpec,
    find_stream,
    find_streams,
    open_segment,
    stream_size,
)
from replayglass.record import Finding, Severity

AUDIT = StreamSpec("audit-events", ("audit-events/data/audit_events", "data/audit_events", "audit_events"))
SNAPSHOTS = StreamSpec("snapshots", ("snapshots/data/snapshots", "data/snapshots", "snapshots"))
SMALL = Path(__file__).parent / "data" / "paper" / "small"
REAL = (SMALL / "audit-events" / "data" / "audit_events.ndjson").read_bytes()


def put(run: Path, name: str, data: bytes = b"{}\n") -> Path:
    """Write a file of the run, with its folders."""
    path = run / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def paths(stream: Stream) -> list[str]:
    """Return the paths of the stream's segments in reading order."""
    return [segment.path for segment in stream.segments]


def test_real_run_has_one_plain_segment_per_stream() -> None:
    """A run that the original runtime wrote is found as it is, and its size is the size on disk."""
    audit, snapshots = find_streams(SMALL, [AUDIT, SNAPSHOTS])
    assert paths(audit) == ["audit-events/data/audit_events.ndjson"]
    assert paths(snapshots) == ["snapshots/data/snapshots.ndjson"]
    assert stream_size(audit) == len(REAL)
    with open_segment(audit.segments[0]) as reader:
        assert reader.read(10**6) == REAL
        assert reader.read(10**6) == b""


def test_segments_are_read_from_oldest_to_newest(tmp_path: Path) -> None:
    """Rotated segments are read highest number first and base last, or the other way round if configured so."""
    names = ["s.ndjson", "s.1.ndjson.gz", "s.2.ndjson.zst", *(f"s.{n}.ndjson" for n in range(3, 11))]
    for name in names:
        put(tmp_path, name)
    spec = StreamSpec("s", ("s",))
    assert paths(find_stream(tmp_path, spec, "ascending")) == names
    assert paths(find_stream(tmp_path, spec)) == names[::-1]


@pytest.mark.parametrize(
    ("names", "order", "missing"),
    [
        (["s.3.ndjson", "s.1.ndjson", "s.ndjson"], "descending", ["2"]),
        (["s.9.ndjson.gz", "s.3.ndjson"], "descending", ["1 to 2", "4 to 8"]),
        (["s.1.ndjson"], "descending", []),
        (["s.1.ndjson", "s.2.ndjson"], "ascending", ["0"]),
        (["s.ndjson"], "ascending", []),
    ],
)
def test_missing_segments_are_errors(tmp_path: Path, names: list[str], order: str, missing: list[str]) -> None:
    """Each gap in the numbers is one error; only logrotate's base file may be absent, just after a rotation."""
    for name in names:
        put(tmp_path, name)
    findings = find_stream(tmp_path, StreamSpec("s", ("s",)), order).findings  # type: ignore[arg-type]
    assert [(f.code, f.severity) for f in findings] == [("stream.segment-missing", Severity.ERROR)] * len(missing)
    assert [f.message.split(" is missing")[0] for f in findings] == [f"segment {which}" for which in missing]


def test_files_that_only_look_like_segments_are_named(tmp_path: Path) -> None:
    """A file beside the stream that nobody reads is a warning with a printable name, not silence."""
    put(tmp_path, "s.ndjson")
    put(tmp_path, "s.01.ndjson")
    assert find_stream(tmp_path, StreamSpec("s", ("s",))).findings == (
        Finding(
            "stream.file-ignored",
            Severity.WARNING,
            "not read because it is not named like a segment: 's.01.ndjson'",
            "s",
            "s.ndjson",
        ),
    )
    put(tmp_path, "s.\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}")
    (finding,) = find_stream(tmp_path, StreamSpec("s", ("s",))).findings
    assert finding.message.endswith("'s.\\x1b[2J\\u202e' and 1 more")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["audit_events.ndjson", "data/audit_events.1.ndjson.gz"], "two places"),
        (["audit_events.ndjson", "audit_events.ndjson.zst"], "there twice"),
        (["data"], "data is not a folder"),
        (["audit_events.ndjson/x"], "audit_events.ndjson is not a regular file"),
    ],
)
def test_ambiguous_streams_are_refused(tmp_path: Path, names: list[str], words: str) -> None:
    """What could be read in two ways, or is no file, stops the run with one sentence that names a relative path."""
    for name in names:
        put(tmp_path, name)
    with pytest.raises(InputError, match=words) as error:
        find_stream(tmp_path, AUDIT)
    assert str(tmp_path) not in error.value.message
    assert "\n" not in error.value.message


def make_fifo(path: Path) -> None:
    """Make a named pipe."""
    os.mkfifo(path)


def make_loop(path: Path) -> None:
    """Make a symbolic link to itself."""
    path.symlink_to(path)


def make_dangling(path: Path) -> None:
    """Make a symbolic link to nothing."""
    path.symlink_to("nothing")


@pytest.mark.parametrize("make", [make_fifo, make_loop, make_dangling])
def test_special_files_are_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe would block for ever and a broken link cannot be read: both are refused before anything is opened."""
    make(tmp_path / "audit_events.ndjson")
    with pytest.raises(InputError, match=r"^audit_events\.ndjson (is not a regular file|cannot be read)$"):
        find_stream(tmp_path, AUDIT)


def test_links_of_the_input_are_followed(tmp_path: Path) -> None:
    """The input is only read, so a link to a file elsewhere is as good as the file."""
    target = put(tmp_path, "elsewhere/log", b"{}\n")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "audit_events.ndjson").symlink_to(target)
    (stream,) = find_streams(tmp_path / "run", [AUDIT])
    assert stream_size(stream) == 3


def test_folder_that_cannot_be_listed_is_refused(tmp_path: Path) -> None:
    """A stream's folder that cannot be looked into is not the same as a missing stream."""
    make_loop(tmp_path / "data")
    with pytest.raises(InputError, match="the folder data cannot be read"):
        find_stream(tmp_path, AUDIT)


def test_folder_must_be_a_run(tmp_path: Path) -> None:
    """A missing folder, a file, and a folder with nothing known in it are refused with the expected layout."""
    put(tmp_path, "file")
    put(tmp_path, "other/readme.txt")
    for name, words in [("none", "does not exist"), ("file", "is not a folder"), ("other", "nothing that a run holds")]:
        with pytest.raises(InputError, match=words) as error:
            find_streams(tmp_path / name, [AUDIT, SNAPSHOTS])
        assert "audit-events/data/audit_events.ndjson or data/audit_events.ndjson" in error.value.hint


@pytest.mark.parametrize("name", ["audit-events/data", "snapshots/data", "notes", "runtime.env", "replayglass.toml"])
def test_empty_run_is_normal(tmp_path: Path, name: str) -> None:
    """A run whose runtime has written nothing yet is a run: missing streams have no segments."""
    (tmp_path / name).mkdir(parents=True)
    assert find_streams(tmp_path, [AUDIT, SNAPSHOTS]) == (Stream("audit-events", ()), Stream("snapshots", ()))
