"""The JSON documents about what a PAPER run persisted: its two streams and its configuration.

Records pass through as written (paper-runtime.md section 14); what is not known is null.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from replayglass.domains.paper.events import Plane  # noqa: TC001 - msgspec reads the annotations
from replayglass.pageschema import DamagedRecord, MovedRecord, Natural, PageHead


class OpenPosition(Struct):
    """A position that is open as far as events tell, and the event that opened it or executed in it last."""

    plane: Plane
    market: str
    seq: Natural


class Moment(Struct):
    """What the replay came to with the last event of a page: valid events by type, decisions, open positions.

    ``open`` counts the open positions of each plane, as events tell them; ``positions`` are the first of them, at most
    64, in the order in which events named their markets first.
    """

    events: dict[str, Natural]
    decisions: Natural
    open: dict[Plane, Natural]
    positions: list[OpenPosition]


class EventsPage(PageHead, kw_only=True):
    """Audit events as written, in file order; readable records that are not valid are among them, and listed too.

    ``after`` is the state of the replay after the last of them.
    """

    events: list[Any]
    unreadable: list[DamagedRecord]
    invalid: list[DamagedRecord] = []
    moved: list[MovedRecord] = []
    after: Moment | None = None


class SnapshotsPage(PageHead, kw_only=True):
    """Ledger snapshots as written, in file order."""

    snapshots: list[Any]
    unreadable: list[DamagedRecord]
    invalid: list[DamagedRecord] = []
    moved: list[MovedRecord] = []


class LatestEvents(Struct):
    """The last 100 readable events as written, in file order."""

    events: list[Any]
    moved: list[MovedRecord] = []


class Summary(Struct):
    """Counts of the readable events, each id counted as often as it occurs.

    Types of our own eight, and up to 32 others, are counted by name in the order in which they were first seen;
    ``counts_of_other_types`` counts what is beyond, and events whose type is missing, long or not printable.
    """

    total_count: Natural
    counts_by_type: dict[str, int]
    last_event_id: str | None
    last_logical_time: str | None
    counts_of_other_types: Natural = 0


class LatestSnapshot(Struct):
    """The last valid snapshot as written, or null."""

    snapshot: Any


class RuntimeStatus(Struct):
    """The runtime's configuration as far as its publishable variables tell."""

    runtime_version: str | None
    node_version: str | None
    execution_plane: str | None
    persistence_mode: str | None
    snapshot_strategy: str | None
    safety_mode: str | None
    logical_time_source: str | None


class StoredStream(Struct):
    """Where a stream is, relative to the run, and its size on disk."""

    path: str
    exists: bool
    size_bytes: Natural | None


class Paths(Struct):
    """The two persisted streams."""

    audit_events: StoredStream
    snapshots: StoredStream
