"""The decide step: a decision is made once, and replayed or vetoed afterwards (flow-vm, section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from replayglass.domains.flow import ledger
from replayglass.domains.flow.beat import Fate, Verdict, Veto
from replayglass.domains.flow.decision import Decision, Evidence, referred
from replayglass.domains.flow.names import size
from replayglass.domains.flow.numbers import MASK
from replayglass.domains.flow.retention import planned
from replayglass.domains.flow.run import Answer
from replayglass.domains.flow.telemetry import Hashed, Moment, measure, overrides
from replayglass.domains.flow.tree import children, identifier, signature, text

if TYPE_CHECKING:
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.run import Run, Step
    from replayglass.domains.flow.tree import Link, Tree

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


class _Place(NamedTuple):
    """Where a cell stands: its key among the instance's, in the ledger or in the archive."""

    site: str
    is_archived: bool = False


def decide(run: Run, step: Step) -> Answer:
    """Make the decision of a step, or hold it against the one that stands."""
    machine, name, claim = run.machine, run.instance.name, _claim(run, step.spec)
    place = _Place(machine.names.key(_shortened(claim.site)))
    held = ledger.find(machine.state.decisions, name, place.site)
    if held is None and machine.rules.archive_replays:
        held, place = ledger.find(machine.state.archive, name, place.site), place._replace(is_archived=True)
    if held is None:
        return _record(run, _Place(place.site), claim, step.spec)
    if held.choice != claim.choice:
        return _say(run, place, held, Veto("choice", held.choice, claim.choice))
    return _replay(run, place, held, claim)


def _record(run: Run, place: _Place, claim: Claim, spec: Tree) -> Answer:
    """Make a new decision; one whose policy or variant has no text stays half-written (section 9.2)."""
    cell, veto = _filled(run, Decision(claim.choice, claim.site, claim.inst_id, claim.pc, run.now), claim)
    if veto is None:
        cell = _completed(run, cell, claim, spec)
    ledger.record(run.machine.state, run.instance.name, place.site, cell)
    return _say(run, place, cell, veto, Fate.RECORDED)


def _replay(run: Run, place: _Place, held: Decision, claim: Claim) -> Answer:
    """Hold a decision against one that stands; what that one lacks is filled in, unless it is archived."""
    cell, veto = _filled(run, held, claim)
    if place.is_archived:
        cell = held
    elif cell is not held:
        ledger.record(run.machine.state, run.instance.name, place.site, cell)
    return _say(run, place, cell, veto or _contradiction(cell, claim), Fate.REPLAYED)


def _say(run: Run, place: _Place, cell: Decision, veto: Veto | None, fate: Fate = Fate.VETOED) -> Answer:
    """Log what became of a decision; a vetoed one stops the instance in error."""
    said = Verdict(Fate.VETOED if veto else fate, run.instance.name, place.site, cell, veto, place.is_archived)
    run.machine.log.verdicts.append(said)
    return run.fail() if veto else Answer.ADVANCE


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
    found = run.latest()
    hashed = Hashed(claim.fingerprint, claim.context, claim.choice, claim.inst_id)
    moment = Moment(cell.beat, run.state, found[0] if found else None)
    plan = planned(spec, policy, machine.rules)
    return msgspec.structs.replace(
        cell,
        fingerprint=claim.fingerprint,
        context=(claim.context or None) if claim.fingerprint is not None else None,
        evidence=_evidence(run, claim, found),
        telemetry=measure(hashed, moment, overrides(spec, policy, machine.rules)),
        retain=plan,
        upto=(cell.beat + plan.span) & MASK if plan.span else None,
    )


def _evidence(run: Run, claim: Claim, found: tuple[Latest, Link] | None) -> Evidence:
    if found is None:
        return Evidence(claim.context or None, run.state)
    (_, record, beat), link = found
    return Evidence(
        context=claim.context or None,
        state=run.state,
        event=link,
        signal=text(record, "signal") or text(record, "signal_path"),
        origin=text(record, "origin"),
        beat=beat,
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
