"""The streams of a run on their way to the replay: read, scanned for secrets, announced, and followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from replayglass.log.ndjson import STEADY, Pace, read_batches
from replayglass.secretscan.scan import Scanner
from replayglass.trail import Halted, Trail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.log.source import Stream
    from replayglass.record import Batch, Finding
    from replayglass.run import Run
    from replayglass.secretscan.rules import SecretRule

Announce = Callable[[str, int], None]
"""Takes the name of a stage and how many records it has come to."""

NEAR = 8 << 20
"""Bytes before the end of a following stream from which it is read in small steps: then it is not read far ahead."""

_STEP = 16 << 10


def silently(_stage: str, _records: int) -> None:
    """Announce nothing."""


class Sources:
    """The streams of ``run``, each from its beginning or from where an earlier build left it.

    ``batches`` are given in the order in which the replay asks for them; the first stream leads. They are scanned for
    secrets unless ``is_scanned`` says that another process scans the same ones, and that no rule changes them.
    """

    def __init__(
        self, run: Run, announce: Announce, earlier: Mapping[str, Halted] | None = None, *, is_scanned: bool = False
    ) -> None:
        self._announce = announce
        self._is_scanned = is_scanned
        self._limit = run.config.max_line_bytes
        self._trails: dict[str, Trail] = {}
        self._scanners: dict[str, Scanner] = {}
        self.batches: dict[str, Iterator[Batch]] = {}
        for number, stream in enumerate(run.streams):
            halted = None if earlier is None else earlier[stream.name]
            self.batches[stream.name] = self._opened(stream, halted, run.config.secret_rules, leads=number == 0)
        self._leader = run.streams[0].name

    @property
    def left(self) -> int:
        """Return how many bytes of the leading stream are not read yet."""
        return self._trails[self._leader].left

    @property
    def stride(self) -> int:
        """Return how many bytes of the leading stream the longest batch took so far."""
        return self._trails[self._leader].stride

    def halted(self) -> dict[str, Halted] | None:
        """Return where each stream can go on, None if one cannot from here."""
        found: dict[str, Halted] = {}
        for name, trail in self._trails.items():
            reached, allowed = trail.reached(), self._scanners[name].remembered()
            if reached is None or allowed is None or (name == self._leader and reached.place is None):
                return None
            found[name] = Halted(reached, allowed)
        return found

    def _opened(
        self, stream: Stream, halted: Halted | None, rules: Sequence[SecretRule], *, leads: bool
    ) -> Iterator[Batch]:
        trail = self._trails[stream.name] = Trail(stream, None if halted is None else halted.reached)
        found: list[Finding] = []
        allowed = frozenset[tuple[str, str]]() if halted is None else halted.allowed
        scanner = self._scanners[stream.name] = Scanner(rules, found.append, allowed)
        read: Iterator[Batch] = iter(())
        if halted is None or halted.reached.place is not None:
            pace = STEADY if leads else Pace(_STEP, max(0, trail.size - NEAR))
            start = None if halted is None else halted.reached.place
            read = read_batches(stream, max_line_bytes=self._limit, pace=pace, start=start)
        followed = trail.follow(read)
        scanned = followed if self._is_scanned else scanner.batches(stream.name, followed)
        return self._announced(stream.name, scanned, found)

    def _announced(self, name: str, batches: Iterator[Batch], found: list[Finding]) -> Iterator[Batch]:
        """Give batches, each with the findings of the scanner about its own."""
        for batch in batches:
            self._announce(name, batch.first + len(batch.raws))
            yield batch._replace(findings=[*batch.findings, *found]) if found else batch
            found.clear()
