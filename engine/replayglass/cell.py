"""What stands in a cell of a small table: texts, numbers, links, codes, badges, small lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST = 2
"""Points of a small line, at least."""


class Link(NamedTuple):
    """A link inside the site; ``href`` is relative to the site's root and written by us."""

    text: str
    href: str


class Code(NamedTuple):
    """An identifier or path, set in monospace."""

    text: str


class Badge(NamedTuple):
    """A word with a tone: ``good``, ``warn``, ``bad`` or ``note``; the word alone says it too."""

    text: str
    tone: str


class Spark(NamedTuple):
    """How a count went, as a line of few points in a cell; ``words`` say the same to who cannot see it."""

    points: Sequence[int]
    words: str


def spark(points: Sequence[int], over: str) -> Spark | None:
    """Return how a count went ``over`` something, None where there are not two points to compare."""
    if len(points) < _LEAST:
        return None
    words = f"{len(points)} steps of {over}: {points[0]:,} in the first, {points[-1]:,} in the last"
    return Spark(points, f"{words}, {min(points):,} to {max(points):,} in each")


Cell = str | int | None | Link | Code | Badge | Spark
