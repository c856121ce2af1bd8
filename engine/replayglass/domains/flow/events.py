"""Event records of an instance: their history, the latest one, windows over them (flow-vm, sections 8, 14, 15)."""

from __future__ import annotations

from functools import lru_cache
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
_NO_BEAT = -1
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


class Front(NamedTuple):
    """The greatest beat among events, -1 if none can be read, and the keys of those that have it."""

    beat: int
    keys: set[str]


def append_history(record: Tree, now: int, status: str, action: str) -> None:
    """Note in ``record`` that its status changed; its own status, action and beat follow (section 8.4)."""
    history = record["history"] = children(record, "history")
    entry = _entry(now, status, action)
    history[f"{now}_{len(history)}"] = entry
    record.update(entry)


@lru_cache(maxsize=64)
def _entry(now: int, status: str, action: str) -> Tree:
    """Return an entry of a history; nobody changes one, so events of a beat can have the same and take less memory."""
    return {"status": status, "action": action, "beat": str(now)}


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


def beat_of(record: Tree) -> int:
    """Return the beat of an event, that of its last change of status; -1 if it has none that can be read."""
    beat = unsigned(text(record, "beat"))
    return _NO_BEAT if beat is None else beat


def front(events: Tree) -> Front:
    """Return the front of ``events``."""
    greatest = _NO_BEAT
    keys: set[str] = set()
    for key, record in events.items():
        if not isinstance(record, dict):
            continue
        beat = beat_of(record)
        if beat > greatest:
            greatest, keys = beat, {key}
        elif beat == greatest:
            keys.add(key)
    return Front(greatest, keys)


def first(found: Front, events: Tree, names: Names) -> Latest | None:
    """Return the first of the front of ``events`` in the order that ``names`` have now, or None."""
    beat, keys = found
    key = next(iter(keys)) if len(keys) == 1 else min(keys, key=names.order, default=None)
    return None if key is None else Latest(key, events[key], None if beat == _NO_BEAT else beat)


def latest(node: Tree, names: Names) -> Latest | None:
    """Return the latest event of an instance, or None."""
    events = children(node, "events")
    return first(front(events), events, names)


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
