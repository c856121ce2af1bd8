"""A flow run at its end: what the pages about the whole run are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.domains.flow.compare import Comparison
    from replayglass.domains.flow.journal import Replay
    from replayglass.domains.flow.recorded import Recorded
    from replayglass.domains.flow.shelves import Shelves


class Finished:
    """A run at its end: the machine, what it did, and what the comparison came to."""

    def __init__(self, replay: Replay, shelves: Shelves, comparison: Comparison, recorded: Recorded) -> None:
        self.replay = replay
        self.shelves = shelves
        self.comparison = comparison
        self.recorded = recorded
        self.state: Mapping[str, Any] = replay.flow.dump(inbox=False)

    @property
    def ledger(self) -> str:
        """Return what the comparison came to, as the site says it: a ledger that is equal is ``proven``."""
        status = self.comparison.status
        return "proven" if status == "equal" else status

    @property
    def flow(self) -> Mapping[str, Any]:
        """Return what is under ``/data/flow`` but the inbox."""
        found: Mapping[str, Any] = self.state["flow"]
        return found
