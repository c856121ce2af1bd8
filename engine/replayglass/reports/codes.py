"""What the documentation says of each finding code: what it means, and what to do."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROW = re.compile(r"\| `([^`|]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")


class Meaning(NamedTuple):
    """The row of a code in docs/findings.md."""

    severity: str
    meaning: str
    remedy: str


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return the rows of docs/findings.md by code: the file is part of the package, and of the source tree."""
    here = Path(__file__)
    installed = here.parents[1] / "docs" / "findings.md"
    path = installed if installed.is_file() else here.parents[3] / "docs" / "findings.md"
    rows = map(_ROW.fullmatch, path.read_text(encoding="utf-8").splitlines())
    return {row[1]: Meaning(row[2].split(", ")[0], row[3], row[4]) for row in rows if row}
