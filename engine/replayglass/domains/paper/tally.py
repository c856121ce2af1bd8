"""The numbers of a PAPER run: counts by type and over time, safety answers, open positions, the newest events."""

from __future__ import annotations

from collections import Counter, deque
from itertools import groupby
from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.collection import array_field, fit, moved_rows, value_field
from replayglass.domains.paper.decode import DAMAGED, Invalid
from replayglass.domains.paper.events import EVENT_TYPES, AuditEvent
from replayglass.domains.paper.streamdocs import Summary
from replayglass.page import Document
from replayglass.timeline import Levels, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.damage import Unreadable
    from replayglass.page import Artifact

LATEST = 100
"""Events in the document of the latest events; the observer contract allows 1 to 1000."""

MAX_OTHER_TYPES = 32
_MAX_TYPE = 64
_OWN = frozenset(kind.type for kind in EVENT_TYPES)
_FOLDER = "v1/observe/persistence/audit-events"


class Tally:
    """Counts every readable event; keeps the newest."""

    def __init__(self, limit: int) -> None:
        self.total = 0
        self.by_type: Counter[str] = Counter()
        self.other_types = 0
        self.safety: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.recovered: Counter[str] = Counter()
        self.timeline = Timeline()
        self.open: dict[str, Levels] = {}
        self.last_id: str | None = None
        self.last_time: int | None = None
        self.latest: deque[tuple[int, bytes, AuditEvent | Invalid]] = deque(maxlen=LATEST)
        self._limit = limit

    def count(self, items: Sequence[AuditEvent | Invalid | Unreadable], first: int) -> None:
        """Count the readable events among ``items``, in their order; ``first`` is the number of the first item."""
        for is_damaged, group in groupby(enumerate(items, first), lambda item: isinstance(item[1], DAMAGED)):
            if is_damaged:
                for _, item in group:
                    if isinstance(item, Invalid):
                        self._count_invalid(item)
            else:
                events = [(seq, item) for seq, item in group if not isinstance(item, DAMAGED)]
                self.count_valid([event for _, event in events], events[0][0])

    def count_valid(self, events: Sequence[AuditEvent], first: int) -> None:
        """Count valid events that follow each other; ``first`` is the number of the first."""
        kinds = [event.type for event in events]
        self.total += len(events)
        self.by_type.update(kinds)
        self.timeline.add([event.logical_time for event in events], kinds, range(first, first + len(events)))

    def _count_invalid(self, item: Invalid) -> None:
        """Count a readable event that is not valid; unknown types by name while there are few."""
        self.total += 1
        kind = item.type
        if kind is not None and (kind in self.by_type or kind in _OWN or self._may_name(kind)):
            self.by_type[kind] += 1
        else:
            self.other_types += 1

    def _may_name(self, kind: str) -> bool:
        others = sum(1 for name in self.by_type if name not in _OWN)
        return others < MAX_OTHER_TYPES and len(kind) <= _MAX_TYPE and kind.isprintable()

    def keep(self, newest: Sequence[tuple[int, bytes, AuditEvent | Invalid]]) -> None:
        """Remember the newest readable events (sequence number, bytes, meaning)."""
        self.latest.extend(newest)
        if newest:
            item = newest[-1][2]
            self.last_id = item.id
            self.last_time = item.logical_time

    def documents(self) -> Iterator[Artifact]:
        """Give the summary and the latest events."""
        time = None if self.last_time is None else str(self.last_time)
        summary = Summary(self.total, dict(self.by_type), self.last_id, time, self.other_types)
        title = "Counts of audit events"
        yield Document(f"{_FOLDER}/summary.json", encode(summary), "audit-events-summary", title)
        fitted = fit([seq for seq, _, _ in self.latest], [raw for _, raw, _ in self.latest], self._limit)
        fields = array_field("events", fitted.parts)
        if fitted.moved:
            fields += b"," + value_field("moved", moved_rows(fitted.moved, "seq"))
            yield from (blob for _, blob in fitted.moved)
        title = f"The last {LATEST} audit events"
        yield Document(f"{_FOLDER}/latest.json", b"{" + fields + b"}\n", "audit-events-latest", title)

    def set_open(self, plane: str, time: int, level: int, seq: int) -> None:
        """Take note of the number of open positions of a plane after event ``seq``."""
        self.open.setdefault(plane, Levels()).set(time, level, seq)
