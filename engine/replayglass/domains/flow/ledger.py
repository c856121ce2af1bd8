"""The decision ledger: its cells, and how they leave it when they are no longer kept (flow-vm, section 13.3)."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.retention import ARCHIVE

if TYPE_CHECKING:
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.state import State


class Departure(NamedTuple):
    """A cell that left the ledger."""

    instance: str
    site: str
    decision: Decision
    is_archived: bool


def find(cells: dict[str, dict[str, Decision]], instance: str, site: str) -> Decision | None:
    """Return a cell of the ledger or of the archive, or None."""
    found = cells.get(instance)
    return found.get(site) if found else None


def record(state: State, instance: str, site: str, decision: Decision) -> None:
    """Write a cell, new or filled in; what is kept for a while only is noted under the beat in which it leaves."""
    cells = state.decisions.setdefault(instance, {})
    is_new = site not in cells
    cells[site] = decision
    if is_new and decision.upto:
        leaving = state.due.get(decision.upto)
        if leaving is None:
            leaving = state.due[decision.upto] = []
            heappush(state.due_beats, decision.upto)
        leaving.append((instance, site))


def enforce(state: State, now: int) -> list[Departure]:
    """Take what is no longer kept out of the ledger; the time it takes depends only on how much that is."""
    gone: list[Departure] = []
    while state.due_beats and state.due_beats[0] <= now:
        for instance, site in state.due.pop(heappop(state.due_beats)):
            decision = state.decisions[instance].pop(site)
            is_archived = decision.retain is not None and decision.retain.mode == ARCHIVE
            if is_archived:
                state.archive.setdefault(instance, {})[site] = decision
            gone.append(Departure(instance, site, decision, is_archived))
    return gone
