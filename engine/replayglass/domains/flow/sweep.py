"""The step sweep: every instance that can move runs its steps (flow-vm, section 6)."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from replayglass.domains.flow.clamp import clamp, commit_budget
from replayglass.domains.flow.decide import decide
from replayglass.domains.flow.guard import guard
from replayglass.domains.flow.machine import stand
from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.programs import steps_of
from replayglass.domains.flow.run import WAITING, Answer, Run, Step
from replayglass.domains.flow.transform import mark_emits, transform
from replayglass.domains.flow.tree import children, ensure, identifier, text
from replayglass.domains.flow.waiting import is_timed_out, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from replayglass.domains.flow.beat import Stand
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.state import Instance, State
    from replayglass.domains.flow.tree import Tree

_MAX_STEPS = 64
_STOPPED = frozenset({"done", "paused", "error"})
_STANDARD = frozenset({"ready", None})


def sweep(machine: Machine) -> None:
    """Run every instance that is awake or whose deadline has come, in order; have the pipeline go on if one moved."""
    state = machine.state
    _wake_timed_out(state, machine.now)
    names, state.awake = machine.names.sort(state.awake), {}
    moved = [_visit(machine, state.instances[name]) for name in names]
    for name in names:
        identifier(state.instances[name].node, "state", machine.names)  # the index pass would name a node so
    if any(moved):
        machine.carry_on()


def _wake_timed_out(state: State, now: int) -> None:
    while state.deadlines and state.deadlines[0][0] <= now:
        state.awake[heappop(state.deadlines)[1]] = None


def _visit(machine: Machine, instance: Instance) -> bool:
    """Run one instance if it can move; say whether it did, and have the next sweep visit it if it may move again."""
    node, before = instance.node, stand(instance.node)
    pc = unsigned(before.pc) or 0
    moves = before.state not in _STOPPED and (before.state != WAITING or _release(node, pc, machine.now))
    answer = _run(Run(machine, instance, pc)) if moves else None
    mark_emits(machine, instance)
    after = before
    if moves:
        machine.listen(instance)
        after = machine.moved(instance, "sweep", before)
    _schedule(machine, instance, after, answer)
    return moves


def _release(node: Tree, pc: int, now: int) -> bool:
    """Make a waiting instance ready if nothing holds it, its event came, or its deadline passed; say whether."""
    ensure(node, "subs")
    sub = _sub(node, pc)
    if sub is not None and text(sub, "status") != "triggered" and not is_timed_out(sub, now):
        return False
    node["state"] = "ready"
    return True


def _sub(node: Tree, pc: int) -> Tree | None:
    sub = children(node, "subs").get(str(pc))
    return sub if isinstance(sub, dict) else None


def _run(run: Run) -> Answer | None:
    """Run steps until one stops the instance, the program ends, or 64 are done; return the last one's answer."""
    steps = steps_of(run.machine, run.instance) or ()
    answer = None
    while run.steps < _MAX_STEPS and answer is not Answer.BLOCK:
        if run.pc >= len(steps):
            run.node["state"] = "done"
            break
        answer = _answer(run, steps[run.pc])
        if answer is Answer.ERROR:
            break
        run.steps += 1
        run.pc += answer is Answer.ADVANCE
    commit_budget(run)
    run.node["pc"] = str(run.pc)
    if run.state is None:
        run.node["state"] = "ready"
    return answer


def _answer(run: Run, step: Step) -> Answer:
    handler = _HANDLERS.get(step.kind or "")
    if handler is not decide:
        run.forget_events()
    return handler(run, step) if handler else Answer.ADVANCE


def _schedule(machine: Machine, instance: Instance, now: Stand, answer: Answer | None) -> None:
    """Have the next sweep visit an instance that may move then, and the one after its deadline one that waits."""
    state, pc = now
    if state in _STOPPED:
        return
    if state == WAITING:
        sub = _sub(instance.node, unsigned(pc) or 0)
        if sub is not None and text(sub, "status") != "triggered":
            deadline = unsigned(text(sub, "deadline"))
            if deadline is not None:
                heappush(machine.state.deadlines, (deadline, instance.name))
            return
    elif state not in _STANDARD and answer is Answer.BLOCK and machine.rules.custom_states_stand:
        return
    machine.state.awake[instance.name] = None


_HANDLERS: dict[str, Callable[[Run, Step], Answer]] = {
    "guard": guard,
    "wait": wait,
    "decide": decide,
    "clamp": clamp,
    "transform": transform,
    "xform": transform,
}
