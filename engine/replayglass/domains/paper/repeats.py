"""Events whose id the log had before: the same record again, or another one under its id."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from replayglass.coldrows import ColdRows
from replayglass.domains.paper.rulebook import CONFLICTING, IDENTICAL
from replayglass.idindex import IdIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.record import Batch
    from replayglass.rule import Problem


class Repeat(NamedTuple):
    """An id that was seen before, in event ``earlier``, and the finding about it."""

    earlier: int
    problem: Problem


class Repeats:
    """Remembers every id and, as a SHA-256, what its record held."""

    def __init__(self) -> None:
        self._seen = IdIndex()
        self._contents = ColdRows(sha256().digest_size)

    def find(self, event_id: str) -> int | None:
        """Return the event that had an id first."""
        return self._seen.find(event_id)

    def find_in(self, batch: Batch, ids: Sequence[str], places: Sequence[int]) -> dict[int, Repeat]:
        """Take a batch in; ``ids[i]`` is that of record ``places[i]`` of it. Return the repeats by place."""
        self._contents.append(b"".join([sha256(raw).digest() for raw in batch.raws]))
        known = self._seen.add(ids, [batch.first + place for place in places])
        return {places[i]: self._repeat(earlier, batch.first + places[i]) for i, earlier in known.items()}

    def _repeat(self, earlier: int, seq: int) -> Repeat:
        if self._contents[earlier] == self._contents[seq]:
            words = f"Expected each record once, found event {earlier} again, byte for byte; it is counted once."
            return Repeat(earlier, IDENTICAL.broken(words))
        words = f"The id is that of event {earlier}: expected the same record byte for byte, found another."
        return Repeat(earlier, CONFLICTING.broken(words))
