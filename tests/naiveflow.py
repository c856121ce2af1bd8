"""Index and adjacency as the original makes them: cleared and rebuilt from a dump, in order, with its own window."""

from __future__ import annotations

from typing import Any

Tree = dict[str, Any]
Sample = tuple[int, int, str]
FAULTS = ("error", "timeout", "cancelled")


def insert(window: list[Sample], sample: Sample) -> None:
    """Insert as section 14.1 says: append or replace the last, then bubble forward while strictly newer."""
    if len(window) < 8:
        window.append(sample)
    elif sample[0] > window[-1][0]:
        window[-1] = sample
    else:
        return
    at = len(window) - 1
    while at > 0 and window[at][0] > window[at - 1][0]:
        window[at - 1], window[at] = window[at], window[at - 1]
        at -= 1


def windows(samples: list[Sample]) -> Tree:
    """Return both windows over ``samples``, nothing for none."""
    window: list[Sample] = []
    for sample in samples:
        insert(window, sample)
    if not window:
        return {}
    return {
        "lat_window": {str(at): str(sample[1]) for at, sample in enumerate(window)},
        "err_window": {str(at): sample[2] for at, sample in enumerate(window)},
    }


def index(flow: Tree) -> Tree:
    """Return the index of a dump of ``/data/flow`` (section 14)."""
    by_variant: Tree = {}
    by_state: Tree = {}
    for name, node in flow["instance"].items():
        link = {"$link": f"/data/flow/instance/{name}"}
        if node.get("variant"):
            by_variant.setdefault(node["variant"], {})[name] = link
        by_state.setdefault(node["state"], {})[name] = link
    policies: Tree = {}
    samples: dict[str, list[Sample]] = {}
    for name, cells in flow["decision"].items():
        for site, cell in cells.items():
            policy = cell.get("policy")
            if policy is not None:
                policy = policy["$link"].rsplit("/")[-1] if isinstance(policy, dict) else policy
                entry = policies.setdefault(policy, {"meta": {"dec_count": 0, "site_count": 0, "inst_count": 0}})
                entry["meta"]["inst_count"] += name not in entry
                entry.setdefault(name, {})[site] = {"$link": f"/data/flow/decision/{name}/{site}"}
                _tell(entry["meta"], cell, samples.setdefault(policy, []))
    for policy, entry in policies.items():
        counts = ("dec_count", "site_count", "inst_count")
        entry["meta"].update({count: str(entry["meta"][count]) for count in counts})
        entry["meta"].update(windows(samples[policy]))
    return {"dec_by_pol": policies, "inst_by_st": by_state, "inst_by_var": by_variant}


def _tell(meta: Tree, cell: Tree, samples: list[Sample]) -> None:
    meta["dec_count"] += 1
    meta["site_count"] += 1
    validation, evidence = cell.get("validation", {}), cell.get("evidence", {})
    for source, names in (
        (cell, ("choice", "beat", "retain")),
        (validation, ("fingerprint",)),
        (evidence, ("context", "signal", "payload")),
        (validation, ("context",)),
    ):
        meta.update({name: source[name] for name in names if name in source})
    if evidence.get("event", {}).get("$link"):
        meta["event"] = evidence["event"]
    telemetry = validation.get("telemetry") or evidence.get("telemetry")
    if telemetry:
        samples.append((int(cell["beat"]), int(telemetry["latency"]), telemetry["error_flag"]))


def adjacency(flow: Tree, now: int) -> Tree:
    """Return the adjacency of a dump of ``/data/flow`` that was swept in beat ``now`` (section 15)."""
    return {"by_inst": {name: _summary(name, node, now) for name, node in flow["instance"].items()}}


def _summary(name: str, node: Tree, now: int) -> Tree:
    counts = (("sub_count", "subs"), ("evt_count", "events"), ("emit_count", "emits"))
    summary: Tree = {count: str(len(node.get(field, {}))) for count, field in counts}
    summary.update(state=node["state"], status=node["state"])
    summary.update({"pc": node["pc"]} if "pc" in node else {})
    samples: list[Sample] = []
    latest: tuple[int, str, Tree] | None = None
    for key, record in node.get("events", {}).items():
        beat = int(record["beat"])
        history = record.get("history", {}).values()
        end = max([now, *(int(entry["beat"]) for entry in history)])
        faulty = any(entry["status"] in FAULTS for entry in history)
        samples.append((beat, end - beat, str(int(faulty))))
        if latest is None or beat > latest[0]:
            latest = (beat, key, record)
    if latest is not None:
        beat, key, record = latest
        names = ("origin", "signal", "signal_path", "context", "payload")
        summary.update({field: record[field] for field in names if field in record})
        summary.update(beat=str(beat), latency=str(now - beat))
        summary["event"] = {"$link": f"/data/flow/instance/{name}/events/{key}"}
    return {**summary, **windows(samples)}
