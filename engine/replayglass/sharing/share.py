"""Which files of a site a worker makes: every so-and-so-manieth range of the numbered pages."""

from __future__ import annotations

import re
from typing import NamedTuple

RANGE = 16
"""Pages that follow each other and are made by one worker."""

_PAGE = re.compile(r".+/([0-9]{6,15})\.(?:html|json)", re.DOTALL)


class Share(NamedTuple):
    """Share ``number`` of so many; what is no numbered page belongs to the first one."""

    number: int
    of: int

    @property
    def is_first(self) -> bool:
        """Say whether this is the share of the process that publishes."""
        return self.number == 0

    def has(self, path: str) -> bool:
        """Say whether the file ``path`` belongs to this share."""
        page = _PAGE.fullmatch(path)
        return self.number == (0 if page is None else int(page[1]) // RANGE % self.of)


WHOLE = Share(0, 1)


def shares(count: int) -> list[Share]:
    """Return all shares of ``count`` workers."""
    return [Share(number, count) for number in range(count)]
