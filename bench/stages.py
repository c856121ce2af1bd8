"""Measures the stages of a full build: processor seconds by stage, as JSON. Takes a run folder and a new folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from replayglass.output.writer import SiteWriter
from replayglass.page import Page
from replayglass.plan import Plan
from replayglass.publishedlogs import PublishedLogs
from replayglass.registry import domain_of
from replayglass.render.html import Theme
from replayglass.rendering import frame_of
from replayglass.run import open_run
from replayglass.sources import Sources, silently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from replayglass.page import Artifact
    from replayglass.record import Batch

    T = TypeVar("T")

READ, PROVE, REPLAY, RENDER, WRITE = "reading, secrets", "logs", "replaying", "rendering", "hashing, writing"


class Stopwatch:
    """Seconds of processor time by stage; switching costs one call."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys((READ, PROVE, REPLAY, RENDER, WRITE), 0.0)
        self._stage = REPLAY
        self._since = time.process_time()

    def switch(self, stage: str) -> str:
        """Go on in another stage; return the one before."""
        now = time.process_time()
        self.spent[self._stage] += now - self._since
        before, self._stage, self._since = self._stage, stage, now
        return before

    def during(self, stage: str, work: Callable[[], T]) -> T:
        """Do ``work`` in a stage, then go on in the one before."""
        before = self.switch(stage)
        done = work()
        self.switch(before)
        return done

    def inside(self, stage: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Pass batches on; what happens inside their source belongs to a stage."""
        while (batch := self.during(stage, lambda: next(batches, None))) is not None:
            yield batch


class TimedLogs(PublishedLogs):
    """Logs whose own work is a stage."""

    watch: Stopwatch

    def follow(self, stream: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Give batches on, each after it was appended to its log."""
        return self.watch.inside(PROVE, super().follow(stream, batches))


def measure(run_folder: Path, out: Path) -> dict[str, float]:
    """Build a site as `pipeline.build` does, but putting nothing aside, with a stopwatch between the stages."""
    watch = Stopwatch()
    run = open_run(run_folder, domain_of(run_folder))
    theme = Theme(frame_of(run), run.config.max_file_bytes)
    logs = TimedLogs([stream.name for stream in run.streams], run.config.origin)
    logs.watch = watch
    sources = Sources(run, silently).batches
    batches = {name: watch.inside(READ, source) for name, source in sources.items()}
    with SiteWriter(out, forbidden=run_folder) as site:
        for name, data in theme.assets().items():
            site.write(name, data)
        for artifact in Plan(run, logs).artifacts(batches):
            watch.switch(RENDER)
            data = rendered(theme, artifact)
            watch.switch(WRITE)
            site.write(artifact.path, data)
            watch.switch(REPLAY)
        watch.during(WRITE, site.commit)
    watch.switch(REPLAY)
    return watch.spent


def rendered(theme: Theme, artifact: Artifact) -> bytes:
    """Return the bytes of a file."""
    return theme.render(artifact) if isinstance(artifact, Page) else artifact.data


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(Path, sys.argv[1:]))))
