"""The observer's answers when the publication is damaged, large, or made to harm: whole, or an error that says why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reducer import fold, in_contract_form
from serving import check_error, publish, serving
from sites import AUDIT, OBSERVE, PAPER, SMALL, SNAPSHOTS, build, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

PATHS = [
    "persistence/audit-events",
    "persistence/audit-events?limit=1000",
    "persistence/audit-events/summary",
    "persistence/snapshots/latest",
    "derived/decision-memory",
    "derived/shadow-ledger",
]


def test_unreadable_data_is_an_error_and_never_partial(tmp_path: Path) -> None:
    """Answers that rest on records which cannot be read are INTERNAL_ERROR and say where; others are given."""
    lines = records(SMALL / AUDIT)
    damaged = [*lines[:100], b'{"id":', *lines[100:]]
    stored = [*records(SMALL / SNAPSHOTS), b"\xff"]
    run = make_run(tmp_path / "run", b"\n".join([*damaged, b""]), b"\n".join([*stored, b""]))
    with serving(build(run, tmp_path / "site").folder) as client:
        for name in ("persistence/audit-events", "persistence/audit-events/summary", "derived/decision-memory"):
            assert "1 records of audit-events cannot be read" in check_error(
                client.observe(name), 500, "INTERNAL_ERROR"
            )
        said = check_error(client.observe("persistence/audit-events?limit=36"), 500, "INTERNAL_ERROR")
        assert "record 100, line 101, byte " in said
        check_error(client.observe("persistence/audit-events?limit=1000"), 500, "INTERNAL_ERROR")
        answer = client.observe("persistence/audit-events?limit=35")
        assert answer.body == b'{"events":[' + b",".join(lines[100:]) + b"]}\n"
        for name in ("persistence/snapshots/latest", "derived/shadow-ledger"):
            assert "the last snapshot cannot be used: record 9, line 10" in check_error(
                client.observe(name), 500, "INTERNAL_ERROR"
            )
        assert client.observe("runtime/status").status == 200


def test_a_torn_tail_is_no_damage(site_of: Callable[[Path], Site]) -> None:
    """A line that the writer may be about to complete is not a record yet, so nothing is missing from the answers."""
    for name in ("torn_last_line", "torn_snapshot_last_line"):
        with serving(site_of(PAPER / "bad" / name).folder) as client:
            for path in PATHS:
                assert client.observe(path).status == 200


def test_an_invalid_last_snapshot_is_not_passed_over(site_of: Callable[[Path], Site]) -> None:
    """A last snapshot that breaks its schema is an error, not the one before it."""
    with serving(site_of(PAPER / "bad/snapshot_version_2").folder) as client:
        answers = {client.observe(name).status for name in ("persistence/snapshots/latest", "derived/shadow-ledger")}
    assert answers == {500}


def test_types_that_are_not_counted_by_name(tmp_path: Path) -> None:
    """A summary that cannot name every type is INTERNAL_ERROR: the contract has no place for the others."""
    odd = json.dumps(json.loads(records(SMALL / AUDIT)[0]) | {"type": "x" * 100}).encode()
    run = make_run(tmp_path / "run", odd + b"\n")
    with serving(build(run, tmp_path / "site").folder) as client:
        said = check_error(client.observe("persistence/audit-events/summary"), 500, "INTERNAL_ERROR")
    assert said == "1 events have no type that is counted by name"


def index(collections: list[dict[str, object]]) -> bytes:
    """Return an entry point that lists these collections."""
    return json.dumps({"account": [], "collections": collections}).encode()


EVENT_PAGES = f"{OBSERVE}/persistence/audit-events"
MEMORY_PAGES = f"{OBSERVE}/derived/decision-memory"
HEAD = {"version": 1, "page": 0, "first": 0, "count": 1}
PAGE = {**HEAD, "events": [], "unreadable": [], "entries": {}, "seenInputIds": {}}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({}, "persistence/audit-events"),
        ({"v1/index.json": b"["}, "persistence/audit-events"),
        ({"v1/index.json": b"[" * 100_000}, "persistence/audit-events"),
        ({"v1/index.json": index([{"folder": EVENT_PAGES, "pages": 1 << 50}])}, "persistence/audit-events?limit=9"),
        ({"v1/index.json": index([{"folder": EVENT_PAGES, "pages": 1}])}, "persistence/audit-events?limit=9"),
        ({"v1/index.json": index([{"folder": MEMORY_PAGES, "pages": 1}])}, "derived/decision-memory"),
        ({f"{OBSERVE}/persistence/paths.json": b"x"}, "persistence/paths"),
        ({f"{OBSERVE}/persistence/paths.json": b'{"blob":"blob/../../x"}'}, "persistence/paths"),
    ],
)
def test_documents_of_a_malicious_site(files: dict[str, bytes], path: str, tmp_path: Path) -> None:
    """Documents that are not written as ours are give INTERNAL_ERROR, whatever they claim, and nothing else."""
    page = json.dumps(PAGE).encode()
    pages = {f"{folder}/pages/000000.json": page for folder in (EVENT_PAGES, MEMORY_PAGES)}
    publish(tmp_path / "site", {"index.html": b"", **files, **(pages if files else {})})
    with serving(tmp_path / "site") as client:
        check_error(client.observe(path), 500, "INTERNAL_ERROR")


def test_later_rows_in_blobs_and_of_every_type(tmp_path: Path) -> None:
    """Later inputs are counted by type, in order, those that moved to blobs in their places; repeated ones are not."""
    entry = in_contract_form(fold([json.loads(records(SMALL / AUDIT)[0])]))["entries"]
    [name] = entry
    rows = [
        ("SAFETY_EVALUATED", "HALT", "HALT_ALL_ACTIVE"),
        ("SAFETY_EVALUATED", "FORCE_SELL", "FORCE_SELL_ACTIVE"),
        ("EXECUTION_OUTCOME_RECORDED", "FILLED", None),
        ("EXECUTION_OUTCOME_RECORDED", "FAILED", None),
        ("USER_FEEDBACK_RECORDED", "RISK_COMFORT", None),
        ("EXECUTION_ATTEMPTED", None, None),
        ("SAFETY_EVALUATED", "ALLOW", None),
    ]
    later = [
        {
            "row": row,
            "seq": row,
            "decision": 0,
            "id": f"i{row}",
            "type": kind,
            "value": value,
            "reason": reason,
            "repeated": row == 3,
        }
        for row, (kind, value, reason) in enumerate(rows)
    ]
    blob = "blob/" + "0" * 64
    moved = {**HEAD, "count": len(later), "rows": later[:1] + later[2:], "moved": [{"row": 1, "blob": blob, "size": 1}]}
    listed = [{"folder": MEMORY_PAGES, "pages": 1}, {"folder": f"{MEMORY_PAGES}/later", "pages": 1}]
    files = {
        "v1/index.json": index(listed),
        f"{MEMORY_PAGES}/pages/000000.json": json.dumps(PAGE | {"entries": entry}).encode(),
        f"{MEMORY_PAGES}/later/pages/000000.json": json.dumps(moved).encode(),
        blob: json.dumps(later[1]).encode(),
    }
    publish(tmp_path / "site", files)
    renamed = [row | {"executionId": "", "logicalTime": 1, "decisionId": name, "createdAtLogical": 1} for row in later]
    with serving(tmp_path / "site") as client:
        memory = client.observe("derived/decision-memory").json["decision_memory"]
    assert memory["seenInputIds"] == {row["id"]: True for row in renamed if not row["repeated"]}
    found = memory["entries"][name]
    assert found["safety"] == {
        "evaluationsObserved": 3 + entry[name]["safety"]["evaluationsObserved"],
        "blockedCount": 1,
        "forcedSellCount": 1,
        "lastSafetyResult": {"type": "ALLOW"},
    }
    assert found["execution"] == {
        "executionsObserved": 1,
        "filledCount": 1,
        "failedCount": 0,
        "lastExecutionStatus": "FILLED",
    }
    assert found["feedback"]["categories"]["RISK_COMFORT"] == found["feedback"]["feedbackCount"] == 1
