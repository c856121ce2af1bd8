"""How reports write what a log says: hidden characters by name, long texts cut, places as a reader looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.render.escape import name_hidden

if TYPE_CHECKING:
    from replayglass.findings import FindingRow


def shown(text: str, limit: int) -> str:
    """Return ``text`` on one line, cut after ``limit`` characters; nothing in it is hidden or reorders its line."""
    return name_hidden(text if len(text) <= limit else f"{text[: limit - 1]}\u2026")


def place_of(row: FindingRow) -> str:
    """Return where a finding is, as file:line if it has a line."""
    place = row.segment or row.stream
    return place if row.line is None else f"{place}:{row.line}"


def byte_of(row: FindingRow) -> str:
    """Return at which byte of its file a finding is, nothing if that is unknown."""
    return "" if row.offset is None else f"byte {row.offset:,}"
