"""The clamp step: budgets of steps and beats (flow-vm, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.numbers import MASK, unsigned
from replayglass.domains.flow.run import Answer, Budget
from replayglass.domains.flow.tree import children, ensure, text

if TYPE_CHECKING:
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.tree import Tree

_DEFAULT_LIMIT = 64


def clamp(run: Run, step: Step) -> Answer:
    """Stop the instance when its budget of steps, its deadline or its program counter is reached."""
    spec = step.spec
    stored = ensure(run.node, "budget")
    if stored is None:
        return run.fail()
    if run.budget is None:
        run.budget = _prepare(stored, spec, run.now)
    state = text(spec, "state")
    if _is_breached(run, run.budget, stored, spec):
        return run.block(state or "paused")
    if state and text(spec, "pc") is None and not run.machine.rules.clamp_state_on_breach:
        run.node["state"] = state
    return Answer.ADVANCE


def _prepare(stored: Tree, spec: Tree, now: int) -> Budget:
    limit = unsigned(text(spec, "step_limit")) or unsigned(text(stored, "step_limit")) or _DEFAULT_LIMIT
    used = unsigned(text(stored, "steps_used")) or 0
    if (unsigned(text(stored, "beat")) or 0) != now:
        used = 0
        stored.update(steps_used="0", beat=str(now))
    stored["step_limit"] = str(limit)
    return Budget(limit, used)


def _is_breached(run: Run, budget: Budget, stored: Tree, spec: Tree) -> bool:
    if budget.used + run.steps + 1 >= budget.limit:
        return True
    timeout = unsigned(text(spec, "timeout"))
    if timeout:
        stored.update(timeout=str(timeout), deadline=str((run.now + timeout) & MASK))
    deadline = unsigned(text(stored, "deadline"))
    if deadline is not None and run.now >= deadline:
        return True
    last = unsigned(text(spec, "pc"))
    return last is not None and run.pc >= last


def commit_budget(run: Run) -> None:
    """Write what a run used of the budget that a clamp prepared, if one did (section 11.3)."""
    if run.budget is not None:
        limit, used = run.budget
        steps = str(min(used + run.steps, limit))
        children(run.node, "budget").update(steps_used=steps, step_limit=str(limit), beat=str(run.now))
