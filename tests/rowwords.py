"""Rows as plain words, for tests that look at what a page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper.places import DECISIONS
from replayglass.row import DocumentLink, Field, Raw, RowLink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.row import Row


def words(row: Row) -> str:
    """Return what a row says as plain text, its cells apart by bars."""
    values = iter(row.values)
    return " | ".join("".join(_part(part, values) for part in cell) for cell in row.kind.cells)


def _part(part: object, values: Iterator[object]) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, RowLink):
        page, number, text = next(values), next(values), next(values)
        assert page == int(str(number)) // part.collection.size
        return str(text)
    if isinstance(part, DocumentLink):
        next(values)
        return part.text
    assert isinstance(part, Field | Raw)
    return str(next(values))


def decision_of(row: Row) -> int | None:
    """Return the decision that a row is joined to; feedback may point at another one."""
    place, before = 0, ""
    for part in (part for cell in row.kind.cells for part in cell):
        if isinstance(part, RowLink):
            if part.collection is DECISIONS and before not in {"the decision ", " of decision "}:
                number = row.values[place + 1]
                assert isinstance(number, int)
                return number
            place += 3
        elif not isinstance(part, str):
            place += 1
        before = part if isinstance(part, str) else ""
    return None
