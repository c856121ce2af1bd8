"""Measures what is proven: ids or records a processor second, as JSON. Takes what to do, and a run folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench import ids
from bench.paperrun import STREAMS
from replayglass.proof.builder import LogBuilder

_BLOCK = 256


def derive(_run: Path) -> float:
    """Derive ids again and compare them, in blocks."""
    count, seconds = ids.measure()
    return count / seconds


def append(run: Path) -> float:
    """Append the leading stream to a log: leaf hashes, tiles, bundles of entries."""
    builder, spent = LogBuilder("audit-events", "bench.invalid/audit-events"), 0.0
    with run.joinpath(STREAMS[0]).open("rb") as file:
        while lines := [line.rstrip(b"\n") for line, _ in zip(file, range(_BLOCK), strict=False)]:
            begun = time.process_time()
            builder.add(lines)
            spent += time.process_time() - begun
    return builder.size / spent


if __name__ == "__main__":
    what, folder = sys.argv[1:]
    sys.stdout.write(json.dumps({"derive": derive, "append": append}[what](Path(folder))))
