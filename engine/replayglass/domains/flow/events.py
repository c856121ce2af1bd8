"""Event records of an instance: their history, the latest one, windows over them (flow-vm, sections 8, 14, 15)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.tree import children, ensure, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.domains.flow.names import Names
    from replayglass.domains.flow.tree import Tree

WINDOW = 8
"""Samples in a window."""

_KEY_TRIES = 32
_FAULTS = frozenset({"error", "timeout", "cancelled"})


class Sample(NamedTuple):
    """One measurement of a window."""

    beat: int
    latency: int
    error_flag: int


class Latest(NamedTuple):
    """The latest event of an instance (section 8.6) and its beat, None if it has none that can be read."""

    key: str
    record: Tree
    beat: int | None


def append_history(record: Tree, now: int, status: str, action: str) -> None:
    """Note in ``record`` that its status changed; its own status, action and beat follow (section 8.4)."""
    history = record["history"] = children(record, "history")
    entry = {"status": status, "action": action, "beat": str(now)}
    history[f"{now}_{len(history)}"] = entry
    record.update(entry)


def add_record(node: Tree, now: int, number: int, record: Tree) -> str | None:
    """Store ``record`` among the events of an instance under the first free key from ``number`` on; return the key."""
    events = ensure(node, "events")
    if events is None:
        return None
    for key in (f"{now}_{count}" for count in range(number, number + _KEY_TRIES)):
        if key not in events:
            events[key] = record
            return key
    return None


def latest(node: Tree, names: Names) -> Latest | None:
    """Return the latest event of an instance, or None."""
    found: Latest | None = None
    for key, record in children(node, "events").items():
        if not isinstance(record, dict):
            continue
        beat = unsigned(text(record, "beat"))
        if found is None or _is_later(beat, key, found, names):
            found = Latest(key, record, beat)
    return found


def _is_later(beat: int | None, key: str, found: Latest, names: Names) -> bool:
    if beat == found.beat:
        return names.order(key) < names.order(found.key)
    return found.beat is None or (beat is not None and beat > found.beat)


def is_faulty(record: Tree) -> bool:
    """Say whether the history of ``record`` holds an error, a timeout or a cancellation."""
    return any(
        isinstance(entry, dict) and entry.get("status") in _FAULTS for entry in children(record, "history").values()
    )


def last_beat(record: Tree) -> int:
    """Return the greatest beat in the history of ``record``, 0 without one."""
    return max(_beats(record), default=0)


def completion(record: Tree) -> int | None:
    """Return the beats from arrival to completion of a finished event; None while it is not finished (row 17)."""
    if text(record, "status") not in (*_FAULTS, "consumed", None):
        return None
    beats = list(_beats(record))
    return max(beats) - min(beats) if beats else 0


def _beats(record: Tree) -> Iterable[int]:
    for entry in children(record, "history").values():
        beat = unsigned(text(entry, "beat")) if isinstance(entry, dict) else None
        if beat is not None:
            yield beat


def window(samples: Iterable[Sample]) -> list[Sample]:
    """Return the newest 8 of ``samples``, newest first, equally new ones in their order (section 14.1)."""
    return list(islice(sorted(samples, key=lambda sample: -sample.beat), WINDOW))
