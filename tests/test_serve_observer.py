"""`serve` answers the observer contract's own paths (paper-runtime.md section 14) from the published files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reducer import fold, in_contract_form
from serving import check_error, serving
from sites import (
    AUDIT,
    FLOW,
    LOGS,
    OBSERVE,
    SAMPLE,
    SMALL,
    SNAPSHOTS,
    build,
    bulky_events,
    expected,
    make_run,
    records,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sites import Site

on_every_log = pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
EMPTY: dict[str, Any] = {
    "runtime/status": dict.fromkeys(
        [
            "runtime_version",
            "node_version",
            "execution_plane",
            "persistence_mode",
            "snapshot_strategy",
            "safety_mode",
            "logical_time_source",
        ]
    ),
    "persistence/paths": {
        "audit_events": {"path": AUDIT, "exists": False, "size_bytes": None},
        "snapshots": {"path": SNAPSHOTS, "exists": False, "size_bytes": None},
    },
    "persistence/audit-events": {"events": []},
    "persistence/audit-events?limit=1000": {"events": []},
    "persistence/audit-events/latest": {"events": []},
    "persistence/audit-events/summary": {
        "total_count": 0,
        "counts_by_type": {},
        "last_event_id": None,
        "last_logical_time": None,
    },
    "persistence/snapshots/latest": {"snapshot": None},
    "derived/decision-memory": {"decision_memory": {"version": 1, "entries": {}, "seenInputIds": {}}},
    "derived/shadow-ledger": {"shadow_ledger": {"plane": "PAPER", "positions": []}},
}
"""What the contract answers when there is no data."""


@on_every_log
def test_a_client_of_the_api_gets_the_original_answers(log: Path, site_of: Callable[[Path], Site]) -> None:
    """Events, summary, latest snapshot, decision memory and shadow ledger are what the original would answer."""
    with serving(site_of(log).folder) as client:
        for limit in (1, 10, 100):
            answer = client.observe(f"persistence/audit-events?limit={limit}")
            assert answer.json == expected(log, f"handler.audit_events.limit_{limit}")["value"]
        truth = expected(log, "truth.summary")
        if truth is not None:
            truth.pop("note", None)
            assert client.observe("persistence/audit-events/summary").json == truth
        truth = expected(log, "truth.snapshots_latest") or {"snapshot": None}
        assert client.observe("persistence/snapshots/latest").json == {"snapshot": truth["snapshot"]}
        assert client.observe("derived/shadow-ledger").json == expected(log, "handler.derived_shadow_ledger")["value"]
        truth = expected(log, "truth.decision_memory.replay_with_feedback")
        truth = truth or expected(log, "truth.decision_memory.orchestrator")
        memory = client.observe("derived/decision-memory").json
        assert memory == {"decision_memory": in_contract_form(truth)}
        assert list(memory["decision_memory"]["entries"]) == list(truth["entries"])


def test_raw_events_pass_through_byte_for_byte(long_run: Path, site_of: Callable[[Path], Site]) -> None:
    """Events are as written, in file order: all of them, or the last N, across pages, N above the total being all."""
    lines = records(long_run / AUDIT)
    assert len(lines) > 3_000
    with serving(site_of(long_run).folder) as client:
        for limit in (1, 99, 256, 257, 1000):
            body = client.observe(f"persistence/audit-events?limit={limit}").body
            assert body == b'{"events":[' + b",".join(lines[-limit:]) + b"]}\n"
        answer = client.observe("persistence/audit-events")
        assert answer.body == b'{"events":[' + b",".join(lines) + b"]}\n"
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert client.observe("persistence/audit-events/latest").json["events"] == [*map(json.loads, lines[-100:])]


def test_later_inputs_are_counted(long_run: Path, site_of: Callable[[Path], Site]) -> None:
    """The decision memory of a run of many pages has what was said of a decision after its page was closed."""
    truth = in_contract_form(fold([json.loads(line) for line in records(long_run / AUDIT)]))
    with serving(site_of(long_run).folder) as client:
        memory = client.observe("derived/decision-memory").json["decision_memory"]
    assert memory == truth
    assert list(memory["entries"]) == list(truth["entries"])


def test_what_moved_to_blobs_is_put_back(tmp_path: Path) -> None:
    """Records, entries and ids that did not fit their pages, and ledgers too large for a file, are in the answers."""
    lines = bulky_events()
    snapshot = json.loads(records(SMALL / SNAPSHOTS)[-1])
    position = snapshot["positions"]["ETH-USDT"]
    snapshot["positions"] = {f"M{number}": {**position, "marketId": f"M{number}"} for number in range(1_000)}
    stored = json.dumps(snapshot, separators=(",", ":")).encode() + b"\n"
    run = make_run(tmp_path / "run", b"\n".join([*lines, b""]), stored, "[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    assert "blob" in site.document(f"{OBSERVE}/derived/shadow-ledger.json")
    with serving(site.folder) as client:
        body = client.observe("persistence/audit-events").body
        assert body == b'{"events":[' + b",".join(lines) + b"]}\n"
        memory = client.observe("derived/decision-memory").json["decision_memory"]
        assert memory == in_contract_form(fold([json.loads(line) for line in lines]))
        ledger = client.observe("derived/shadow-ledger").json["shadow_ledger"]
        assert ledger == {"plane": "PAPER", "positions": list(snapshot["positions"].values())}
        assert client.observe("persistence/snapshots/latest").json == {"snapshot": snapshot}


def test_status_and_paths(site_of: Callable[[Path], Site]) -> None:
    """Status and paths are the published documents."""
    site = site_of(SAMPLE)
    with serving(site.folder) as client:
        for name in ("runtime/status", "persistence/paths"):
            assert client.observe(name).json == site.document(f"{OBSERVE}/{name}.json")
            head = client.ask(f"/{OBSERVE}/{name}", "HEAD")
            assert (head.status, head.body) == (200, b"")
            assert head.headers["Content-Length"] == str(len(client.observe(name).body))


@pytest.mark.parametrize("kind", ["nothing written yet", "another kind of run"])
def test_missing_data_is_no_error(kind: str, tmp_path: Path) -> None:
    """Without data, as of a flow run or of a runtime that wrote nothing yet, answers are the contract's empty ones."""
    run = FLOW
    if kind == "nothing written yet":
        run = tmp_path / "run"
        (run / "audit-events/data").mkdir(parents=True)
    site = build(run, tmp_path / "site")
    with serving(site.folder) as client:
        for path, empty in EMPTY.items():
            answer = client.observe(path)
            assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
            if path != "runtime/status" or kind == "another kind of run":
                assert answer.json == empty


@pytest.mark.parametrize(
    "query",
    [
        "0",
        "-1",
        "1.5",
        "1.0",
        "1e2",
        "NaN",
        "Infinity",
        "1001",
        "10000",
        "",
        "abc",
        "+1",
        "01",
        "%201",
        "1&limit=2",
        "\u0661",
    ],
)
def test_bad_limits(query: str, site_of: Callable[[Path], Site]) -> None:
    """A limit that is no integer from 1 to 1000, or is given twice, is BAD_REQUEST."""
    with serving(site_of(SMALL).folder) as client:
        path = f"/v1/observe/persistence/audit-events?limit={query}"
        answer = client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"BAD_REQUEST"' in answer


@pytest.mark.parametrize(
    "path",
    [
        "",
        "runtime",
        "runtime/status/",
        "Runtime/status",
        "runtime%2fstatus",
        "../observe/runtime/status",
        "persistence/audit-events/",
        "persistence/audit-events/pages",
        "derived/ledgers",
        "v1/observe/runtime/status",
    ],
)
def test_unknown_paths(path: str, site_of: Callable[[Path], Site]) -> None:
    """Paths match exactly; anything else in the name space is NOT_FOUND, also for who is not let in."""
    with serving(site_of(SMALL).folder, guard=True) as client:
        check_error(client.observe(path), 404, "NOT_FOUND")
        check_error(client.ask("/v1/observe"), 404, "NOT_FOUND")


def test_wrong_methods(site_of: Callable[[Path], Site]) -> None:
    """The contract's router knows no path for another method; a published document has a 405 as all files have."""
    with serving(site_of(SMALL).folder) as client:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            check_error(client.ask(f"/{OBSERVE}/runtime/status", method), 404, "NOT_FOUND")
            assert client.ask(f"/{OBSERVE}/runtime/status.json", method).status == 405


def test_the_guard(site_of: Callable[[Path], Site]) -> None:
    """With --guard both access headers must be there and not empty, in any spelling; their values are not checked."""
    path = f"/{OBSERVE}/runtime/status"
    names = "CF-Access-Client-Id", "CF-Access-Client-Secret"
    with serving(site_of(SMALL).folder, guard=True) as client:
        for headers in (
            {},
            {names[0]: "a"},
            {names[1]: "b"},
            {names[0]: "a", names[1]: ""},
            {names[0]: " ", names[1]: "b"},
        ):
            given: Mapping[str, str] = headers
            check_error(client.ask(path, headers=given), 401, "UNAUTHORIZED")
        assert client.ask(path, headers={names[0]: "a", names[1]: "b"}).status == 200
        assert client.ask(path, headers={names[0].lower(): "a", names[1].lower(): "b"}).status == 200
        assert client.ask(f"{path}.json").status == 200
