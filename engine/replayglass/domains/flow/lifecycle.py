"""How instances begin and are controlled: inst_start and inst_ctrl (flow-vm, sections 4.3 and 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.machine import stand
from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.outcomes import OK, Result
from replayglass.domains.flow.state import Instance
from replayglass.domains.flow.tree import Link, children, ensure, identifier, own, text

if TYPE_CHECKING:
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.tree import Tree

_CONTROLS = {"pause": "paused", "resume": "ready", "cancel": "done"}
_BUDGET = "budget"


class _Attempt(NamedTuple):
    """What an intent made of an instance: the instance, the outcome code, the cause of the change."""

    instance: Instance
    code: str
    cause: str


def start_instance(machine: Machine, payload: Tree) -> Result:
    """Start (or restart) an instance."""
    name = identifier(payload, "id", machine.names)
    return Result("missing-id") if name is None else _apply(machine, name, payload, is_start=True)


def control_instance(machine: Machine, payload: Tree) -> Result:
    """Pause, resume or cancel an instance, or set its budget."""
    names = machine.names
    name = identifier(payload, "inst_id", names) or identifier(payload, "id", names)
    if name is None:
        return Result("missing-id")
    if name not in machine.state.instances and machine.rules.controls_need_instance:
        return Result("unknown-instance", name)
    return _apply(machine, name, payload, is_start=False)


def _apply(machine: Machine, name: str, payload: Tree, *, is_start: bool) -> Result:
    """Make the change; one that fails keeps what it came to, and is fatal, unless the rules go on (section 3.4)."""
    old = machine.state.instances.get(name)
    before = stand(old.node) if old else None
    instance, code, cause = (_start if is_start else _control)(machine, name, old, payload)
    is_fatal = code != OK and not machine.rules.failures_continue
    if is_fatal:
        machine.state.stale.setdefault(name, old)
    if is_fatal or code == OK:
        machine.state.instances[name] = instance
        if old is None or cause != _BUDGET:
            machine.settle(instance)
        machine.moved(instance, cause, before)
    return Result(code, name, is_fatal)


def _start(machine: Machine, name: str, old: Instance | None, payload: Tree) -> _Attempt:
    node = {**own(payload), "original": payload}
    instance = Instance(name, node, old.era + 1 if old else 0, old.patterns if old else ())
    return _Attempt(instance, _fill(machine, node), "start")


def _fill(machine: Machine, node: Tree) -> str:
    """Make a copied request an instance, as far as that goes; return the outcome code."""
    variant = identifier(node, "variant", machine.names)
    if variant is None:
        return "missing-variant"
    entry = machine.state.ledgers["variant"].get(variant)
    if entry is None:
        return "unknown-variant"
    program = entry.get("program")
    if program is not None:
        node["program"] = program if isinstance(program, Link) else machine.link("variant", variant, "program")
    node.update(state="ready", pc="0")
    for name in ("events", _BUDGET):
        if ensure(node, name) is None:
            return name
    return OK


def _control(machine: Machine, name: str, old: Instance | None, payload: Tree) -> _Attempt:
    instance = old or Instance(name, {})
    action = text(payload, "action")
    if action is None:
        return _Attempt(instance, "missing-action", "control")
    if action == _BUDGET:
        _set_budget(instance.node, payload, machine.now)
    elif action in _CONTROLS:
        instance.node["state"] = _CONTROLS[action]
        if action == "cancel" and machine.rules.cancel_unsubscribes:
            instance.node.pop("subs", None)
    else:
        return _Attempt(instance, "unknown-action", "control")
    return _Attempt(instance, OK, action)


def _set_budget(node: Tree, payload: Tree, now: int) -> None:
    node["original"] = payload
    asked = children(payload, _BUDGET)
    limit = unsigned(text(asked if "step_limit" in asked else payload, "step_limit"))
    budget = ensure(node, _BUDGET) if limit else None
    if budget is not None:
        budget.update(step_limit=str(limit), steps_used="0", beat=str(now))
