"""One cell of the decision ledger (flow-vm, sections 2.1, 9 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from replayglass.domains.flow.retention import Plan  # noqa: TC001 - msgspec reads it
from replayglass.domains.flow.tree import Link, put

if TYPE_CHECKING:
    from replayglass.domains.flow.tree import Tree


class Telemetry(msgspec.Struct, frozen=True, gc=False):
    """What is measured when a decision is made: score and confidence with six decimals, latency in beats."""

    score: str
    confidence: str
    rng_seed: int
    rng_seq: int
    latency: int
    error_flag: int


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What a decision was made from: the instance's context and state, and its latest event, if it had one."""

    context: str | None = None
    state: str | None = None
    event: Link | None = None
    signal: str | None = None
    origin: str | None = None
    beat: int | None = None
    payload: dict[str, Any] | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """One cell. None is a field that the cell lacks: a cell may be half-written (section 9.2).

    ``fingerprint`` and ``context`` are those of its validation; ``upto`` is the beat in which it is no longer kept.
    """

    choice: str
    site: str
    inst_id: str | None
    pc: int
    beat: int
    policy: Link | str | None = None
    variant: Link | str | None = None
    fingerprint: str | None = None
    context: str | None = None
    evidence: Evidence | None = None
    telemetry: Telemetry | None = None
    retain: Plan | None = None
    upto: int | None = None


def referred(reference: Link | str | None) -> str | None:
    """Return the key that a decision's policy or variant identifies."""
    return reference if reference is None or isinstance(reference, str) else reference.path[-1]


UNTOLD = "not told"
"""How a half-written decision is kept: it does not say (flow-vm, section 9.2)."""


def kept(decision: Decision) -> str:
    """Return the directive by which a decision is kept."""
    return decision.retain.directive if decision.retain else UNTOLD


def as_tree(decision: Decision) -> Tree:
    """Return the cell as the engine stores it: a tree of texts and links."""
    node: Tree = {"choice": decision.choice, "site": decision.site, "pc": str(decision.pc), "beat": str(decision.beat)}
    for name in ("inst_id", "policy", "variant"):
        put(node, name, getattr(decision, name))
    measured = {"telemetry": _telemetry_tree(decision.telemetry)} if decision.telemetry else {}
    if decision.fingerprint is not None:
        node["validation"] = {"fingerprint": decision.fingerprint, **measured}
        put(node["validation"], "context", decision.context)
    if decision.evidence is not None:
        node["evidence"] = {**_evidence_tree(decision.evidence), **measured}
    if decision.retain is not None:
        node["retain"], node["retain_mode"] = decision.retain.directive, decision.retain.mode
    if decision.upto is not None and decision.retain is not None:
        node["retain_ttl"], node["retain_upto"] = str(decision.retain.span), str(decision.upto)
    return node


def _telemetry_tree(telemetry: Telemetry) -> Tree:
    """Return the six texts of a decision's telemetry."""
    return {name: str(getattr(telemetry, name)) for name in Telemetry.__struct_fields__}


def _evidence_tree(evidence: Evidence) -> Tree:
    node: Tree = {}
    for name in Evidence.__struct_fields__:
        value = getattr(evidence, name)
        put(node, name, str(value) if isinstance(value, int) else value)
    return node
