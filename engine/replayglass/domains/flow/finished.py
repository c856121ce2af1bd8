"""A flow run at its end: what the pages about the whole run are made from."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from replayglass.domains.flow.tree import text

if TYPE_CHECKING:
    from replayglass.domains.flow.compare import Comparison
    from replayglass.domains.flow.journal import Replay
    from replayglass.domains.flow.recorded import Recorded
    from replayglass.domains.flow.shelves import Shelves


class Finished:
    """A run at its end: the machine, what it did, what the comparison came to, and the bytes that a file may have."""

    def __init__(
        self, replay: Replay, shelves: Shelves, comparison: Comparison, recorded: Recorded, limit: int
    ) -> None:
        self.replay = replay
        self.shelves = shelves
        self.comparison = comparison
        self.recorded = recorded
        self.limit = limit

    @property
    def ledger(self) -> str:
        """Return what the comparison came to, as the site says it: a ledger that is equal is ``proven``."""
        status = self.comparison.status
        return "proven" if status == "equal" else status

    @cached_property
    def states(self) -> Counter[str]:
        """Return how many instances are in each state; "" is that of those without one."""
        return Counter(text(one.node, "state") or "" for one in self.replay.flow.state.instances.values())
