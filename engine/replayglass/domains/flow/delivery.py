"""Events: how a request becomes canonical, whom it reaches, what that leaves (flow-vm, sections 4.5, 8.3 to 8.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.events import add_record, append_history
from replayglass.domains.flow.machine import pattern_of, stand
from replayglass.domains.flow.outcomes import OK, Result
from replayglass.domains.flow.signals import segments
from replayglass.domains.flow.tree import INSTANCE, Link, children, identifier, own, put, signature, text

if TYPE_CHECKING:
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.names import Names
    from replayglass.domains.flow.state import Instance
    from replayglass.domains.flow.tree import Tree

_WITHDRAWALS = ("cancel", "withdraw")


class Event(NamedTuple):
    """A canonical event: its request without outcome, what it says, and whether it names its instance."""

    payload: Tree
    signal: str
    action: str
    context: str | None
    is_targeted: bool


def canonical(payload: Tree, names: Names) -> tuple[Tree, str]:
    """Return an event's request as the engine completes it, and ``ok`` or the code of what is wrong with it.

    ``original`` holds a copy of itself as far as it was made when it was copied: the fields that sort before it.
    """
    own_order = names.order("original")
    before = {name: payload[name] for name in payload if names.order(name) < own_order}
    request = {**payload, "original": {**payload, "original": before}}
    path = text(request, "signal_path")
    if path is None:
        path = text(request, "signal")
    if not path:
        return request, "missing-signal"
    request["signal_path"] = path
    if segments(path) is None:
        return request, "signal-format"
    request["signal"] = text(request, "signal") or path
    if not isinstance(request.setdefault("payload", {}), dict):
        return request, "payload-type"
    context = signature(request)
    if context is not None:
        request["context"] = context
    return request, OK


def deliver(machine: Machine, request: Tree) -> Result:
    """Deliver a canonical event."""
    names = machine.names
    target = identifier(request, "inst_id", names) or identifier(request, "id", names)
    signal, action = request["signal_path"], text(request, "action") or "deliver"
    event = Event(request, signal, action, signature(request) or None, target is not None)
    if target is not None and target not in machine.state.instances:
        return Result("unknown-instance", target)
    reached = [target] if target is not None else names.sort(machine.listeners.of(signal, machine.matches))
    matched = [_deliver_to(machine, machine.state.instances[name], event) for name in reached]
    return Result(OK if any(matched) else "no-match", target)


def _deliver_to(machine: Machine, instance: Instance, event: Event) -> bool:
    before = stand(instance.node)
    if event.action in _WITHDRAWALS:
        matched = [_withdraw(machine, instance, sub, event) for sub in _matching(machine, instance, event)]
        after = "waiting" if before.state in (None, "ready") else before.state
    else:
        if machine.rules.wake_waiting_only and before.state != "waiting":
            return False
        number = len(children(instance.node, "events"))
        matched = []
        for sub in _matching(machine, instance, event):
            matched.append(_trigger(machine, instance, sub, event, number + sum(matched)))
        after = "ready"
    if any(matched):
        instance.node["state"] = after
        machine.settle(instance)
        machine.moved(instance, "event", before)
    return any(matched)


def _matching(machine: Machine, instance: Instance, event: Event) -> list[Tree]:
    """Return the subscriptions that ``event`` reaches, in order."""
    subs, context = children(instance.node, "subs"), signature(instance.node) or None
    return [
        subs[key]
        for key in machine.names.sort(subs)
        if (pattern := pattern_of(subs[key]))
        and machine.matches(pattern, event.signal)
        and (event.is_targeted or (text(subs[key], "context") or context) == event.context)
    ]


def _trigger(machine: Machine, instance: Instance, sub: Tree, event: Event, number: int) -> bool:
    now, node = machine.now, instance.node
    if text(sub, "status") == "triggered":
        note(machine, instance, sub, "duplicate", event.action)
        return False
    origin = "target" if event.is_targeted else "broadcast"
    record = {**event.payload, "signal": event.signal, "signal_path": event.signal, "origin": origin}
    record["history"] = own(children(event.payload, "history"))
    append_history(record, now, "queued", event.action)
    key = add_record(node, now, number, record)
    if key is None:
        return False
    sub.update(status="triggered", beat=str(now), origin=origin, signal=event.signal, payload=event.payload)
    sub.pop("deadline", None)
    put(sub, "context", signature(node))
    sub["event"] = Link((INSTANCE, instance.name, "events", key), instance.era)
    machine.woke(instance, key, "queued", event.signal)
    note(machine, instance, sub, "triggered", event.action)
    return True


def _withdraw(machine: Machine, instance: Instance, sub: Tree, event: Event) -> bool:
    if text(sub, "status") != "triggered":
        return False
    note(machine, instance, sub, "cancelled", event.action)
    sub["status"] = "pending"
    for name in ("event", "payload", "beat", "origin"):
        sub.pop(name, None)
    put(sub, "context", signature(instance.node))
    return True


def note(machine: Machine, instance: Instance, sub: Tree, status: str, action: str) -> None:
    """Note a status in the history of the event that triggered ``sub``, if the link to it is there."""
    link = sub.get("event")
    record = machine.follow(link) if isinstance(link, Link) else None
    if isinstance(link, Link) and isinstance(record, dict):
        append_history(record, machine.now, status, action)
        machine.woke(instance, link.path[-1], status, text(record, "signal"))
