"""What the site publishes of the original runtime's own logs is what that runtime held in memory."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from reducer import count, fold, in_contract_form, later_event
from sites import AUDIT, LOGS, OBSERVE, PAPER, SMALL, build, bulky_events, expected, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reducer import Json
    from sites import Site

EVENTS = f"{OBSERVE}/persistence/audit-events"
MEMORY = f"{OBSERVE}/derived/decision-memory"

on_every_log = pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)


def in_order(site: Site, page: Json) -> Json:
    """Return the entries of a page, those that were moved to blobs in their places."""
    moved = {row["row"]: site.document(row["blob"]) for row in page.get("moved", [])}
    kept = iter(page["entries"].values())
    rows = range(page["first"], page["first"] + page["count"])
    return {entry["decisionId"]: entry for entry in (moved.get(row) or next(kept) for row in rows)}


def put_together(site: Site) -> Json:
    """Return the decision memory of a site: its pages, with the later inputs applied in order."""
    memory: Json = {"version": 1, "entries": {}, "seenInputIds": {}}
    for page in site.pages(MEMORY):
        memory["entries"] |= in_order(site, page)
        moved = page.get("seenInputIdsMoved")
        memory["seenInputIds"] |= page["seenInputIds"] if moved is None else site.document(moved["blob"])
    order = list(memory["entries"])
    for row in (row for page in site.pages(f"{MEMORY}/later") for row in page["rows"] if not row["repeated"]):
        count(memory["entries"][order[row["decision"]]], later_event(row))
        memory["seenInputIds"][row["id"]] = True
    return memory


@on_every_log
def test_the_summary_is_the_one_the_original_would_give(log: Path, site_of: Callable[[Path], Site]) -> None:
    """Counts by type in first-seen order, each line counted, and the last id and time, equal the truth."""
    truth = expected(log, "truth.summary")
    lines = [json.loads(line) for line in records(log / AUDIT)]
    if truth is None:
        truth = {
            "total_count": len(lines),
            "counts_by_type": dict(Counter(line["type"] for line in lines)),
            "last_event_id": lines[-1]["id"],
            "last_logical_time": str(lines[-1]["logicalTime"]),
        }
    truth.pop("note", None)
    summary = site_of(log).document(f"{EVENTS}/summary.json")
    assert summary.pop("counts_of_other_types") == 0
    assert summary == truth
    assert list(summary["counts_by_type"]) == list(truth["counts_by_type"])


@on_every_log
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_the_latest_events_are_those_of_the_original(log: Path, limit: int, site_of: Callable[[Path], Site]) -> None:
    """The last N events of latest.json are what the original's audit-events endpoint answers with limit N."""
    answer = expected(log, f"handler.audit_events.limit_{limit}")
    assert answer["ok"]
    assert site_of(log).document(f"{EVENTS}/latest.json")["events"][-limit:] == answer["value"]["events"]


@on_every_log
def test_the_latest_snapshot_is_the_one_the_original_would_give(log: Path, site_of: Callable[[Path], Site]) -> None:
    """The latest snapshot passes through as written, keys in their order; without one it is null."""
    truth = expected(log, "truth.snapshots_latest") or {"snapshot": None}
    latest = site_of(log).document(f"{OBSERVE}/persistence/snapshots/latest.json")
    assert json.dumps(latest) == json.dumps({"snapshot": truth["snapshot"]})


@on_every_log
def test_the_shadow_ledger_is_that_of_the_original(log: Path, site_of: Callable[[Path], Site]) -> None:
    """The derived shadow ledger equals the original endpoint's answer, positions in JavaScript's key order."""
    answer = expected(log, "handler.derived_shadow_ledger")
    assert answer["ok"]
    assert site_of(log).document(f"{OBSERVE}/derived/shadow-ledger.json") == answer["value"]


@on_every_log
def test_the_ledger_of_each_plane_is_what_the_orchestrator_held(log: Path, site_of: Callable[[Path], Site]) -> None:
    """Events alone tell every market's state and last execution, snapshots the quantities too (section 10)."""
    truth = {
        plane: held for plane, held in expected(log, "truth.shadow_ledger.orchestrator").items() if held["positions"]
    }
    planes = {plane["plane"]: plane for plane in site_of(log).document(f"{OBSERVE}/derived/ledgers.json")["planes"]}
    assert planes.keys() == truth.keys()
    for name, plane in planes.items():
        held = truth[name]["positions"]
        if plane["positions"] is not None:
            assert {position["marketId"]: position for position in plane["positions"]} == held
            assert [position["marketId"] for position in plane["positions"]] == list(held)
        else:
            assert not (log / "snapshots").exists()
        known = {row["marketId"]: (row["isOpen"], row["lastExecutionId"]) for row in plane["from_events"]}
        assert known == {market: (state["isOpen"], state["lastExecutionId"]) for market, state in held.items()}


@on_every_log
def test_the_decision_memory_is_what_a_replay_gives(log: Path, site_of: Callable[[Path], Site]) -> None:
    """Pages and later inputs put together are the memory of the original with DECISION feedback, order included."""
    truth = expected(log, "truth.decision_memory.replay_with_feedback")
    if (
        truth is None
    ):  # the original stops at feedback on a decision that it does not know; all other feedback is no input
        truth = expected(log, "truth.decision_memory.orchestrator")
    memory = put_together(site_of(log))
    assert memory == in_contract_form(truth)
    assert list(memory["entries"]) == list(truth["entries"])
    assert list(memory["seenInputIds"]) == list(truth["seenInputIds"])


@on_every_log
def test_without_feedback_the_memory_is_the_orchestrators(log: Path, site_of: Callable[[Path], Site]) -> None:
    """The orchestrator never counts feedback: apart from it, entries and seen ids are those that it held."""
    truth = in_contract_form(expected(log, "truth.decision_memory.orchestrator"))
    memory = put_together(site_of(log))
    for entries in (memory["entries"], truth["entries"]):
        for entry in entries.values():
            del entry["feedback"]
    assert memory["entries"] == truth["entries"]
    events = [json.loads(line) for line in records(log / AUDIT)]
    feedback = {event["id"] for event in events if event["type"] == "USER_FEEDBACK_RECORDED"}
    assert [seen for seen in memory["seenInputIds"] if seen not in feedback] == list(truth["seenInputIds"])


def test_times_as_text_mean_the_same(site_of: Callable[[Path], Site]) -> None:
    """The one log whose times are text (the contract's form) folds to the memory of the log it was made from."""
    log = PAPER / "bad" / "decision_memory_only_log"
    assert put_together(site_of(log)) == put_together(site_of(SMALL))


@on_every_log
def test_a_valid_log_has_no_errors_but_what_it_contains(log: Path, site_of: Callable[[Path], Site]) -> None:
    """Odd but valid logs have no errors; odd_feedback has the one category that is outside the closed set."""
    errors = [finding for finding in site_of(log).findings() if finding["severity"] == "error"]
    wanted = [("schema.enum", 16)] if log.name == "odd_feedback" else []
    assert [(finding["code"], finding["line"]) for finding in errors] == wanted
    assert site_of(log).answer.exit_code == (1 if wanted else 0)


def test_a_memory_of_many_pages_adds_up(long_run: Path, site_of: Callable[[Path], Site]) -> None:
    """With late feedback and repeated ticks too, pages and later inputs are what one fold over the log gives."""
    truth = in_contract_form(fold([json.loads(line) for line in records(long_run / AUDIT)]))
    memory = put_together(site_of(long_run))
    assert memory == truth
    assert list(memory["entries"]) == list(truth["entries"])
    index = site_of(long_run).document(f"{MEMORY}/index.json")
    assert index["entries"] == {
        "count": len(truth["entries"]),
        "pages": len(truth["entries"]) // 64 + 1,
        "page_size": 64,
    }
    assert index["later"]["count"] >= 4


def test_a_memory_that_does_not_fit_its_pages_adds_up(tmp_path: Path) -> None:
    """Entries and ids that had to move to blobs are whole documents there; nothing is missing."""
    lines = bulky_events()
    run = make_run(tmp_path / "run", b"\n".join([*lines, b""]), None, "[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    [page] = site.pages(MEMORY)
    assert page["moved"]
    assert page["seenInputIdsMoved"]
    assert put_together(site) == in_contract_form(fold([json.loads(line) for line in lines]))


def test_an_empty_run_has_the_contracts_empty_answers(tmp_path: Path) -> None:
    """Missing data is no error: counts of zero, null for the last of anything, plane PAPER without positions."""
    (tmp_path / "run" / "audit-events" / "data").mkdir(parents=True)
    site = build(tmp_path / "run", tmp_path / "site")
    summary = site.document(f"{EVENTS}/summary.json")
    assert (summary["total_count"], summary["counts_by_type"]) == (0, {})
    assert (summary["last_event_id"], summary["last_logical_time"]) == (None, None)
    assert site.document(f"{EVENTS}/latest.json") == {"events": []}
    assert site.document(f"{OBSERVE}/derived/shadow-ledger.json") == {
        "shadow_ledger": {"plane": "PAPER", "positions": []}
    }
    assert site.document(f"{OBSERVE}/persistence/snapshots/latest.json") == {"snapshot": None}
    assert put_together(site) == {"version": 1, "entries": {}, "seenInputIds": {}}
    paths = site.document(f"{OBSERVE}/persistence/paths.json")
    assert all(stream["exists"] is False and stream["size_bytes"] is None for stream in paths.values())
