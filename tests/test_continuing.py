"""A build goes on where an earlier one was put aside, and the site is the same as if it had begun at the beginning."""

from __future__ import annotations

import gzip
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from growing import SOON, Growing, damaged, halves
from replayglass.pipeline import build
from sites import AUDIT, SNAPSHOTS, command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of 1,500 events."""
    run = tmp_path_factory.mktemp("grown") / "run"
    assert command("simulate", "paper", "--events", "1500", "--seed", "5", "--out", run).exit_code == 0
    return run


def _cut(data: bytes, share: float) -> int:
    """Return the size of the whole lines in a share of ``data``."""
    return data.rfind(b"\n", 0, int(len(data) * min(1.0, max(0.0, share)))) + 1


def _somewhere(data: bytes, share: float, chance: random.Random) -> int:
    """Return a size at about a share of ``data``: anywhere, or behind a whole line."""
    share += chance.choice([0, 0, 0.01, -0.01, 0.1, -0.1])
    return int(len(data) * min(1.0, max(0.0, share))) if chance.random() < 0.3 else _cut(data, share)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_any_split_gives_the_same_site(seed: int, grown: Path, tmp_path: Path) -> None:
    """However the streams of a run grow, whole lines or not, clean or damaged, each site is that of a full build."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    run = tmp_path / "end"
    shutil.copytree(grown, run)
    if seed % 2:
        for name in (AUDIT, SNAPSHOTS):
            (run / name).write_bytes(b"\n".join(damaged((run / name).read_bytes(), chance)))
    growing, before = Growing.to(run, tmp_path), (0, 0)
    for share in (*sorted(chance.random() for _ in range(2)), 1.0):
        cuts = (len(data) if share == 1 else _somewhere(data, share, chance) for data in growing.end.values())
        before = tuple(map(max, before, cuts))  # type: ignore[assignment]
        growing.grow(*before)
        growing.publish()


@pytest.mark.no_cover
def test_it_does_go_on(grown: Path, tmp_path: Path) -> None:
    """A run that has grown is read from shortly before its earlier end; no full page of before is written again."""
    growing = Growing.to(grown, tmp_path)
    growing.grow(*(data.index(b"\n", len(data) // 2) + 1 for data in growing.end.values()))
    assert growing.publish().since == 0
    pages = {path: path.stat() for path in (growing.site / "events").glob("0*.html")}
    size = growing.publish()
    assert size.since > 0
    assert size.written.changed == 0
    growing.grow(*map(len, growing.end.values()))
    assert growing.publish().since > 0
    full = sorted(pages)[:-2]
    assert [path.stat().st_ino for path in full] == [pages[path].st_ino for path in full]
    assert [path.stat().st_mtime_ns for path in full] == [pages[path].st_mtime_ns for path in full]


@pytest.mark.parametrize("share", [0.02, *(pytest.param(part, marks=pytest.mark.no_cover) for part in (0.9, 1.0))])
def test_both_streams_are_taken_up(share: float, tmp_path: Path) -> None:
    """Where snapshots were read beside the events, or to their end, they are taken up as well, at their own place."""
    end = tmp_path / "end"
    assert command("simulate", "paper", "--events", "6000", "--seed", "6", "--out", end).exit_code == 0
    growing = Growing.to(end, tmp_path)
    for part, goes_on in ((0.95, False), (0.96, True), (1.0, True)):
        sizes = (part, min(part, share))
        growing.grow(*(_cut(data, size) for data, size in zip(growing.end.values(), sizes, strict=True)))
        assert (growing.publish().since > 0) == goes_on


@pytest.mark.no_cover
def test_full_reads_everything(grown: Path, tmp_path: Path) -> None:
    """With --full a build begins at the beginning, although it could go on."""
    growing = Growing.to(grown, tmp_path)
    assert halves(growing).since > 0
    report = build(growing.run, growing.site, lambda *_: None, full=True, halting=SOON)
    assert (report.since, report.written.changed) == (0, 0)


def test_rotated_streams(grown: Path, tmp_path: Path) -> None:
    """A stream in segments goes on in its last one; when that is rotated away, the build is a full one."""
    growing = Growing.to(grown, tmp_path)
    path = growing.run / AUDIT
    lines = growing.end[AUDIT].splitlines(keepends=True)
    path.with_name("audit_events.1.ndjson").write_bytes(b"".join(lines[:300]))
    (growing.run / SNAPSHOTS).write_bytes(growing.end[SNAPSHOTS])
    path.write_bytes(b"".join(lines[300:1000]))
    assert growing.publish().since == 0
    path.write_bytes(b"".join(lines[300:]))
    assert growing.publish().since > 300
    path.with_name("audit_events.2.ndjson").write_bytes(b"".join(lines[:300]))
    path.with_name("audit_events.1.ndjson").write_bytes(b"".join(lines[300:1000]))
    path.write_bytes(b"".join(lines[1000:]))
    assert growing.publish().since == 0


def test_a_compressed_stream_is_read_from_its_beginning(grown: Path, tmp_path: Path) -> None:
    """A build of a compressed log is a full one, always."""
    growing = Growing.to(grown, tmp_path)
    (growing.run / SNAPSHOTS).write_bytes(growing.end[SNAPSHOTS])
    (growing.run / AUDIT).unlink()
    for size in (1000, 1500):
        lines = growing.end[AUDIT].splitlines(keepends=True)
        (growing.run / f"{AUDIT}.gz").write_bytes(gzip.compress(b"".join(lines[:size])))
        assert growing.publish().since == 0
    assert not growing.state.exists()


def test_a_stream_that_is_not_there_yet(grown: Path, tmp_path: Path) -> None:
    """A run without snapshots goes on; when they come, the build is a full one."""
    growing = Growing.to(grown, tmp_path)
    (growing.run / SNAPSHOTS).unlink()
    size = growing.end[AUDIT].index(b"\n", len(growing.end[AUDIT]) // 2) + 1
    for end, since in ((size, False), (size + 3_000, True)):
        (growing.run / AUDIT).write_bytes(growing.end[AUDIT][:end])
        assert (growing.publish().since > 0) == since
    growing.grow(*map(len, growing.end.values()))
    assert growing.publish().since == 0
