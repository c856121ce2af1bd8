"""The wait step and the subscriptions that it arms (flow-vm, sections 8.1 and 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.delivery import note
from replayglass.domains.flow.events import add_record, append_history
from replayglass.domains.flow.machine import pattern_of
from replayglass.domains.flow.numbers import MASK, unsigned
from replayglass.domains.flow.run import WAITING, Answer
from replayglass.domains.flow.signals import is_glob
from replayglass.domains.flow.tree import children, ensure, put, signature, text

if TYPE_CHECKING:
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.tree import Tree


def wait(run: Run, step: Step) -> Answer:
    """Consume the event that came, give up after the deadline, or (re)arm the subscription and stop."""
    spec = step.spec
    subs, key = ensure(run.node, "subs"), str(run.pc)
    sub = None if subs is None else ensure(subs, key)
    if subs is None or sub is None:
        return run.fail()
    if text(sub, "status") == "triggered":
        note(run.machine, run.instance, sub, "consumed", "step")
        del subs[key]
        return Answer.ADVANCE
    if is_timed_out(sub, run.now):
        del subs[key]
        run.node["state"] = "ready"
        if run.machine.rules.timeout_history:
            _record_timeout(run, sub)
        return Answer.ADVANCE
    _arm(run, spec, sub)
    return run.block(WAITING)


def is_timed_out(sub: Tree, now: int) -> bool:
    """Say whether the deadline of a subscription is reached."""
    deadline = unsigned(text(sub, "deadline"))
    return deadline is not None and now >= deadline


def _arm(run: Run, spec: Tree, sub: Tree) -> None:
    pattern = text(spec, "signal_path")
    pattern = text(spec, "signal") if pattern is None else pattern
    put(sub, "signal_path", pattern or None)
    if pattern and is_glob(pattern):
        sub["signal_glob"] = pattern
    else:
        put(sub, "signal", pattern or None)
        put(sub, "signal_glob", None)
    timeout = unsigned(text(spec, "timeout"))
    put(sub, "timeout", str(timeout) if timeout else None)
    put(sub, "deadline", str((run.now + timeout) & MASK) if timeout else None)
    put(sub, "context", signature(run.node))
    sub["status"] = "pending"


def _record_timeout(run: Run, sub: Tree) -> None:
    """Leave an event record that says that nothing came (row 2)."""
    pattern = pattern_of(sub)
    record: Tree = {"origin": "timeout"}
    put(record, "signal", pattern)
    put(record, "signal_path", pattern)
    put(record, "context", text(sub, "context"))
    append_history(record, run.now, "timeout", "step")
    key = add_record(run.node, run.now, len(children(run.node, "events")), record)
    if key is not None:
        run.machine.woke(run.instance, key, "timeout", pattern)
