"""The decision memory once more, straight from paper-runtime.md section 12: what the site's pages must add up to."""

from __future__ import annotations

from typing import Any

CATEGORIES = ("DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR")

Json = dict[str, Any]


def in_contract_form(memory: Json) -> Json:
    """Return a memory as the observer contract writes it: times as text, what was never set as null."""
    entries = {
        key: {
            **entry,
            "firstSeenLogicalTime": str(entry["firstSeenLogicalTime"]),
            "execution": {"lastExecutionStatus": None, **entry["execution"]},
            "safety": {"lastSafetyResult": None, **entry["safety"]},
        }
        for key, entry in memory["entries"].items()
    }
    return {"version": memory["version"], "entries": entries, "seenInputIds": memory["seenInputIds"]}


def fold(events: list[Json]) -> Json:
    """Fold valid events, those without a decisionId and feedback on anything but a known decision left out."""
    memory: Json = {"version": 1, "entries": {}, "seenInputIds": {}}
    for event in events:
        target = event.get("target", {})
        decision = event.get("decisionId") or target.get("decisionId")
        entry = memory["entries"].get(decision)
        if decision is None or event["id"] in memory["seenInputIds"]:
            continue
        if event["type"] == "DECISION_EVALUATED" and entry is None:
            memory["entries"][decision] = _entry(event)
        elif entry is None:
            continue
        else:
            count(entry, event)
        memory["seenInputIds"][event["id"]] = True
    return memory


def count(entry: Json, event: Json) -> None:
    """Count one event at its decision."""
    if event["type"] == "EXECUTION_OUTCOME_RECORDED":
        status = event["status"]
        entry["execution"]["executionsObserved"] += 1
        entry["execution"]["filledCount"] += status == "FILLED"
        entry["execution"]["failedCount"] += status == "FAILED"
        entry["execution"]["lastExecutionStatus"] = status
    elif event["type"] == "SAFETY_EVALUATED":
        kind = event["result"]["type"]
        entry["safety"]["evaluationsObserved"] += 1
        entry["safety"]["blockedCount"] += kind in ("BLOCK_BUY", "HALT")
        entry["safety"]["forcedSellCount"] += kind == "FORCE_SELL"
        entry["safety"]["lastSafetyResult"] = event["result"]
    elif event["type"] == "USER_FEEDBACK_RECORDED":
        entry["feedback"]["feedbackCount"] += 1
        entry["feedback"]["categories"][event["category"]] += 1


def later_event(row: Json) -> Json:
    """Return as much of an event as a row of the later events tells: what `count` needs."""
    value = row["value"]
    reason = {"reason": row["reason"]} if row["reason"] else {}
    return {"type": row["type"], "status": value, "result": {"type": value} | reason, "category": value}


def _entry(event: Json) -> Json:
    return {
        "decisionId": event["decisionId"],
        "decisionClass": event["decisionClass"],
        "firstSeenLogicalTime": event["logicalTime"],
        "execution": {"executionsObserved": 0, "filledCount": 0, "failedCount": 0},
        "safety": {"evaluationsObserved": 0, "blockedCount": 0, "forcedSellCount": 0},
        "feedback": {"feedbackCount": 0, "categories": dict.fromkeys(CATEGORIES, 0)},
    }
