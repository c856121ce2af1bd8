"""Publishes a run again whenever it has grown, until it is told to stop."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING

from watchfiles import watch

from replayglass.errors import OutputError, ReplayglassError
from replayglass.findings import verdict
from replayglass.live.runstate import identity_of, state_of
from replayglass.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from replayglass.live.runstate import FileState
    from replayglass.pipeline import Report

_STEP = 25
"""Milliseconds of silence after which what was written is published: a writer's burst is one publication."""

_DEBOUNCE = 200
"""Milliseconds after which it is published although the writer goes on."""

_LOOK = 1000
"""Milliseconds after which the folder is looked at unasked: not every file system, and no link, tells of changes."""

_PAUSE = 0.25
_AGAIN = 2.0
"""Seconds after which a site that could not be written is tried again."""


class Publisher:
    """Publishes by calling ``build``, and tells in one line what came of it; the same complaint is told once."""

    def __init__(self, build: Callable[[], Report], tell: Callable[[str], None]) -> None:
        self._build = build
        self._tell = tell
        self._complaint = ""

    def publish(self) -> None:
        """Build once; raises what the build raises."""
        began = monotonic()
        report = self._build()
        written = report.written
        was_wrong, self._complaint = bool(self._complaint), ""
        if written.changed or written.removed or was_wrong:
            counts = ", ".join(f"{line.records:,} records of {line.stream}" for line in report.outcome.account)
            said = verdict(report.outcome.findings.by_severity)[0]
            took = f"published in {monotonic() - began:.2f} s"
            self._tell(f"{took}: {counts}; {written.changed} files new or changed; {said}")

    def attempt(self) -> bool:
        """Build once; tell why if it cannot be, and return False if the same files may be tried again."""
        try:
            self.publish()
        except ReplayglassError as error:
            self.complain(error.message, error.hint)
            return not isinstance(error, OutputError)
        return True

    def complain(self, message: str, hint: str = "") -> None:
        """Tell what is wrong, unless it was what was told last."""
        lines = [message, *(f"  {line}" for line in hint.splitlines())]
        complaint = "\n".join(map(plain, lines))
        if complaint != self._complaint:
            self._complaint = complaint
            self._tell(complaint)


def follow(run: Path, publisher: Publisher) -> None:
    """Publish the run now, then after every change of its files; never returns.

    Raises:
        ReplayglassError: the first publication cannot be made. Later ones leave the site as it is, and are told of.
    """
    seen: frozenset[FileState] | None = state_of(run)
    publisher.publish()
    while True:
        _await_folder(run, publisher)
        for _ in looks(run):
            state = state_of(run)
            if state != seen:
                seen = state if publisher.attempt() else None
            if seen is None:
                sleep(_AGAIN)


def _await_folder(run: Path, publisher: Publisher) -> None:
    while identity_of(run) is None:
        publisher.complain(f"the run folder {run} is gone; waiting for it to come back")
        sleep(_PAUSE)


def looks(run: Path) -> Iterator[None]:
    """Give a turn whenever something in the folder may have changed; end when it is not the folder that it was."""
    was, place = identity_of(run), str(run.absolute())
    yield
    changes = watch(run, watch_filter=None, step=_STEP, debounce=_DEBOUNCE, rust_timeout=_LOOK, yield_on_timeout=True)
    try:
        while not any(path == place for _, path in next(changes)) and identity_of(run) == was:
            yield
    except OSError:  # the folder went away, or the system watches no more folders: then it is looked at in turns
        sleep(_LOOK / 1000)
