"""The decision memory that the site publishes is the one of paper-runtime.md section 12, however the log came."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naivememory import naive_memory, published_memory
from paperlog import (
    AUDIT,
    DATA,
    MEMORY,
    SNAPSHOTS,
    Replayed,
    changed,
    records,
    replay,
    simulated,
)
from replayglass.record import Severity

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.no_cover


@cache
def run(seed: int, events: int = 3000) -> tuple[list[bytes], list[bytes]]:
    """Return a simulated run, made once."""
    return simulated(events, seed)


LOGS = [DATA / "small", *sorted(path.parent for path in (DATA / "extra").glob("*/audit-events"))]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_logs_of_the_runtime_add_up_to_the_naive_reducer(log: Path) -> None:
    """On each conformance log page entries plus later rows are the memory of section 12."""
    audit = records(log / AUDIT)
    replayed = replay(audit, records(log / SNAPSHOTS))
    assert published_memory(replayed) == naive_memory([json.loads(raw) for raw in audit])
    assert log.name == "odd_feedback" or {finding.severity for finding in replayed.findings} <= {Severity.INFO}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_simulated_runs_add_up_to_the_naive_reducer(seed: int) -> None:
    """Over many decision pages, with feedback given late, the published memory is the naive one."""
    audit, snapshots = run(seed)
    replayed = replay(audit, snapshots)
    assert published_memory(replayed) == naive_memory([json.loads(raw) for raw in audit])
    assert replayed.findings == []
    assert len(replayed.json_pages(MEMORY)) > 5
    assert any(page["rows"] for page in replayed.json_pages(f"{MEMORY}/later"))


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_shuffled_and_doubled_log_adds_up_too(data: st.DataObject) -> None:
    """Lines moved, doubled or lost: what is counted is what section 12 counts, as long as ids mean one thing."""
    audit = list(run(4, 400)[0])
    for _ in range(data.draw(st.integers(0, 40))):
        place, other = data.draw(st.integers(0, len(audit) - 1)), data.draw(st.integers(0, len(audit) - 1))
        match data.draw(st.sampled_from(["double", "lose", "repeat page"])):
            case "double":
                audit.insert(other, audit[min(place, other)])
            case "lose":
                del audit[place]
            case _:
                audit += audit[:7]
    known: set[str] = set()
    kept = []
    for raw in audit:
        event = json.loads(raw)
        known |= {event["decisionId"]} if event["type"] == "DECISION_EVALUATED" else set()
        if event.get("decisionId") is None or event["decisionId"] in known:
            kept.append(raw)
    assert published_memory(replay(kept)) == naive_memory([json.loads(raw) for raw in kept])


def artifacts(replayed: Replayed) -> dict[str, object]:
    """Return all that a replay gives, by path."""
    return {**replayed.pages, **replayed.documents, **replayed.blobs}


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 1400), max_size=30), seed=st.sampled_from([1, 2]))
def test_replay_goes_on_where_it_stopped(cuts: list[int], seed: int) -> None:
    """However the records come in batches, within pages, every page and document is the same: the fold is one."""
    audit, snapshots = run(seed, 1400)
    whole = replay(audit, snapshots)
    split = replay(audit, snapshots, cuts=cuts)
    assert artifacts(split) == artifacts(whole)
    assert split.findings == whole.findings


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 420), max_size=20), data=st.data())
def test_damage_is_told_the_same_in_any_batches(cuts: list[int], data: st.DataObject) -> None:
    """Also of a damaged log every page, document and finding is the same however the records come."""
    audit = list(run(2, 400)[0])
    for raw in (
        b"{",
        b"null",
        b'{"type":"NEW"}',
        b'{"type":"OTHER","decisionId":"x"}',
        audit[5],
        changed(audit[9], id="x"),
    ):
        audit.insert(data.draw(st.integers(0, len(audit))), raw)
    whole, split = replay(audit, torn=(b'{"i', None)), replay(audit, cuts=cuts, torn=(b'{"i', None))
    assert artifacts(split) == artifacts(whole)
    assert split.findings == whole.findings


@settings(max_examples=8, deadline=None)
@given(length=st.integers(0, 1500))
def test_full_pages_never_change_when_the_log_grows(length: int) -> None:
    """Every full page of every collection of a shorter log is, page and bytes, a page of the longer one."""
    audit, snapshots = run(3, 1500)
    executed = sum(b"LEDGER_UPDATED" in raw for raw in audit[:length])
    before, after = replay(audit[:length], snapshots[:executed]), replay(audit, snapshots)
    full = {path for path, page in before.pages.items() if page.neighbours is not None and page.neighbours.next}
    full |= {page.json for path in full if (page := before.pages[path]).json is not None}
    documents = artifacts(before)
    assert all(documents[path] == artifacts(after)[path] for path in full)
    assert sum(path.startswith("events/") for path in full) == length // 256
