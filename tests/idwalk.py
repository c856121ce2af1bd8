"""What every id of a log is derived from, by a plain walk: each event belongs to the DECISION_EVALUATED before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.domains.paper import ids
from replayglass.domains.paper.claims import Start
from replayglass.domains.paper.reasons import DecisionClaim, Skip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA = Path(__file__).parent / "data" / "paper"
AUDIT = "audit-events/data/audit_events.ndjson"
SNAPSHOTS = "snapshots/data/snapshots.ndjson"


class Claim(NamedTuple):
    """An id in the record with number ``line``, counted from 1."""

    line: int
    start: Start
    text: str
    claimed: str


class Walked(NamedTuple):
    """What the walk saw; skips and decisions with their line."""

    claims: list[Claim]
    skips: list[tuple[int, Skip]]
    decisions: list[tuple[int, DecisionClaim]]


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the records of a log that has no unreadable lines, none if there is no such file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line] if path.exists() else []


def walk_events(events: Iterable[Mapping[str, Any]]) -> Walked:
    """Return the claims of a log of audit events."""
    walked = Walked([], [], [])
    decision = {"decisionId": "", "strategyInstanceId": ""}
    execution, intent = "", ""
    for line, event in enumerate(events, 1):
        kind, time = event["type"], event["logicalTime"]
        if kind == "DECISION_EVALUATED":
            decision = dict(event)
            said = (decision["strategyInstanceId"], decision["decisionClass"], time, decision["decisionId"])
            walked.decisions.append((line, DecisionClaim(*said)))
        if kind == "ORDER_INTENT_SKIPPED":
            walked.skips.append((line, Skip(decision["decisionId"], event["reason"], time, event["id"])))
            continue
        if kind == "ORDER_INTENT_CREATED":
            intent = event["orderIntentId"]
            text = ids.order_intent_input(decision["strategyInstanceId"], event["marketId"], event["side"], time)
            walked.claims.append(Claim(line, Start.ORDER_INTENT, text, intent))
        if kind == "EXECUTION_ATTEMPTED":
            execution = event["executionId"]
            text = ids.execution_input(intent, event["plane"], time)
            walked.claims.append(Claim(line, Start.EXECUTION, text, execution))
        if kind == "USER_FEEDBACK_RECORDED":
            text = ids.feedback_input(event["category"], event["target"], time)
            walked.claims.append(Claim(line, Start.FEEDBACK, text, event["id"]))
            continue
        about = event.get("decisionId", decision["decisionId"])
        walked.claims.append(Claim(line, Start[kind], event_text(event, about, execution), event["id"]))
    return walked


def event_text(event: Mapping[str, Any], decision: str, execution: str) -> str:
    """Return what the id of an event other than feedback is derived from, after the prefix of its type."""
    details: dict[str, tuple[str, ...]] = {
        "DECISION_EVALUATED": (),
        "ORDER_INTENT_CREATED": (event.get("orderIntentId", ""),),
        "SAFETY_EVALUATED": (event.get("result", {}).get("type", ""),),
        "EXECUTION_ATTEMPTED": (event.get("executionId", ""),),
        "EXECUTION_OUTCOME_RECORDED": (event.get("executionId", ""), event.get("status", "")),
        "LEDGER_UPDATED": (execution,),
    }
    return "|".join((decision, *details[event["type"]], f"t={event['logicalTime']}"))


def walk_snapshots(snapshots: Iterable[Mapping[str, Any]]) -> list[Claim]:
    """Return the claims of a log of snapshots."""
    claims = []
    for line, said in enumerate(snapshots, 1):
        positions = {key: _position(position) for key, position in said["positions"].items()}
        text = ids.snapshot_input(said["plane"], said["logicalTime"], positions)
        claims.append(Claim(line, Start.SNAPSHOT, text.removeprefix(Start.SNAPSHOT.prefix), said["snapshotId"]))
    return claims


def _position(said: Mapping[str, Any]) -> tuple[str, str, bool, str]:
    return said["marketId"], said["quantity"], said["isOpen"], said["lastExecutionId"]
