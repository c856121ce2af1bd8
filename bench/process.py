"""Runs a command in a process of its own, and says what it and all its workers took.

The kernel counts: ``wait4`` gives the processor time of a process with all that it has waited for, and the most memory
that any one of them had. A process begins with the memory of the one that starts it as its peak: what starts commands
here imports nothing large, and a peak of less than 20 MB is not known.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, NamedTuple

REPO = Path(__file__).resolve().parents[1]


class Cost(NamedTuple):
    """What a command took: seconds of processor time and by the clock, bytes of memory at its peak, what it said."""

    cpu: float
    wall: float
    peak: int
    said: bytes

    @property
    def answer(self) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Return what was said, as JSON."""
        return json.loads(self.said)


def run(*words: object) -> Cost:
    """Run a command.

    Raises:
        SystemExit: it failed.
    """
    paths = (REPO / "engine", REPO / "tests", os.environ.get("PYTHONPATH", ""))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(path) for path in paths if path)}
    command = list(map(str, words))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=REPO, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said, told = (_all_of(file) for file in (out, err))
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{told.decode(errors='replace')}")
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, said)


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def replayglass(*words: object) -> Cost:
    """Run a command of ours."""
    return run(sys.executable, "-m", "replayglass", *words)


def part(name: str, *words: object) -> Cost:
    """Run the module ``name`` of this package."""
    return run(sys.executable, "-m", f"bench.{name}", *words)


def say(words: str) -> None:
    """Tell whoever waits what is measured now."""
    sys.stderr.write(f"{words}\n")
