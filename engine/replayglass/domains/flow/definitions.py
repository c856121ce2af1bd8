"""Definitions and niches: what an upsert stores, or why it cannot (flow-vm, sections 4.1 and 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.names import size
from replayglass.domains.flow.outcomes import OK, Result
from replayglass.domains.flow.tree import identifier, text

if TYPE_CHECKING:
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
}


class _Refused(Exception):  # noqa: N818 - it never leaves this module: an intent that cannot be stored is no error
    """Why an entry cannot be brought into its canonical form: the outcome code."""


def upsert_definition(machine: Machine, payload: Tree) -> Result:
    """Store a program, policy, variant or guardian."""
    kind = text(payload, "kind")
    if kind is None:
        return Result("missing-kind", text(payload, "id"))
    kind = kind.lower() if size(kind) <= _MAX_KIND else ""
    if kind not in _KINDS:
        return Result("unknown-kind", text(payload, "id"))
    name = identifier(payload, "id", machine.names)
    if name is None:
        return Result("missing-id")
    entry = {**payload, "original": payload, "kind": kind}
    return Result(_store(machine, kind, name, entry, payload), name)


def upsert_niche(machine: Machine, payload: Tree) -> Result:
    """Store a niche."""
    name = identifier(payload, "id", machine.names)
    if name is None:
        return Result("missing-id")
    return Result(_store(machine, "niche", name, {**payload, "original": payload}, payload), name)


def _store(machine: Machine, ledger: str, name: str, entry: Tree, payload: Tree) -> str:
    try:
        _canonicalise(machine, ledger, name, entry)
    except _Refused as refused:
        if not machine.rules.keep_last_good:
            machine.store(ledger, name, {**payload, "original": payload})
        return str(refused)
    machine.store(ledger, name, entry)
    return OK


def _canonicalise(machine: Machine, ledger: str, name: str, entry: Tree) -> None:
    entry["id"] = _text(machine, name, _ID_CODES.get(ledger, "niche-id"))
    if ledger == "program":
        entry["steps"] = _steps(machine, entry)
    elif ledger == "variant":
        entry["program"] = _reference(machine, entry, "program", "variant-program")
    elif ledger == "niche":
        context = identifier(entry, "ctx_type", machine.names)
        if context is None:
            raise _Refused("niche-context")  # noqa: EM101 - the code is all there is to say
        entry["ctx_type"] = _text(machine, context, "niche-context")
        entry["variant"] = _reference(machine, entry, "variant", "niche-variant")


def _text(machine: Machine, name: str, code: str) -> str:
    found = machine.names.text(name)
    if found is None:
        raise _Refused(code)
    return found


def _reference(machine: Machine, node: Tree, ledger: str, code: str) -> Link | str:
    """Return what ``node`` refers to in ``ledger`` by the field of that name."""
    name = identifier(node, ledger, machine.names)
    if name is None:
        raise _Refused(code)
    reference = machine.reference(ledger, name)
    if reference is None:
        raise _Refused(code + "-link")
    return reference


def _steps(machine: Machine, entry: Tree) -> Tree:
    submitted = entry.get("steps", {})
    if not isinstance(submitted, dict):
        raise _Refused("program-steps")  # noqa: EM101 - the code is all there is to say
    return {str(number): _step(machine, submitted[name]) for number, name in enumerate(machine.names.sort(submitted))}


def _step(machine: Machine, step: object) -> Tree:
    if not isinstance(step, dict):
        raise _Refused("step-schema")  # noqa: EM101 - the code is all there is to say
    kind = text(step, "kind")
    canonical = _STEP_KINDS.get(kind.lower()) if kind is not None else None
    if canonical is None:
        raise _Refused("step-kind")  # noqa: EM101 - the code is all there is to say
    spec = step.get("spec", {})
    if not isinstance(spec, dict):
        raise _Refused("step-spec")  # noqa: EM101 - the code is all there is to say
    if canonical == "decide":
        spec = {**spec, "policy": _reference(machine, spec, "policy", "decide-policy")}
    return {**step, "kind": canonical, "spec": spec}
