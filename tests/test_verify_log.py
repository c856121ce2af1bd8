"""The log of a stream apart from its pages: scripts of large logs, and archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replayglass.proof.checkpoint import Checkpoint, format_checkpoint
from replayglass.proof.earlier import Earlier
from replayglass.proof.tiles import kept_partials
from replayglass.publishedlogs import PublishedLogs
from replayglass.record import Batch
from replayglass.verify.archive import published_sizes
from replayglass.verify.heads import open_heads
from replayglass.verify.report import Failures
from replayglass.verify.scripts import check_scripts, group_count
from replayglass.verify.site import SiteFolder
from replayglass.verify.streams import log_reader
from signedsites import ORIGIN, publish, said, tiny_run, verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STREAM = "audit-events"


@pytest.mark.parametrize("size", [65_536, 65_536 + 300])
def test_scripts_of_a_log_with_full_groups(size: int, tmp_path: Path) -> None:
    """Each group of 256 pages has its script, also one whose only page is empty; a changed hash is found."""
    logs = PublishedLogs([STREAM], ORIGIN)
    for _ in logs.follow(STREAM, _batches(size)):
        pass
    for file in [*logs.drain(), *logs.finish()]:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(file.data)
    site = SiteFolder(str(tmp_path))
    head = open_heads(site, [STREAM], (), ORIGIN).logs[STREAM]
    reader = log_reader(site, STREAM, head)
    assert sum(len(reader.bundle(number)) for number in range(-(-size // 256))) == size
    failures = Failures()
    assert check_scripts(site, STREAM, head, (), failures) == 1 + group_count(size) == 3
    assert failures.count == 0
    for path in ("check.js", "check/000000.js", "check/000001.js"):
        script = tmp_path / "log" / STREAM / path
        data = script.read_bytes()
        script.write_bytes(data[:-8] + bytes([data[-8] ^ 1]) + data[-7:])
        failures = Failures()
        check_scripts(site, STREAM, head, (), failures)
        assert failures.count == 1, path
        script.write_bytes(data)


def _batches(size: int) -> Iterator[Batch]:
    for first in range(0, size, 256):
        raws = [b"%d" % number for number in range(first, min(first + 256, size))]
        yield Batch(STREAM, "x", first, raws, [0] * len(raws), [0] * len(raws))


def test_archives_that_contradict_the_log(tmp_path: Path) -> None:
    """An archived checkpoint of a larger log, of another root or of another log contradicts the site."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site", None)
    folder = site / "log" / STREAM / "checkpoints"
    for size, origin, words in (
        (10, ORIGIN, "does not extend one of 10"),
        (8, ORIGIN, "the first 8 records of this log have another root"),
        (7, "example.org", f"is a checkpoint of example.org/{STREAM}, not of this log"),
    ):
        text = format_checkpoint(Checkpoint(f"{origin}/{STREAM}", size, bytes(32)))
        (folder / f"{size}.unsigned").write_bytes(text)
        assert words in said(verify(site))
        (folder / f"{size}.unsigned").unlink()
    (folder / "9.unsigned").unlink()
    assert "does not hold the checkpoint of this publication" in said(verify(site))


def test_partials_of_many_publications() -> None:
    """Sizes that need the same partial tiles count once: the tiles are those of all sizes, from few of them."""
    size = 256 * 300 + 77
    earlier = [*range(0, size, 7), size]
    archive = [Earlier("x", one, bytes(32), str(one), b"") for one in [*earlier, size + 1]]
    few = published_sizes(size, archive)
    assert kept_partials(size, few) == kept_partials(size, earlier)
    assert len(few) < 400
