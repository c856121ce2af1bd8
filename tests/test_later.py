"""What concerns a decision whose page closed: it goes to the later rows, and the closed page stays as it was."""

from __future__ import annotations

import json

from naivememory import naive_memory, published_memory
from paperlog import (
    MEMORY,
    OBSERVE,
    Tick,
    changed,
    replay,
)
from replayglass.domains.paper.rules import Safety

ONE, TWO = Tick(1, 5), Tick(2, 5)


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
    assert replayed.codes() == []


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
