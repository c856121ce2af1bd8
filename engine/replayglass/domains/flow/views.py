"""Index and adjacency: what the passes over ledger and instances leave, told from the state (flow-vm, sections 14, 15).

The original clears and rebuilds both in each sweep. Here a sweep only notes that it happened; what it would have left
is told on demand, so that a pass costs nothing however many decisions there are. Only an instance that changed after
the last sweep (a fatal error ended its beat) has a summary of its own: it is kept in `State.stale`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.decision import referred
from replayglass.domains.flow.events import Sample, completion, is_faulty, last_beat, latest, window
from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.tree import INSTANCE, Link, children, identifier, put, signature, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.events import Latest
    from replayglass.domains.flow.machine import Machine
    from replayglass.domains.flow.state import Instance
    from replayglass.domains.flow.tree import Tree


def adjacency(machine: Machine) -> Tree:
    """Return ``/tmp/flow/adj`` as the last sweep left it."""
    if machine.state.swept is None:
        return {}
    return {"by_inst": {instance.name: _summary(machine, instance) for instance in _swept_instances(machine)}}


def summary(machine: Machine, name: str) -> Tree | None:
    """Return what the adjacency has of one instance, None if the last sweep did not see it."""
    seen = machine.state.stale.get(name, machine.state.instances[name])
    return None if seen is None or machine.state.swept is None else _summary(machine, seen)


def index(machine: Machine) -> Tree:
    """Return ``/data/flow/index`` as the last sweep left it."""
    if machine.state.swept is None:
        return {}
    by_state: Tree = {}
    by_variant: Tree = {}
    for instance in _swept_instances(machine):
        for by_name, field in ((by_state, "state"), (by_variant, "variant")):
            name = identifier(instance.node, field, machine.names)
            if name is not None:
                by_name.setdefault(name, {})[instance.name] = Link((INSTANCE, instance.name))
    return {"inst_by_var": by_variant, "inst_by_st": by_state, "dec_by_pol": _by_policy(machine)}


def _swept_instances(machine: Machine) -> Iterator[Instance]:
    """Yield the instances as the last sweep saw them."""
    stale = machine.state.stale
    for name, instance in machine.state.instances.items():
        seen = stale.get(name, instance)
        if seen is not None:
            yield seen


def _by_policy(machine: Machine) -> Tree:
    policies: Tree = {}
    found: dict[str, list[tuple[str, str, Decision]]] = {}
    for instance in machine.names.sort(machine.state.decisions):
        cells = machine.state.decisions[instance]
        for site in machine.names.sort(cells):
            policy = referred(cells[site].policy)
            if policy is not None:
                found.setdefault(policy, []).append((instance, site, cells[site]))
                policies.setdefault(policy, {}).setdefault(instance, {})[site] = Link(("decision", instance, site))
    for policy, listed in found.items():
        policies[policy].setdefault("meta", {}).update(_meta(machine, listed))
    return policies


def _meta(machine: Machine, cells: list[tuple[str, str, Decision]]) -> Tree:
    """Return what is known of a policy's decisions; the last that has a field has the last word."""
    count = str(len(cells))
    meta: Tree = {"dec_count": count, "site_count": count, "inst_count": str(len({cell[0] for cell in cells}))}
    samples = []
    for instance, _, cell in cells:
        meta.update(choice=cell.choice, beat=str(cell.beat))
        _tell(machine, meta, instance, cell)
        if cell.telemetry is not None:
            samples.append(Sample(cell.beat, cell.telemetry.latency, cell.telemetry.error_flag))
    meta.update(_windows(samples))
    return meta


def _tell(machine: Machine, meta: Tree, instance: str, cell: Decision) -> None:
    evidence = cell.evidence
    event = evidence.event if evidence else None
    told = {
        "retain": cell.retain.directive if cell.retain else None,
        "fingerprint": cell.fingerprint,
        "context": cell.context or (evidence.context if evidence else None),
        "signal": evidence.signal if evidence else None,
        "event": event if event is not None and _was_alive(machine, instance, event) else None,
        "payload": evidence.payload if evidence else None,
    }
    meta.update({name: value for name, value in told.items() if value is not None})


def _was_alive(machine: Machine, name: str, link: Link) -> bool:
    """Say whether a link into an instance was alive in the last sweep."""
    seen = machine.state.stale.get(name) or machine.state.instances.get(name)
    return seen is not None and seen.era == link.era


def _summary(machine: Machine, instance: Instance) -> Tree:
    node = instance.node
    summary: Tree = {}
    put(summary, "state", text(node, "state"))
    put(summary, "status", text(node, "state"))
    put(summary, "pc", text(node, "pc"))
    for name, field in (("sub_count", "subs"), ("evt_count", "events"), ("emit_count", "emits")):
        summary[name] = str(len(children(node, field)))
    summary.update(_windows(_samples(machine, node)))
    found = latest(node, machine.names)
    if found is not None:
        _tell_latest(machine, instance, summary, found)
    return summary


def _samples(machine: Machine, node: Tree) -> list[Sample]:
    now = machine.state.swept or 0
    events, samples = children(node, "events"), []
    for key in machine.names.sort(events):
        record = events[key]
        if isinstance(record, dict):
            beat = unsigned(text(record, "beat")) or 0
            finished = completion(record) if machine.rules.completion_latency else None
            age = max(now - beat, last_beat(record) - beat, 0)
            samples.append(Sample(beat, age if finished is None else finished, int(is_faulty(record))))
    return samples


def _tell_latest(machine: Machine, instance: Instance, summary: Tree, found: Latest) -> None:
    record, now = found.record, machine.state.swept or 0
    for name in ("origin", "signal", "signal_path"):
        put(summary, name, text(record, name))
    put(summary, "context", signature(record))
    if isinstance(record.get("payload"), dict):
        summary["payload"] = record["payload"]
    summary["event"] = Link((INSTANCE, instance.name, "events", found.key), instance.era)
    summary["latency"] = str(max(now - found.beat, 0) if found.beat else 0)
    put(summary, "beat", str(found.beat) if found.beat else None)


def _windows(samples: list[Sample]) -> Tree:
    newest = window(samples)
    if not newest:
        return {}
    return {
        "lat_window": {str(at): str(sample.latency) for at, sample in enumerate(newest)},
        "err_window": {str(at): str(sample.error_flag) for at, sample in enumerate(newest)},
    }
