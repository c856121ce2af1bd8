"""One run of an instance in a sweep: what a step is given, and what it can answer (flow-vm, section 6)."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.tree import INSTANCE, Link, text

if TYPE_CHECKING:
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.state import Instance
    from replayglass.domains.flow.tree import Tree

WAITING = "waiting"
ERROR_STATE = "error"


class Answer(Enum):
    """What a step answers: go on, stop here, or stop in error."""

    ADVANCE = auto()
    BLOCK = auto()
    ERROR = auto()


class Step(NamedTuple):
    """A step of a program: its kind as stored, its spec, and where it stands."""

    kind: str | None
    spec: Tree
    place: Link


class Budget(NamedTuple):
    """What a clamp prepared: the limit of steps, and those used before this run (section 11.1)."""

    limit: int
    used: int


class Run:
    """A run: the instance, its program counter, the steps done so far, and the budget if a clamp prepared one.

    ``now`` is the number of the beat, ``node`` that of the instance.
    """

    __slots__ = ("_latest", "budget", "instance", "machine", "node", "now", "pc", "steps")

    def __init__(self, machine: Machine, instance: Instance, pc: int) -> None:
        self.machine = machine
        self.instance = instance
        self.node = instance.node
        self.now = machine.state.beat
        self.pc = pc
        self.steps = 0
        self.budget: Budget | None = None
        self._latest: tuple[Latest, Link] | None = None

    @property
    def state(self) -> str | None:
        """The state of the instance."""
        return text(self.node, "state")

    def latest(self) -> tuple[Latest, Link] | None:
        """Return the latest event of the instance and a link to it, None without one; asked for once is enough."""
        if self._latest is None:
            found = self.machine.newest.of(self.instance)
            if found is not None:
                path = (INSTANCE, self.instance.name, "events", found.key)
                self._latest = found, Link(path, self.instance.era)
        return self._latest

    def forget_events(self) -> None:
        """Look for the latest event again: a step may have changed them."""
        self._latest = None

    def block(self, state: str) -> Answer:
        """Set the state and stop."""
        self.node["state"] = state
        return Answer.BLOCK

    def fail(self) -> Answer:
        """Stop in error."""
        self.node["state"] = ERROR_STATE
        return Answer.ERROR
