"""Which program an instance runs, as steps in their order (flow-vm, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.names import size
from replayglass.domains.flow.run import Step
from replayglass.domains.flow.tree import INSTANCE, Link, children, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.state import Instance
    from replayglass.domains.flow.tree import Tree

_MAX_FALLBACK = 64

Steps = tuple[Step, ...]


def steps_of(machine: Machine, instance: Instance) -> Steps | None:
    """Return the steps that ``instance`` runs, None if its program has none to be run."""
    for link in _candidates(machine, instance):
        node = machine.follow(link)
        if node is not None:
            return _steps(machine, link.path, node)
    return _steps(machine, (INSTANCE, instance.name), instance.node)


def _candidates(machine: Machine, instance: Instance) -> Iterator[Link]:
    """Yield where the program may be: the first link that is alive is it.

    The program of an instance's own variant is no candidate: an instance keeps its variant as text.
    """
    program = instance.node.get("program")
    if isinstance(program, Link):
        yield program
    elif program is not None:
        yield machine.link(INSTANCE, instance.name, "program")
    name = machine.names.text(instance.name)
    if name is not None and size(name) < _MAX_FALLBACK:
        program = machine.state.ledgers["variant"].get(name, {}).get("program")
        if isinstance(program, Link):
            yield program
        yield Link(("program", name))


def _steps(machine: Machine, path: tuple[str, ...], node: Tree | str) -> Steps | None:
    steps = node.get("steps") if isinstance(node, dict) else None
    if not isinstance(steps, dict):
        return None
    known = machine.programs.get(path)
    if known is None or known[0] is not steps:
        era = machine.era(path)
        ordered = tuple(_step((*path, "steps", key), era, steps[key]) for key in machine.names.sort(steps))
        known = machine.programs[path] = (steps, ordered)
    return known[1]


def _step(path: tuple[str, ...], era: int, step: object) -> Step:
    node = step if isinstance(step, dict) else {}
    return Step(text(node, "kind"), children(node, "spec"), Link(path, era))
