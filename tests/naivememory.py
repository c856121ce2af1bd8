"""The decision memory that events add up to, and the one that a replay published, in the same form."""

from __future__ import annotations

from itertools import chain
from typing import Any

from paperlog import MEMORY, Replayed
from reducer import count, fold, in_contract_form, later_event


def naive_memory(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the entries that section 12 gives for these events."""
    entries: dict[str, dict[str, Any]] = in_contract_form(fold(events))["entries"]
    return entries


def published_memory(replayed: Replayed) -> dict[str, dict[str, Any]]:
    """Return the entries of the decision pages with the later rows applied in order."""
    entries: dict[str, dict[str, Any]] = {}
    for page in replayed.json_pages(MEMORY):
        entries |= page["entries"]
    order = list(entries)
    for row in chain.from_iterable(page["rows"] for page in replayed.json_pages(f"{MEMORY}/later")):
        if not row["repeated"]:
            count(entries[order[row["decision"]]], later_event(row))
    return entries
