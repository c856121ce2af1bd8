"""How far two logs are the same, found from the top of their trees down, so that few tiles are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from replayglass.proof.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable


class Rooted(Protocol):
    """A log that knows its root at any size up to its own."""

    @property
    def size(self) -> int:
        """Return the number of records."""

    def root_at(self, size: int) -> bytes:
        """Return the root of the first ``size`` records."""


def common_prefix(a: Rooted, b: Rooted) -> int:
    """Return how many first records two logs have in common.

    Two logs have the same first n records exactly if their roots at n are equal. Level by level, the last equal size is
    searched among those that only tiles of this level and above are needed for (multiples of 256^level).
    """
    size = min(a.size, b.size)
    if _agree(a, b, size):
        return size
    low, high = 0, size
    step = 1
    while step * WIDTH < size:
        step *= WIDTH
    while step:
        number = _last(lambda number: _agree(a, b, number * step), low // step, -(-high // step))  # noqa: B023 - at once
        low, high = number * step, min(high, (number + 1) * step)
        step //= WIDTH
    return low


def common_start(a: bytes, b: bytes) -> int:
    """Return how many first bytes are the same."""
    size = min(len(a), len(b))
    if a[:size] == b[:size]:
        return size
    return _last(lambda number: a[:number] == b[:number], 0, size)


def _agree(a: Rooted, b: Rooted, size: int) -> bool:
    return a.root_at(size) == b.root_at(size)


def _last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the last number for which ``holds`` is true: it is at ``low`` and before, it is not at ``high``."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
