"""How much of the log's content a page shows: less and less, until the page fits the limit."""

from __future__ import annotations

from typing import NamedTuple

from replayglass.render.rows import Detail


class Level(NamedTuple):
    """How much of the log's content a page shows: besides `Detail` characters of a note, lines of a story, rows.

    ``rows`` bounds a small table. ``budget`` bounds the bytes of a page's rows; then only their numbers follow.
    """

    detail: Detail
    note: int
    lines: int
    rows: int | None = None
    budget: int | None = None
    is_short: bool = True

    @property
    def lanes(self) -> int | None:
        """How many lanes of a drawing are shown, None for all: fewer than rows, for their parts are rows too."""
        return None if self.rows is None else self.rows // 2


def levels(limit: int) -> tuple[Level, ...]:
    """Return the levels that are tried one after the other until a page fits ``limit`` bytes."""
    return (
        Level(Detail(1024, 16 * 1024), 256 * 1024, 1024, is_short=False),
        Level(Detail(256, 512), 64 * 1024, 1024),
        Level(Detail(64, 0), 8 * 1024, 64),
        Level(Detail(8, 0), 512, 16),
        Level(Detail(8, 0), 64, 4, limit // 2048, limit // 8),
    )
