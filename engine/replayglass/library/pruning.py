"""Publications that a rule says to remove: the oldest of each run, or those that end before a logical time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from replayglass.library.catalogue import Removal, Side
from replayglass.library.changing import change, is_finished
from replayglass.library.opening import open_library
from replayglass.library.pages import runs_of

if TYPE_CHECKING:
    from replayglass.library.catalogue import Library, Publication
    from replayglass.library.storage import Storage

_TIME = re.compile(r"-?[0-9]{1,20}", re.ASCII)


def prune(storage: Storage, keep: int | None, before: int | None) -> list[Publication]:
    """Remove all but the newest ``keep`` publications of each run, and those that end before a logical time.

    Returns those that were removed now. What an interrupted command left undone is completed.

    Raises:
        OutputError: the library cannot be used or written.
    """
    library = open_library(storage)
    if library.data is None:
        return []
    removed = {one.address: one for one in doomed(library, keep, before)}
    if removed or not is_finished(library):
        rows = tuple(removed.get(row.address, row) for row in library.rows)
        change(storage, library, rows, tuple(Side(one.run, one.size) for one in removed.values()))
    return list(removed.values())


def doomed(library: Library, keep: int | None, before: int | None) -> list[Publication]:
    """Return the publications that go, each with the reason why."""
    going = []
    for publications in runs_of(library).values():
        there = [one for one in publications if one.removed is None]
        for place, one in enumerate(reversed(there)):
            rule = _rule(one, place, keep, before)
            if rule:
                going.append(replace(one, removed=Removal(rule, publications[-1].size)))
    return going


def _rule(one: Publication, place: int, keep: int | None, before: int | None) -> str:
    """Return the rule by which a publication goes, the ``place``-th one of its run counted from the newest."""
    if keep is not None and place >= keep:
        return f"keep the newest {keep} of each run"
    end = one.last_logical_time
    if before is not None and end is not None and _TIME.fullmatch(end) and int(end) < before:
        return f"remove what ends before logical time {before}"
    return ""
