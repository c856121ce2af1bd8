"""The latest event of each instance, found without looking at all of its events again (flow-vm, section 8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.events import Front, beat_of, first, front
from replayglass.domains.flow.tree import children

if TYPE_CHECKING:
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.names import Names
    from replayglass.domains.flow.state import Instance

FEW = 16
"""Events up to which looking at each of them is cheap enough to remember nothing."""


class _Known(NamedTuple):
    """The front of an instance's events, and how often the instance had been filled anew when it was found."""

    era: int
    front: Front


class Newest:
    """What is remembered of the events of the instances that have more than a few; the state says the same."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[str, _Known] = {}

    def of(self, instance: Instance) -> Latest | None:
        """Return the latest event of ``instance``, or None.

        Of events that are equally late the first in order is looked for each time: the order of names may change.
        """
        events = children(instance.node, "events")
        if len(events) <= FEW:
            return first(front(events), events, self._names)
        known = self._known.get(instance.name)
        if known is None or known.era != instance.era:
            known = self._known[instance.name] = _Known(instance.era, front(events))
        return first(known.front, events, self._names)

    def wrote(self, instance: Instance, key: str) -> None:
        """Take note that the event ``key`` of ``instance`` was written: it is new, or it may have another beat."""
        known = self._known.get(instance.name)
        if known is None or known.era != instance.era:
            return
        beat, keys = known.front
        now = beat_of(instance.node["events"][key])
        if now > beat:
            self._known[instance.name] = _Known(instance.era, Front(now, {key}))
        elif now == beat:
            keys.add(key)
        elif key in keys:
            del self._known[instance.name]  # it went back in time, as one that a client seeded can: find the front anew
