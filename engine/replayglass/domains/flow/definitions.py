"""Definitions and niches: what an upsert stores, or why it cannot (flow-vm, sections 4.1 and 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.names import size
from replayglass.domains.flow.outcomes import OK, Result
from replayglass.domains.flow.tree import identifier, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.tree import Link, Tree

_MAX_KIND = 15
_KINDS = frozenset({"program", "policy", "variant", "guardian"})
_STEP_KINDS = {
    "guard": "guard",
    "wait": "wait",
    "decide": "decide",
    "clamp": "clamp",
    "transform": "xform",
    "xform": "xform",
}
_ID_CODES = {
    "program": "program-id",
    "policy": "policy-canon",
    "variant": "variant-id",
    "guardian": "guardian-canon",
    "niche": "niche-id",
}


class _Refusal(NamedTuple):
    """Why an entry has no canonical form: the outcome code."""

    code: str


def upsert_definition(machine: Machine, payload: Tree) -> Result:
    """Store a program, policy, variant or guardian."""
    kind = text(payload, "kind")
    if kind is None:
        return Result("missing-kind", text(payload, "id"))
    kind = kind.lower() if size(kind) <= _MAX_KIND else ""
    if kind not in _KINDS:
        return Result("unknown-kind", text(payload, "id"))
    return _upsert(machine, kind, payload, {"kind": kind})


def upsert_niche(machine: Machine, payload: Tree) -> Result:
    """Store a niche."""
    return _upsert(machine, "niche", payload, {})


def _upsert(machine: Machine, ledger: str, payload: Tree, canonical: Tree) -> Result:
    """Store an entry in its canonical form; one that has none is stored as it is, unless the rules keep the old one."""
    name = identifier(payload, "id", machine.names)
    if name is None:
        return Result("missing-id")
    entry = {**payload, "original": payload}
    completed = _completed(machine, ledger, name, payload)
    if not isinstance(completed, _Refusal):
        machine.store(ledger, name, {**entry, **canonical, **completed})
        return Result(OK, name)
    if not machine.rules.keep_last_good:
        machine.store(ledger, name, entry)
    return Result(completed.code, name)


def _completed(machine: Machine, ledger: str, name: str, payload: Tree) -> Tree | _Refusal:
    """Return the fields of an entry that are rewritten."""
    identity = machine.names.text(name)
    if identity is None:
        return _Refusal(_ID_CODES[ledger])
    rewrite = _REWRITES.get(ledger)
    fields = rewrite(machine, payload) if rewrite else {}
    return fields if isinstance(fields, _Refusal) else {"id": identity, **fields}


def _rewrite_program(machine: Machine, payload: Tree) -> Tree | _Refusal:
    submitted = payload.get("steps", {})
    if not isinstance(submitted, dict):
        return _Refusal("program-steps")
    steps: Tree = {}
    for number, name in enumerate(machine.names.sort(submitted)):
        step = _rewrite_step(machine, submitted[name])
        if isinstance(step, _Refusal):
            return step
        steps[str(number)] = step
    return {"steps": steps}


def _rewrite_step(machine: Machine, step: object) -> Tree | _Refusal:
    if not isinstance(step, dict):
        return _Refusal("step-schema")
    kind = _STEP_KINDS.get((text(step, "kind") or "").lower())
    if kind is None:
        return _Refusal("step-kind")
    spec = step.get("spec", {})
    if not isinstance(spec, dict):
        return _Refusal("step-spec")
    if kind == "decide":
        policy = _reference(machine, spec, "policy", "decide-policy")
        if isinstance(policy, _Refusal):
            return policy
        spec = {**spec, "policy": policy}
    return {**step, "kind": kind, "spec": spec}


def _rewrite_variant(machine: Machine, payload: Tree) -> Tree | _Refusal:
    program = _reference(machine, payload, "program", "variant-program")
    return program if isinstance(program, _Refusal) else {"program": program}


def _rewrite_niche(machine: Machine, payload: Tree) -> Tree | _Refusal:
    context = identifier(payload, "ctx_type", machine.names)
    ctx_type = None if context is None else machine.names.text(context)
    if ctx_type is None:
        return _Refusal("niche-context")
    variant = _reference(machine, payload, "variant", "niche-variant")
    return variant if isinstance(variant, _Refusal) else {"ctx_type": ctx_type, "variant": variant}


def _reference(machine: Machine, node: Tree, ledger: str, code: str) -> Link | str | _Refusal:
    """Return what the field of ``node`` that is named as ``ledger`` refers to there."""
    name = identifier(node, ledger, machine.names)
    if name is None:
        return _Refusal(code)
    reference = machine.reference(ledger, name)
    return _Refusal(f"{code}-link") if reference is None else reference


_REWRITES: dict[str, Callable[[Machine, Tree], Tree | _Refusal]] = {
    "program": _rewrite_program,
    "variant": _rewrite_variant,
    "niche": _rewrite_niche,
}
