"""What the index says of each policy's live decisions, without building the index (flow-vm, section 14)."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.decision import referred
from replayglass.domains.flow.events import WINDOW, Sample

if TYPE_CHECKING:
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.names import Names, Order


class Measured(NamedTuple):
    """A sample, and the cell that it was measured of."""

    instance: str
    site: str
    sample: Sample


class Standing:
    """A policy's live decisions: how many, of how many instances, and the newest samples, as its windows have them."""

    __slots__ = ("_last", "_newest", "instances", "live")

    def __init__(self) -> None:
        self.live = self.instances = 0
        self._last: str | None = None
        self._newest: list[tuple[int, Order, Order, Measured]] = []

    @property
    def window(self) -> list[Sample]:
        """The newest samples, newest first, equally new ones in the engine's order of their names (section 14.1)."""
        return [measured.sample for *_, measured in self._newest]

    @property
    def measured(self) -> list[Measured]:
        """The same samples with the cells that they were measured of."""
        return [measured for *_, measured in self._newest]

    def add(self, names: Names, instance: str, site: str, cell: Decision) -> None:
        """Take in a cell; all those of an instance come one after the other."""
        self.live += 1
        self.instances += instance != self._last
        self._last = instance
        measured, newest = cell.telemetry, self._newest
        if measured is not None and (len(newest) < WINDOW or cell.beat >= -newest[-1][0]):
            taken = Measured(instance, site, Sample(cell.beat, measured.latency, measured.error_flag))
            insort(newest, (-cell.beat, names.order(instance), names.order(site), taken))
            del newest[WINDOW:]


def standings(machine: Machine) -> dict[str, Standing]:
    """Return the standing of each policy that a live decision names."""
    found: dict[str, Standing] = {}
    for instance, cells in machine.state.decisions.items():
        for site, cell in cells.items():
            policy = referred(cell.policy)
            if policy is not None:
                standing = found.get(policy)
                if standing is None:
                    standing = found[policy] = Standing()
                standing.add(machine.names, instance, site, cell)
    return found
