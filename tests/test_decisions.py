"""The fold: which decision each event belongs to, what it counts there, and what is wrong where it fits nowhere."""

from __future__ import annotations

import json
from itertools import chain

import pytest

from naivememory import published_memory
from paperlog import (
    BTC,
    MEMORY,
    OBSERVE,
    Tick,
    changed,
    replay,
    uid,
)
from replayglass.config import Config
from replayglass.domains.paper.rules import Safety
from replayglass.page import Table

ONE, TWO = Tick(1, 5), Tick(2, 5)


LATER = Tick(3, 6)


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
    assert [len(story) - 1 for story in stories.values()] == [7, 6, 10]
    assert stories[0][-3] == " | ledger | open before and after: nothing"
    after = f"before: {BTC} not held, 0 open on PAPER; after: open, 1 open, position change 0"
    assert stories[2][7] == f" | ledger | {after}"
    assert (
        stories[1][-1]
        == " | proof | events 4 to 6, checked on their page, or by: replayglass prove SITE audit-events 4; raw JSON"
    )


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
    assert twice.stories()[0][-2].endswith("repeats event 7; counted once")
    assert twice.json(f"{OBSERVE}/derived/ledgers.json") == once.json(f"{OBSERVE}/derived/ledgers.json")


def test_a_repeated_skip_counts_once() -> None:
    """A skipped tick that is written twice has one reason and one proposal."""
    once, twice = replay(ONE.skipped()), replay(ONE.skipped() + ONE.skipped())
    assert published_memory(once) == published_memory(twice)
    reasons = [block for page in (once, twice) for block in page.pages["decisions/index.html"].blocks]
    tables = [block.rows for block in reasons if isinstance(block, Table) and block.title.startswith("Why nothing")]
    assert tables[:2] == tables[2:]
    assert [len(rows) for rows in tables[:2]] == [1, 0]


def test_an_id_used_again_makes_no_decision() -> None:
    """A decision whose event id was seen before is no input: what names it stays without one."""
    again = changed(TWO.d(), id=json.loads(ONE.k())["id"])
    replayed = replay([*ONE.skipped(), again, TWO.k(), TWO.s()])
    assert replayed.ticks() == [0, 0, 0, None, None, None]
    conflict = ("duplicate.conflicting", 3)
    assert replayed.codes() == [conflict, ("replay.no-decision", 4), ("replay.unknown-decision", 5)]
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
        *["replay.no-decision"] * 2,
        "replay.feedback-unknown-decision",
    ]


def test_a_ledger_update_belongs_to_an_execution() -> None:
    """A tick that executed nothing, or whose update came, takes no ledger update; neither does another time's."""
    for raws in ([*ONE.skipped(), ONE.u()], [*ONE.filled(), ONE.u(key=2)], [*ONE.filled()[:-1], LATER.u()], [ONE.u()]):
        found = [own for own in replay(raws).codes() if own[0] != "tick.unfinished"]
        assert found == [("replay.no-decision", len(raws) - 1)]


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
        ([ONE.f()], "replay.no-decision"),
        ([ONE.f({"type": "TIME_WINDOW", "from": 1, "to": 9})], "replay.no-decision"),
        ([ONE.f(TWO.on_execution())], "replay.no-decision"),
    ],
)
def test_events_that_fit_nowhere_are_reported(raws: list[bytes], code: str) -> None:
    """An event whose decision is unknown, or for which no tick waits, is a finding of its own code."""
    replayed = replay(raws)
    assert (code, len(raws) - 1) in replayed.codes()
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


def test_a_long_story_is_cut_and_says_so() -> None:
    """A story has at most 64 lines; what is beyond is counted in it and on its decision, and said to be left out."""
    replayed = replay([*ONE.skipped(), *(ONE.s(key=number) for number in range(100))])
    assert len(replayed.stories()[0]) == 1 + 64 + 3
    assert replayed.stories()[0][-1] == " | more | 39 more events of this decision are on the event pages only"
    assert replayed.json_pages(MEMORY)[0]["entries"][ONE.decision]["safety"]["evaluationsObserved"] == 101


def test_an_invalid_event_stands_in_the_story_it_names() -> None:
    """An event that is not valid is not replayed; the open decision that it names tells of it."""
    replayed = replay([ONE.d(), ONE.k(), changed(ONE.s(), version=2), changed(TWO.s(), version=2)])
    assert replayed.stories()[0][-3] == "2 | not valid | The field version must be the number 1."
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
