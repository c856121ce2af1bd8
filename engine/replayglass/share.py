"""Which pages of a site a process makes: all, or its part of them."""

from __future__ import annotations

import re
from typing import NamedTuple

RANGE = 16
"""Numbered pages that follow each other and are made by one process, where nothing says when they were begun."""

STRETCH = 16_384
"""Records of the leading stream: pages that are begun within them are made by one process.

A multiple of the records that a domain looks at together, and so many that pages over two stretches matter little.
"""

_PAGE = re.compile(r".+/([0-9]{6,15})\.(?:html|json)", re.DOTALL)

_OTHERS = 3
"""Stretches that each of the other shares has for one of the first, which also counts, proves and publishes."""


class Share(NamedTuple):
    """Share ``number`` of so many; the first one has what is no page of a stretch and no numbered page.

    ``records`` are those of a stretch.
    """

    number: int
    of: int
    records: int = STRETCH

    @property
    def is_first(self) -> bool:
        """Say whether this is the share of the process that publishes."""
        return self.number == 0

    def stretch(self, seq: int) -> int:
        """Return the number of the stretch in which record ``seq`` of the leading stream stands."""
        return seq // self.records

    def makes(self, stretch: int) -> bool:
        """Say whether the pages begun in this stretch of the leading stream belong to this share."""
        others = self.of - 1
        turn = stretch % (1 + _OTHERS * others)
        return self.number == (0 if turn == 0 else 1 + (turn - 1) % others)

    def has(self, path: str, stretch: int | None = None) -> bool:
        """Say whether a file belongs to this share; without a ``stretch`` its path says so."""
        if stretch is not None:
            return self.makes(stretch)
        page = _PAGE.fullmatch(path)
        return self.number == (0 if page is None else int(page[1]) // RANGE % self.of)


WHOLE = Share(0, 1)


def shares(count: int) -> list[Share]:
    """Return all shares of ``count`` workers."""
    return [Share(number, count) for number in range(count)]
