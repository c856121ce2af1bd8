"""Ids of a log, derived again: recovered facts, what is withheld, what stands alone, and blocks of any cut."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import MEMORY, changed, replay, simulated, uid
from replayglass.config import Config
from replayglass.domains.paper.idcounts import ANSWERS, KINDS
from replayglass.domains.paper.projection import BLOCK
from replayglass.record import PAGE_SIZE, Severity
from rowwords import words
from rulelogs import REAL, REAL_SNAPSHOTS, place, put
from sites import AUDIT, EXTRA, LOGS, SMALL, SNAPSHOTS, records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paperlog import Replayed

on_every_log = pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)


def hidden(log: Path) -> dict[str, tuple[list[str], str | None]]:
    """Return what the original was given, by decision: its reason codes, and why it proposed nothing."""
    facts = {}
    for tick in json.loads((log / "expected" / "truth.ticks.json").read_bytes()):
        intent = tick["output"]["orderIntent"]
        reason = intent["reason"] if intent.get("type") == "NO_INTENT" else None
        facts[tick["output"]["decisionId"]] = (tick["input"]["reasonCodes"], reason)
    return facts


def recovered(replayed: Replayed) -> dict[str, tuple[list[str] | None, str | None]]:
    """Return the recovered facts that the pages of decisions publish."""
    pages = replayed.json_pages(MEMORY)
    facts: dict[str, Any] = {name: fact for page in pages for name, fact in page["recovered"].items()}
    assert [*facts] == [name for page in pages for name in page["entries"]]
    return {name: (fact["reasonCodes"], fact["noIntentReason"]) for name, fact in facts.items()}


def counts(replayed: Replayed) -> dict[str, dict[str, int]]:
    """Return what recomputing came to, as the integrity document says it."""
    numbers: dict[str, dict[str, int]] = replayed.json("v1/integrity.json")["ids"]
    return numbers


@on_every_log
def test_recovered_facts_are_those_the_runtime_was_given(log: Path) -> None:
    """Reason codes and NoIntentReasons found by the ids are the hidden truth, in JSON, in rows and in stories."""
    truth, replayed = hidden(log), replay(records(log / AUDIT), records(log / SNAPSHOTS))
    assert recovered(replayed) == truth
    rows = [words(row) for row in replayed.rows("events") if row.kind.anchored]
    told = list(replayed.stories().values())
    for number, (decision, (codes, reason)) in enumerate(truth.items()):
        said = f", recovered reason codes {', '.join(codes) or 'none'}"
        assert any(said in row for row in rows if "DECISION_EVALUATED" in row and decision in row)
        assert any(said in line for line in told[number][1:])
        assert any(f", recovered reason {reason}" in line for line in told[number]) == (reason is not None)
        assert (f"nothing: {reason} (recovered)" in told[number][0]) == (reason is not None)
    found = [row for row in rows if ", recovered reason " in row and "ORDER_INTENT_SKIPPED" in row]
    assert len(found) == sum("ORDER_INTENT_SKIPPED" in row for row in rows)


def test_what_no_search_finds_is_not_recovered() -> None:
    """An id that no candidate derives has null in the JSON, no word in rows or stories, and its finding."""
    skip = place("ORDER_INTENT_SKIPPED")
    decision = json.loads(REAL[skip - 1])["decisionId"]
    for seq, fields in ((skip - 1, {"decisionClass": "x.y.z@v1"}), (skip, {"id": uid("x")})):
        replayed = replay(put(REAL, seq, **fields), REAL_SNAPSHOTS)
        facts = recovered(replayed)[decision]
        assert facts[skip - seq == 0] is None
        assert facts[skip - seq != 0] is not None
        row = next(row for row in replayed.rows("events") if row.number == seq)
        assert "recovered" not in words(row)
        (finding,) = replayed.findings
        assert finding.seq == seq
        assert finding.code == ("identity.skip-reason" if seq == skip else "identity.decision-unexplained")


@pytest.mark.parametrize("limit", range(4))
def test_longer_lists_than_the_limit_are_unexplained(limit: int) -> None:
    """`identity.max_reason_codes` bounds the search: longer lists are warnings that name the bound, and null."""
    truth = hidden(SMALL)
    replayed = replay(records(SMALL / AUDIT), config=Config(max_reason_codes=limit))
    wanted = {name: codes if len(codes) <= limit else None for name, (codes, _) in truth.items()}
    assert {name: codes for name, (codes, _) in recovered(replayed).items()} == wanted
    found = [own for own in replayed.findings if own.code == "identity.decision-unexplained"]
    assert len(found) == sum(codes is None for codes in wanted.values())
    assert all(f"up to {limit} reason codes" in own.message and own.severity is Severity.WARNING for own in found)


def test_every_id_is_counted_once() -> None:
    """The integrity document counts each id of the log under one answer, and all of a sound log match."""
    numbers = counts(replay(REAL, REAL_SNAPSHOTS))
    events = [json.loads(raw) for raw in REAL]
    types = Counter(event["type"] for event in events)
    wanted = {kind: types[kind] for kind in KINDS if kind in types}
    for kind, owner in (("decision", "DECISION_EVALUATED"), ("orderIntent", "ORDER_INTENT_CREATED")):
        wanted[f"{kind}Id"] = types[owner]
    wanted |= {"executionId": types["EXECUTION_ATTEMPTED"], "snapshotId": len(REAL_SNAPSHOTS)}
    assert {kind: sum(own.values()) for kind, own in numbers.items() if kind != "all"} == wanted
    assert {answer for answer in ANSWERS if numbers["all"][answer]} == {"matched", "recovered"}


TOTALS = {kind: sum(own.values()) for kind, own in counts(replay(REAL, REAL_SNAPSHOTS)).items()}


@settings(max_examples=30, deadline=None)
@given(seqs=st.sets(st.integers(0, len(REAL) - 1), min_size=1, max_size=30), data=st.data())
def test_redaction_never_contradicts(seqs: set[int], data: st.DataObject) -> None:
    """A redacted record is withheld, and so is what derives from it in its tick; nothing is said to contradict."""
    fields = ("strategyInstanceId", "decisionClass", "orderIntentId", "executionId", "category")
    audit = list(REAL)
    for seq in seqs:
        said = json.loads(audit[seq])
        field = data.draw(st.sampled_from(fields))
        value = {"executionId": uid(seq), "category": "RISK_COMFORT"}.get(field, "x.y.z@v1")
        audit[seq] = changed(audit[seq], **({field: value} if field in said else {"id": uid(seq)}))
    replayed = replay(audit, REAL_SNAPSHOTS, redacted=[("audit-events", seq) for seq in seqs])
    found = [(own.code, own.seq) for own in replayed.findings if own.code.startswith("identity.")]
    assert found == [("identity.withheld", seq) for seq in sorted(seqs)]
    numbers = counts(replayed)
    assert numbers["all"]["contradicted"] == numbers["all"]["unexplained"] == numbers["all"]["not computable"] == 0
    assert numbers["all"]["withheld"] >= len(seqs)
    assert {kind: sum(own.values()) for kind, own in numbers.items()} == TOTALS


def test_what_derives_from_a_redacted_record_is_withheld() -> None:
    """A decision hides all that follows from it, an order intent its execution, an attempt the ledger update."""
    last = place("LEDGER_UPDATED")
    intent = ["ORDER_INTENT_CREATED", "orderIntentId"]
    for back, kinds in (
        (5, ["DECISION_EVALUATED", *intent, "LEDGER_UPDATED", "decisionId", "executionId"]),
        (4, [*intent, "executionId"]),
        (2, ["EXECUTION_ATTEMPTED", "LEDGER_UPDATED", "executionId"]),
        (1, ["EXECUTION_OUTCOME_RECORDED"]),
    ):
        numbers = counts(replay(REAL, REAL_SNAPSHOTS, redacted=[("audit-events", last - back)]))
        held = {kind: own["withheld"] for kind, own in numbers.items() if own["withheld"] and kind != "all"}
        assert held == dict.fromkeys(kinds, 1)


def test_redacted_records_that_are_damaged_stay_what_they_are() -> None:
    """An unreadable or invalid record that is redacted has the finding of its damage only, and ends its tick."""
    skip = place("ORDER_INTENT_SKIPPED")
    for raw in (b"{", changed(REAL[skip - 1], decisionId="[redacted]"), changed(REAL[skip], reason="[redacted]")):
        seq = skip if b"SKIPPED" in raw else skip - 1
        replayed = replay([*REAL[:seq], raw, *REAL[seq + 1 :]], REAL_SNAPSHOTS, redacted=[("audit-events", seq)])
        assert [own.code for own in replayed.findings if own.code.startswith("identity.")] == []


def test_a_redacted_snapshot_is_withheld() -> None:
    """The id of a snapshot of which a part is withheld is not derived again; damaged ones have no id to derive."""
    edited = put(REAL_SNAPSHOTS, 1, snapshotId=uid(1))
    replayed = replay(REAL, [*edited, b"{"], redacted=[("snapshots", 1), ("snapshots", len(edited))])
    found = [(own.code, own.seq) for own in replayed.findings if own.code.startswith("identity.")]
    assert found == [("identity.withheld", 1)]
    assert counts(replayed)["snapshotId"]["withheld"] == 1
    assert counts(replayed)["snapshotId"]["matched"] == len(REAL_SNAPSHOTS) - 1


SAME_TIME = records(next(log for log in EXTRA if log.name == "two_decisions_same_time") / AUDIT)
"""Two executed ticks of one time: what the second one lost must not be taken for the first one's."""


LOST = [(6,), (7,), (6, 7), (9,), (5, 6), (1, 2, 6), (1, 6), (3, 6, 7), (5, 6, 9), (6, 7, 8, 9, 10)]


@pytest.mark.parametrize("lost", ["unreadable", "missing", "invalid"])
@pytest.mark.parametrize("seqs", LOST)
def test_a_lost_record_contradicts_nothing(seqs: tuple[int, ...], lost: str) -> None:
    """Without the record that an id is derived from, the id stands alone: no other tick's record takes its place."""
    kept: list[bytes] = []
    for seq, raw in enumerate(SAME_TIME):
        if seq not in seqs:
            kept.append(raw)
        elif lost != "missing":
            kept.append(b"{" if lost == "unreadable" else changed(raw, version=2))
    replayed = replay(kept)
    assert [own.code for own in replayed.findings if own.code.startswith("identity.")] == []
    assert counts(replayed)["all"]["contradicted"] == 0


def test_an_order_intent_belongs_to_no_earlier_tick() -> None:
    """An order intent after a redacted one, or after a decision that is not valid, is not taken for another tick's."""
    redacted = replay([*SAME_TIME[:2], *SAME_TIME[7:]], redacted=[("audit-events", 1)])
    invalid = replay([SAME_TIME[0], changed(SAME_TIME[6], version=2), *SAME_TIME[7:]])
    for replayed, wanted in ((redacted, ["identity.withheld"]), (invalid, [])):
        assert [own.code for own in replayed.findings if own.code.startswith("identity.")] == wanted


LONG, LONG_SNAPSHOTS = simulated(5200, 5)
EDGE = BLOCK * PAGE_SIZE
"""The first event of the second block, if batches are cut nowhere but where pages end."""


def _damaged(seqs: Sequence[int]) -> list[bytes]:
    damaged = list(LONG)
    for seq in seqs:
        damaged[seq] = changed(damaged[seq], id=uid("edge", seq))
    return damaged


def test_a_tick_across_two_blocks_is_one_tick() -> None:
    """Ids of a tick that the end of a block cuts are derived from its records on both sides."""
    starts = [seq for seq, raw in enumerate(LONG) if b'"DECISION_EVALUATED"' in raw]
    assert EDGE not in starts
    assert [own for own in replay(LONG, LONG_SNAPSHOTS).findings if own.severity is not Severity.INFO] == []
    assert counts(replay(LONG, LONG_SNAPSHOTS))["all"]["not computable"] == 0


@settings(max_examples=6, deadline=None)
@given(near=st.sets(st.integers(EDGE - 8, EDGE + 8), min_size=1), cuts=st.sets(st.integers(EDGE - 9, EDGE + 9)))
def test_blocks_change_no_finding(near: set[int], cuts: set[int]) -> None:
    """Errors around the end of a block are found alike, wherever batches and so blocks are cut."""
    audit = _damaged(sorted(near))
    findings = replay(audit, LONG_SNAPSHOTS).findings
    assert {own.seq for own in findings if own.code.startswith("identity.")} == near
    assert replay(audit, LONG_SNAPSHOTS, cuts=sorted(cuts)).findings == findings


@settings(max_examples=15, deadline=None)
@given(seqs=st.sets(st.integers(0, len(REAL) - 1)), cuts=st.sets(st.integers(1, len(REAL))))
def test_cuts_change_nothing_of_what_was_recomputed(seqs: set[int], cuts: set[int]) -> None:
    """Findings, counts and recovered facts are the same for any batches."""
    audit = [changed(raw, id=uid(seq)) if seq in seqs else raw for seq, raw in enumerate(REAL)]
    whole, cut = replay(audit, REAL_SNAPSHOTS), replay(audit, REAL_SNAPSHOTS, cuts=sorted(cuts))
    assert whole.findings == cut.findings
    assert counts(whole) == counts(cut)
    assert recovered(whole) == recovered(cut)


def test_a_large_block_ends_early() -> None:
    """A block ends by its bytes too, so that large records are not held in memory by the hundred."""
    large = [changed(raw, marketId="M" * 100_000) if b"marketId" in raw else raw for raw in SAME_TIME] * 16
    cuts = range(0, len(large), 8)
    assert replay(large, cuts=cuts).findings == replay(large).findings


def test_an_empty_log_has_nothing_to_derive() -> None:
    """Without events there is no id, and the page says so."""
    assert counts(replay([]))["all"] == dict.fromkeys(ANSWERS, 0)
