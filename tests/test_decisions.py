"""The fold: which decision each event belongs to, what it counts there, and what is wrong where it fits nowhere."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import (
    AUDIT,
    BTC,
    DATA,
    MEMORY,
    OBSERVE,
    SNAPSHOTS,
    Replayed,
    Tick,
    changed,
    records,
    replay,
    simulated,
    uid,
)
from replayglass.config import Config
from replayglass.domains.paper.rules import Safety

if TYPE_CHECKING:
    from pathlib import Path

CATEGORIES = ("DECISION_QUALITY", "RISK_COMFORT", "SYSTEM_BEHAVIOR")
ONE, TWO = Tick(1, 5), Tick(2, 5)
LATER = Tick(3, 6)


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
    assert log.name == "odd_feedback" or replayed.findings == []


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


def test_the_ways_a_tick_goes() -> None:
    """Skipped, stopped by safety, executed, with or without feedback: all events of a tick join its decision."""
    ticks = [
        [*ONE.skipped(), ONE.f()],
        [LATER.d(), LATER.c(), LATER.s(Safety.HALT)],
        [*Tick(4, 7).filled(), Tick(4, 7).f(Tick(4, 7).on_execution())],
    ]
    replayed = replay(list(chain.from_iterable(ticks)))
    assert replayed.codes() == []
    assert replayed.ticks() == [number for number, tick in enumerate(ticks) for _ in tick]
    stories = replayed.stories()
    assert stories[0][0].endswith("nothing: ATTENTION_INSUFFICIENT | ALLOW | nothing proposed")
    assert stories[1][0].endswith(f"BUY of {BTC} | HALT | proposed, not executed")
    assert stories[2][0].endswith(f"BUY of {BTC} | ALLOW | filled")
    assert [len(story) - 1 for story in stories.values()] == [4, 3, 8]
    assert stories[2][7] == f" | ledger effect | {BTC} on PAPER opened (was not held)"


@pytest.mark.parametrize(
    ("tick", "wanted"),
    [
        ([ONE.d(), ONE.c(), ONE.s(), ONE.a(), ONE.o("FAILED"), ONE.u()], "failed, ledger unchanged"),
        ([ONE.d(), ONE.c(), ONE.s(), ONE.a(), ONE.o("PARTIALLY_FILLED"), ONE.u()], "partly filled, ledger unchanged"),
        ([ONE.d(), ONE.c(), ONE.s()], "the log tells no end"),
        ([ONE.d(), ONE.c()], "the log tells no end"),
        ([ONE.d(), ONE.s()], "the log tells no end"),
        ([ONE.d()], "the log tells no end"),
    ],
)
def test_outcomes_are_told_in_words(tick: list[bytes], wanted: str) -> None:
    """A decision came to its execution's status, or the log does not tell what it came to."""
    assert replay(tick).stories()[0][0].endswith(f" | {wanted}")


def test_ids_seen_before_change_nothing() -> None:
    """Whole ticks repeated count once: the same memory, the repeats are told, the later ones apart."""
    tick = [*ONE.filled(), ONE.f(), ONE.f(TWO.on_decision())]
    once, twice = replay(tick), replay(tick + tick)
    assert published_memory(once) == published_memory(twice)
    assert twice.json_pages(MEMORY)[0]["seenInputIds"] == once.json_pages(MEMORY)[0]["seenInputIds"]
    assert twice.ticks() == [0] * 16
    assert [row.values[:1] for row in twice.rows("events") if not row.kind.anchored] == [(0,)] * 8
    assert twice.stories()[0][-1].endswith("repeats event 7; counted once")
    assert twice.json(f"{OBSERVE}/derived/ledgers.json") == once.json(f"{OBSERVE}/derived/ledgers.json")


def test_an_id_used_again_makes_no_decision() -> None:
    """A decision whose event id was seen before is no input: what names it stays without one."""
    again = changed(TWO.d(), id=json.loads(ONE.k())["id"])
    replayed = replay([*ONE.skipped(), again, TWO.k(), TWO.s()])
    assert replayed.ticks() == [0, 0, 0, None, None, None]
    assert replayed.codes() == [("replay.no-decision", 4), ("replay.unknown-decision", 5)]
    assert len(replayed.json_pages(MEMORY)[0]["entries"]) == 1


@pytest.mark.parametrize(
    "lost", [b'{"id', b"null", changed(TWO.d(), version=2), None], ids=["unreadable", "no object", "invalid", "missing"]
)
def test_what_follows_a_lost_decision_joins_no_other(lost: bytes | None) -> None:
    """Where a decision's line is damaged or gone its events are orphans, also at the time of the tick before."""
    rest = [*TWO.filled()[1:], TWO.f()]
    replayed = replay([*ONE.skipped(), *([] if lost is None else [lost]), *rest, *LATER.skipped()])
    assert [tick for tick in replayed.ticks() if tick is not None] == [0, 0, 0, 1, 1, 1]
    own = [code for code, _ in replayed.codes() if code.startswith("replay.")]
    assert own == [
        "replay.no-decision",
        *["replay.unknown-decision"] * 3,
        "replay.no-decision",
        "replay.feedback-unknown-decision",
    ]


def test_a_ledger_update_belongs_to_an_execution() -> None:
    """A tick that executed nothing, or whose update came, takes no ledger update; neither does another time's."""
    for raws in ([*ONE.skipped(), ONE.u()], [*ONE.filled(), ONE.u(key=2)], [*ONE.filled()[:-1], LATER.u()], [ONE.u()]):
        assert replay(raws).codes() == [("replay.no-decision", len(raws) - 1)]


def test_a_tick_without_its_attempt_still_updates_the_ledger() -> None:
    """The outcome names the execution too: one lost line does not cut the ledger off."""
    for lost in (3, 4):
        tick = ONE.filled()
        tick[lost] = b"{"
        replayed = replay(tick)
        assert [code for code, _ in replayed.codes()] == ["json.incomplete"]
        assert replayed.ticks()[-1] == 0


@pytest.mark.parametrize(
    ("raws", "code"),
    [
        ([ONE.c()], "replay.no-decision"),
        ([ONE.k()], "replay.no-decision"),
        ([ONE.d(), ONE.k(), ONE.k(key=2)], "replay.no-decision"),
        ([ONE.d(), ONE.s(), ONE.c()], "replay.no-decision"),
        ([ONE.d(), LATER.k()], "replay.no-decision"),
        ([ONE.s()], "replay.unknown-decision"),
        ([ONE.a()], "replay.unknown-decision"),
        ([ONE.o()], "replay.unknown-decision"),
        ([ONE.f()], "replay.feedback-unknown-decision"),
        ([ONE.f({"type": "TIME_WINDOW", "from": 1, "to": 9})], "replay.no-decision"),
        ([ONE.f(TWO.on_execution())], "replay.no-decision"),
    ],
)
def test_events_that_fit_nowhere_are_reported(raws: list[bytes], code: str) -> None:
    """An event whose decision is unknown, or for which no tick waits, is a finding of its own code."""
    replayed = replay(raws)
    assert replayed.codes() == [(code, len(raws) - 1)]
    assert replayed.ticks()[-1] is None


def test_events_of_an_open_decision_outside_its_tick_count_there() -> None:
    """Safety, attempt and outcome that name another decision than the tick's count at the one they name."""
    late = [ONE.s(Safety.FORCE_SELL, 2), ONE.a(key=2), ONE.o("FAILED", 2), TWO.f(ONE.on_decision())]
    replayed = replay([*ONE.skipped(), *TWO.skipped(), *late])
    entry = replayed.json_pages(MEMORY)[0]["entries"][ONE.decision]
    assert (
        entry["safety"]["forcedSellCount"]
        == entry["execution"]["failedCount"]
        == entry["feedback"]["feedbackCount"]
        == 1
    )
    assert replayed.ticks() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1]
    assert any("RISK_COMFORT, feedback" in line for line in replayed.stories()[0])
    assert any("RISK_COMFORT, feedback" in line for line in replayed.stories()[1])


MANY = [raw for number in range(100, 164) for raw in Tick(number, 1).skipped()]


def test_what_comes_after_a_page_closed_goes_to_the_later_rows() -> None:
    """Inputs of closed decisions are later rows with what they count; the closed page stays as it was."""
    window: dict[str, str | int] = {"type": "TIME_WINDOW", "from": 1, "to": 9}
    closed = Tick(100, 1)
    again = Tick(100, 9)
    late = [
        *TWO.skipped(),
        TWO.f(closed.on_decision()),
        closed.o("FAILED"),
        closed.d(),
        again.d("again"),
        again.c(),
        again.s(Safety.HALT, "again"),
        again.f(),
        again.f(window),
        again.f(TWO.on_decision()),
        changed(Tick(100, 11).f(key="other time"), logicalTime=11, createdAtLogical=11),
        again.f(),
    ]
    before, after = replay(MANY), replay(MANY + late)
    assert after.json_pages(MEMORY)[0] == before.json_pages(MEMORY)[0]
    rows = after.json_pages(f"{MEMORY}/later")[0]["rows"]
    assert [(row["type"], row["value"], row["decision"], row["repeated"]) for row in rows] == [
        ("USER_FEEDBACK_RECORDED", "RISK_COMFORT", 0, False),
        ("EXECUTION_OUTCOME_RECORDED", "FAILED", 0, False),
        ("DECISION_EVALUATED", None, 0, True),
        ("DECISION_EVALUATED", None, 0, False),
        ("ORDER_INTENT_CREATED", None, 0, False),
        ("SAFETY_EVALUATED", "HALT", 0, False),
        ("USER_FEEDBACK_RECORDED", "RISK_COMFORT", 0, False),
        ("USER_FEEDBACK_RECORDED", "RISK_COMFORT", 0, False),
    ]
    assert published_memory(after) == naive_memory([json.loads(raw) for raw in MANY + late])
    assert [row["counted"] for row in after.json_pages(f"{OBSERVE}/derived/feedback")[0]["rows"]] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_closed_decision_that_executes_again_moves_the_ledger() -> None:
    """A tick of a decision whose page closed executes as any other: the ledger follows, the events are later rows."""
    again = Tick(100, 9)
    replayed = replay([*MANY, *TWO.skipped(), *again.filled()])
    assert [row["type"] for row in replayed.json_pages(f"{MEMORY}/later")[0]["rows"]][-1] == "LEDGER_UPDATED"
    (plane,) = replayed.json(f"{OBSERVE}/derived/ledgers.json")["planes"]
    assert plane["from_events"][0]["lastExecutionId"] == again.execution
    assert replayed.findings == []


def test_feedback_on_executions_finds_who_attempted_them_first() -> None:
    """An execution's decision is the first that attempted it, while its page is open and after it closed."""
    first, window = Tick(1, 1), Tick(2, 1)
    window.execution = first.execution
    page = [raw for number in range(200, 262) for raw in Tick(number, 1).skipped()]
    ask = Tick(9, 1)
    raws = [*first.filled(), *window.filled(), first.f(first.on_execution()), *page, *ask.skipped()]
    ask_again = Tick(10, 1)
    ask_again.execution = first.execution
    raws += [
        ask.f(first.on_execution()),
        *ask_again.filled(),
        ask_again.f(first.on_execution()),
        ask.f(ask.on_execution()),
    ]
    rows = replay(raws).json_pages(f"{OBSERVE}/derived/feedback")[0]["rows"]
    assert [row["decision"] for row in rows] == [0, 0, 0, None]


def test_a_long_story_is_cut_and_says_so() -> None:
    """A story has at most 64 lines; what is beyond is counted in it and on its decision, and said to be left out."""
    replayed = replay([*ONE.skipped(), *(ONE.s(key=number) for number in range(100))])
    assert len(replayed.stories()[0]) == 1 + 64 + 1
    assert replayed.stories()[0][-1] == " | more | 39 more events of this decision are on the event pages only"
    assert replayed.json_pages(MEMORY)[0]["entries"][ONE.decision]["safety"]["evaluationsObserved"] == 101


def test_an_invalid_event_stands_in_the_story_it_names() -> None:
    """An event that is not valid is not replayed; the open decision that it names tells of it."""
    replayed = replay([ONE.d(), ONE.k(), changed(ONE.s(), version=2), changed(TWO.s(), version=2)])
    assert replayed.stories()[0][-1] == "2 | not valid | The field version must be the number 1."
    assert replayed.json_pages(MEMORY)[0]["entries"][ONE.decision]["safety"]["evaluationsObserved"] == 0


def test_seen_inputs_are_the_ids_that_were_folded() -> None:
    """The seen inputs are the ids of the events with a decision and of counted feedback, in order."""
    replayed = replay([*ONE.filled(), ONE.f(), ONE.f({"type": "TIME_WINDOW", "from": 1, "to": 9}), *TWO.skipped()])
    wanted = [ONE.d(), ONE.s(), ONE.a(), ONE.o(), ONE.f(), TWO.d(), TWO.s()]
    assert list(replayed.json_pages(MEMORY)[0]["seenInputIds"]) == [json.loads(raw)["id"] for raw in wanted]


def test_seen_inputs_that_are_too_many_for_their_page_are_a_file() -> None:
    """Inputs of one page without end do not make it too large: their ids move to a blob, all of them."""
    raws = [*ONE.skipped(), *(ONE.s(key=number) for number in range(1500))]
    replayed = replay(raws, config=Config(max_file_bytes=65536))
    page = replayed.json_pages(MEMORY)[0]
    ids = json.loads(replayed.blobs[page["seenInputIdsMoved"]["blob"]])
    assert page["seenInputIds"] == {}
    assert list(ids) == [json.loads(raw)["id"] for raw in raws if b"decisionId" in raw]


def test_an_instance_that_is_no_uuid_still_decides() -> None:
    """A market or instance of any name makes the same fold."""
    odd = changed(ONE.d(), strategyInstanceId="../<b>\u202e")
    assert replay([odd, ONE.k(), ONE.s()]).codes() == [("schema.instance-id", 0)]
    assert uid("x") == uid("x") != uid("y")
