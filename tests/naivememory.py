"""The decision memory once more, straight from paper-runtime.md section 12, and the one that a replay published."""

from __future__ import annotations

from itertools import chain
from typing import Any

from paperlog import (
    MEMORY,
    Replayed,
)

CATEGORIES = ("DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR")


def naive_memory(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Fold events as section 12 says: those without a decision and feedback on anything else left out."""
    entries: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for event in events:
        decision = event.get("decisionId", event.get("target", {}).get("decisionId"))
        if decision is None or event["id"] in seen:
            continue
        kind = event["type"]
        if kind == "DECISION_EVALUATED":
            entries.setdefault(decision, new_entry(event))
        elif decision in entries:
            count(entries[decision], kind, event.get("status") or event.get("category") or event.get("result"))
        else:
            continue
        seen.add(event["id"])
    return entries


def new_entry(event: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of a decision that was just seen first."""
    return {
        "decisionId": event["decisionId"],
        "decisionClass": event["decisionClass"],
        "firstSeenLogicalTime": str(event["logicalTime"]),
        "execution": {"executionsObserved": 0, "filledCount": 0, "failedCount": 0, "lastExecutionStatus": None},
        "safety": {"evaluationsObserved": 0, "blockedCount": 0, "forcedSellCount": 0, "lastSafetyResult": None},
        "feedback": {"feedbackCount": 0, "categories": dict.fromkeys(CATEGORIES, 0)},
    }


def count(entry: dict[str, Any], kind: str, value: Any) -> None:  # noqa: ANN401 - status, category or result
    """Count one input of a decision: a status, a safety result (or its type alone) or a category."""
    if kind == "EXECUTION_OUTCOME_RECORDED":
        own = entry["execution"]
        own["executionsObserved"] += 1
        own["filledCount"] += value == "FILLED"
        own["failedCount"] += value == "FAILED"
        own["lastExecutionStatus"] = value
    elif kind == "SAFETY_EVALUATED":
        word = value if isinstance(value, str) else value["type"]
        own = entry["safety"]
        own["evaluationsObserved"] += 1
        own["blockedCount"] += word in ("BLOCK_BUY", "HALT")
        own["forcedSellCount"] += word == "FORCE_SELL"
        own["lastSafetyResult"] = word
    elif kind == "USER_FEEDBACK_RECORDED":
        entry["feedback"]["feedbackCount"] += 1
        entry["feedback"]["categories"][value] += 1


def published_memory(replayed: Replayed) -> dict[str, dict[str, Any]]:
    """Return the entries of the decision pages with the later rows applied in order; safety results as their type."""
    entries: dict[str, dict[str, Any]] = {}
    for page in replayed.json_pages(MEMORY):
        entries |= page["entries"]
    for entry in entries.values():
        result = entry["safety"]["lastSafetyResult"]
        entry["safety"]["lastSafetyResult"] = result and result["type"]
    order = list(entries)
    for row in chain.from_iterable(page["rows"] for page in replayed.json_pages(f"{MEMORY}/later")):
        if not row["repeated"]:
            count(entries[order[row["decision"]]], row["type"], row["value"])
    return entries
