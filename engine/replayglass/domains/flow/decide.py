"""The decide step: a decision is made once, and replayed or vetoed afterwards (flow-vm, section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from replayglass.domains.flow import ledger
from replayglass.domains.flow.beat import Fate, Verdict, Veto
from replayglass.domains.flow.decision import Decision, Evidence, referred
from replayglass.domains.flow.events import latest
from replayglass.domains.flow.machine import INSTANCE
from replayglass.domains.flow.names import size
from replayglass.domains.flow.numbers import MASK
from replayglass.domains.flow.retention import planned
from replayglass.domains.flow.run import Answer
from replayglass.domains.flow.telemetry import Hashed, Moment, measure, overrides
from replayglass.domains.flow.tree import Link, children, identifier, signature, text

if TYPE_CHECKING:
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.tree import Tree

_MAX_SITE = 63
_MAX_FINGERPRINT = 255


class Claim(NamedTuple):
    """What a decide step wants to decide now; None is what it or its instance lacks."""

    choice: str
    site: str
    inst_id: str | None
    pc: int
    policy: str | None
    variant: str | None
    context: str | None
    fingerprint: str | None


def decide(run: Run, step: Step) -> Answer:
    """Make the decision of a step, or hold it against the one that stands."""
    spec = step.spec
    machine, name = run.machine, run.instance.name
    claim = _claim(run, spec)
    key = machine.names.key(_shortened(claim.site))
    standing = ledger.find(machine.state, name, key)
    archived = None
    if standing is None and machine.rules.archive_replays:
        archived = machine.state.archive.get(name, {}).get(key)
    held = standing or archived
    if held is None:
        return _record(run, key, claim, spec)
    if held.choice != claim.choice:
        return _vetoed(run, key, held, Veto("choice", held.choice, claim.choice))
    return _replay(run, key, held, claim, is_archived=archived is not None)


def _record(run: Run, key: str, claim: Claim, spec: Tree) -> Answer:
    """Make a new decision; one whose policy or variant has no text stays half-written (section 9.2)."""
    machine, name = run.machine, run.instance.name
    cell = Decision(claim.choice, claim.site, claim.inst_id, claim.pc, run.now)
    cell, veto = _filled(run, cell, claim)
    if veto is None:
        cell = _completed(run, cell, claim, spec)
    ledger.record(machine.state, name, key, cell)
    if veto is not None:
        return _vetoed(run, key, cell, veto)
    machine.log.verdicts.append(Verdict(Fate.RECORDED, name, key, cell))
    return Answer.ADVANCE


def _replay(run: Run, key: str, cell: Decision, claim: Claim, *, is_archived: bool) -> Answer:
    """Hold a decision against one that stands; what that one lacks is filled in, unless it is archived."""
    machine, name = run.machine, run.instance.name
    veto = None
    if not is_archived:
        cell, veto = _filled(run, cell, claim)
        ledger.record(machine.state, name, key, cell)
    veto = veto or _contradiction(cell, claim)
    if veto is not None:
        return _vetoed(run, key, cell, veto)
    machine.log.verdicts.append(Verdict(Fate.REPLAYED, name, key, cell))
    return Answer.ADVANCE


def _claim(run: Run, spec: Tree) -> Claim:
    machine, node = run.machine, run.node
    names = machine.names
    choice, site = text(spec, "choice") or "default", text(spec, "site") or "default"
    policy, variant = identifier(spec, "policy", names), identifier(node, "variant", names)
    inst_id = names.text(run.instance.name)
    parts = (
        "unknown" if inst_id is None else inst_id,
        site,
        "none" if policy is None else names.text(policy) or "none",
        "none" if variant is None else names.text(variant) or "none",
        str(run.pc),
    )
    fingerprint = "|".join(parts)
    told = fingerprint if size(fingerprint) <= _MAX_FINGERPRINT else None
    return Claim(choice, site, inst_id, run.pc, policy, variant, signature(node), told)


def _shortened(site: str) -> str:
    if size(site) <= _MAX_SITE:
        return site
    return site.encode("utf-8", "surrogatepass")[:_MAX_SITE].decode("utf-8", "ignore")


def _filled(run: Run, cell: Decision, claim: Claim) -> tuple[Decision, Veto | None]:
    """Return the cell with the policy and the variant of the claim, and what contradicts it, if something does."""
    for field, wanted in (("policy", claim.policy), ("variant", claim.variant)):
        held = referred(getattr(cell, field))
        if wanted is None or held == wanted:
            continue
        reference = None if held is not None else run.machine.reference(field, wanted)
        if reference is None:
            return cell, Veto(field, held, wanted)
        cell = msgspec.structs.replace(cell, **{field: reference})
    return cell, None


def _completed(run: Run, cell: Decision, claim: Claim, spec: Tree) -> Decision:
    """Return a new cell with its validation, evidence, telemetry and retention."""
    machine = run.machine
    policy = machine.state.ledgers["policy"].get(claim.policy) if claim.policy is not None else None
    found = latest(run.node, machine.names)
    hashed = Hashed(claim.fingerprint, claim.context, claim.choice, claim.inst_id)
    plan = planned(spec, policy, machine.rules)
    return msgspec.structs.replace(
        cell,
        fingerprint=claim.fingerprint,
        context=(claim.context or None) if claim.fingerprint is not None else None,
        evidence=_evidence(run, claim, found),
        telemetry=measure(hashed, Moment(cell.beat, run.state, found), overrides(spec, policy, machine.rules)),
        retain=plan,
        upto=(cell.beat + plan.span) & MASK if plan.span else None,
    )


def _evidence(run: Run, claim: Claim, found: Latest | None) -> Evidence:
    if found is None:
        return Evidence(claim.context or None, run.state)
    record, instance = found.record, run.instance
    return Evidence(
        context=claim.context or None,
        state=run.state,
        event=Link((INSTANCE, instance.name, "events", found.key), instance.era),
        signal=text(record, "signal") or text(record, "signal_path"),
        origin=text(record, "origin"),
        beat=found.beat,
        payload=children(record, "payload") if isinstance(record.get("payload"), dict) else None,
    )


def _contradiction(cell: Decision, claim: Claim) -> Veto | None:
    """Return what contradicts a decision that stands (section 9.5); a side that lacks a field does not."""
    if claim.fingerprint is None:
        return None
    context = claim.context or None
    checks = (
        Veto("validation/fingerprint", cell.fingerprint, claim.fingerprint),
        Veto("validation/context", cell.context, context),
        Veto("evidence/context", cell.evidence.context if cell.evidence else None, context),
    )
    return next((veto for veto in checks if None not in veto and veto.expected != veto.found), None)


def _vetoed(run: Run, key: str, cell: Decision, veto: Veto) -> Answer:
    run.machine.log.verdicts.append(Verdict(Fate.VETOED, run.instance.name, key, cell, veto))
    return run.fail()
