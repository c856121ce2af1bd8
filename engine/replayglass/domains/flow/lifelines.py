"""Where each instance stood over the beats: a few bytes a change, and a bounded number of changes an instance."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.columns import Interned

if TYPE_CHECKING:
    from replayglass.domains.flow.beat import Change, Stand

MOST = 64
"""Stays that are remembered of one instance; beyond that, the oldest are remembered as one."""

_FIELDS = 3


class Stay(NamedTuple):
    """Where an instance stood from the end of beat ``beat`` on; None: in several places, which are not remembered.

    ``row`` is the row of the lifecycle that says how it came there.
    """

    beat: int
    row: int
    stand: Stand | None


class Lifelines:
    """The stays of each instance; instances are numbered by their first change, which is their first start."""

    def __init__(self) -> None:
        self._instances = Interned[str]()
        self._places = Interned["Stand | None"]()
        self._several = self._places.number(None)
        self._stays: list[array[int]] = []

    def __len__(self) -> int:
        return len(self._stays)

    @property
    def names(self) -> list[str]:
        """The instances in the order of their numbers."""
        return self._instances.values

    def find(self, name: str) -> int | None:
        """Return the number of an instance, if it was started."""
        return self._instances.find(name)

    def add(self, number: int, row: int, change: Change) -> int:
        """Take in what changed in beat ``number``; of several changes in one beat the last one counts.

        Returns the number of the instance.
        """
        instance = self._instances.number(change.instance)
        if instance == len(self._stays):
            self._stays.append(array("I"))
        stays, place = self._stays[instance], self._places.number(change.after)
        if stays and stays[-_FIELDS] == number:
            del stays[-_FIELDS:]
        if stays and stays[-1] == place:
            return instance
        stays.extend((number, row, place))
        if len(stays) > MOST * _FIELDS:
            del stays[_FIELDS : 2 * _FIELDS]
            stays[_FIELDS - 1] = self._several
        return instance

    def of(self, instance: int) -> list[Stay]:
        """Return the stays of an instance, oldest first."""
        stays = self._stays[instance]
        return [
            Stay(beat, row, self._places.values[place])
            for beat, row, place in zip(stays[::_FIELDS], stays[1::_FIELDS], stays[2::_FIELDS], strict=True)
        ]
