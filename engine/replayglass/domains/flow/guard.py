"""The guard step: an instance passes it or stops at it (flow-vm, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.run import WAITING, Answer
from replayglass.domains.flow.tree import signature, text

if TYPE_CHECKING:
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.tree import Tree


def guard(run: Run, step: Step) -> Answer:
    """Check state, pc, context, beat and deadline, in this order; the first that fails stops the instance."""
    spec = step.spec
    action = text(spec, "action")
    if not _is_here(run, spec):
        return run.block(action or "done")
    context = text(spec, "context")
    if context and signature(run.node) != context:
        return run.block(action or WAITING)
    return _check_beats(run, text(spec, "beat"), text(spec, "deadline"), action)


def _is_here(run: Run, spec: Tree) -> bool:
    state, pc = text(spec, "state"), text(spec, "pc")
    return state in (None, run.state) and (pc is None or unsigned(pc) == run.pc)


def _check_beats(run: Run, earliest: str | None, deadline: str | None, action: str | None) -> Answer:
    if earliest:
        beat = unsigned(earliest)
        if beat is None:
            return run.fail()
        if run.now < beat:
            return run.block(action or WAITING)
    if deadline:
        beat = unsigned(deadline)
        if beat is None:
            return run.fail()
        if run.now > beat:
            return run.block(action or "done")
    return Answer.ADVANCE
