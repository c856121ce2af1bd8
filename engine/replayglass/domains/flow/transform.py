"""The transform step, the slots that it stages, and what becomes of them (flow-vm, section 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.beat import Emit
from replayglass.domains.flow.run import Answer
from replayglass.domains.flow.signals import segments
from replayglass.domains.flow.state import OP_ADD, Impulse
from replayglass.domains.flow.tree import INSTANCE, Link, children, ensure, text

if TYPE_CHECKING:
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.state import Instance
    from replayglass.domains.flow.tree import Tree

_CHAIN = ("sig_cell", "op_add")
_KEY_TRIES = 64
_MARK = {"status": "missing-target", "outcome": "error"}


def transform(run: Run, step: Step) -> Answer:
    """Set the state, stage one slot for each child of the payload, and record the payload as an event."""
    spec = step.spec
    state, payload = text(spec, "state"), spec.get("payload")
    if state:
        run.node["state"] = state
    if not isinstance(payload, dict):
        return Answer.ADVANCE
    events, emits = ensure(run.node, "events"), ensure(run.node, "emits") if payload else {}
    if events is None or emits is None:
        return run.fail()
    fallback = text(spec, "signal_path") or text(spec, "signal") or OP_ADD
    for index, name in enumerate(run.machine.names.sort(payload)):
        key = _free_key(run.pc, emits, len(emits) + index)
        if key is None:
            return run.fail()
        emits[key] = _slot(run, step, name, payload[name], fallback)
        _announce(run, key, emits[key]["signal_path"])
    events[str(run.pc)] = {**payload, "beat": str(run.now)}
    run.machine.newest.wrote(run.instance, str(run.pc))
    return Answer.ADVANCE


def _free_key(pc: int, emits: Tree, first: int) -> str | None:
    return next((key for key in (f"{pc}_{m}" for m in range(first, first + _KEY_TRIES)) if key not in emits), None)


def _slot(run: Run, step: Step, name: str, content: object, fallback: str) -> Tree:
    slot: Tree = {**content} if isinstance(content, dict) else {name: content}
    place, era = step.place.path, step.place.era
    parents = [Link((INSTANCE, run.instance.name)), Link((*place, "spec", "payload", name), era), Link(place, era)]
    slot.update(pc=str(run.pc), beat=str(run.now), meta={"parents": parents})
    signal = text(slot, "signal_path") or text(slot, "signal") or fallback
    return {"signal_path": signal, "signal": signal, **slot, **_MARK}


def _announce(run: Run, key: str, signal: object) -> None:
    """Have a slot's signal run a chain in the next beat, if it is the one that the handlers subscribe to."""
    machine, instance = run.machine, run.instance
    said = signal if isinstance(signal, str) else OP_ADD
    machine.log.emits.append(Emit(instance.name, key, said))
    path = segments(said)
    if path is not None and path[:2] == _CHAIN:
        machine.send(Impulse((INSTANCE, instance.name, "emits", key), said, instance.era))


def mark_emits(machine: Machine, instance: Instance) -> None:
    """Mark the slots of an instance: an intent cannot name a link to publish to, so each lacks its target (12.3).

    A slot keeps its mark and a staged one is born with it, so that once is enough for what an instance began with.
    """
    emits = children(instance.node, "emits")
    if emits and machine.marked.get(instance.name) != instance.era:
        machine.marked[instance.name] = instance.era
        for slot in emits.values():
            if isinstance(slot, dict):
                slot.update(_MARK)
