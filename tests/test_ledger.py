"""The shadow ledger: what changed between snapshots, and what events alone say of it."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperlog import AUDIT, BTC, DATA, OBSERVE, SNAPSHOTS, Tick, changed, records, replay, simulated, snapshot, uid
from replayglass.domains.paper.events import Position
from replayglass.domains.paper.ledger import Change, changes, describe, in_written_order
from replayglass.domains.paper.lines import js_key_order
from replayglass.drawings import Chart
from replayglass.page import Notice, Table
from rowwords import words

DERIVED = f"{OBSERVE}/derived"


def position(market: str, quantity: str, number: int = 1) -> Position:
    """Return a position, open unless its quantity is 0."""
    return Position(market, quantity, quantity != "0", uid(number))


OPEN, MORE, SHUT = position("A", "1"), position("A", "2", 2), position("A", "0", 3)
POSITIONS = st.sampled_from([OPEN, MORE, SHUT])
LEDGERS = st.dictionaries(st.sampled_from("ABCD"), POSITIONS)
KEYS = st.sampled_from(
    ["0", "7", "10", "007", "4294967294", "4294967295", "99999999999", "-1", "1.5", "B", "a", "\u0661"]
)


@given(before=LEDGERS, after=LEDGERS)
def test_changes_lead_from_one_snapshot_to_the_next(before: dict[str, Position], after: dict[str, Position]) -> None:
    """Applied to the older ledger, the changes give the newer one; markets that are the same are not among them."""
    ledger = dict(before)
    for change in changes(before, after):
        assert change.before == ledger.pop(change.market, None)
        assert change.before != change.after
        if change.after is not None:
            ledger[change.market] = change.after
    assert ledger == after


@given(keys=st.lists(KEYS, unique=True))
def test_positions_stand_in_the_order_of_javascript(keys: list[str]) -> None:
    """Array indexes come first, ascending, then all other keys as written."""
    held = {key: position(key, "1") for key in keys}
    assert [own.market_id for own in in_written_order(held)] == sorted(keys, key=js_key_order)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (None, OPEN, "A is new, open with quantity 1"),
        (None, SHUT, "A is new, closed"),
        (SHUT, OPEN, "A opened with quantity 1"),
        (OPEN, SHUT, "A closed (quantity was 1)"),
        (OPEN, MORE, "A quantity 1 became 2"),
        (SHUT, position("A", "0", 9), "A executed again, quantity 0"),
        (OPEN, None, "A is gone"),
    ],
)
def test_changes_are_told_in_words(before: Position | None, after: Position | None, says: str) -> None:
    """Each kind of change has its own words."""
    assert describe(Change("A", before, after)) == says


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_alone_know_all_but_quantities(seed: int) -> None:
    """On simulated runs every market's state and last execution from the events are those of the latest snapshot."""
    audit, snapshots = simulated(2500, seed)
    replayed = replay(audit, snapshots)
    (plane,) = replayed.json(f"{DERIVED}/ledgers.json")["planes"]
    known = {row["marketId"]: (row["isOpen"], row["lastExecutionId"]) for row in plane["from_events"]}
    latest = json.loads(snapshots[-1])
    assert known == {key: (held["isOpen"], held["lastExecutionId"]) for key, held in latest["positions"].items()}
    assert plane["snapshot"] == len(snapshots) - 1
    assert plane["positions"] == list(latest["positions"].values())
    for row in plane["from_events"]:
        assert json.loads(audit[row["event"]])["marketId"] == row["marketId"]


RUNS = {
    "small": (records(DATA / "small" / AUDIT), records(DATA / "small" / SNAPSHOTS)),
    "integer_market_ids": (
        records(DATA / "extra/integer_market_ids" / AUDIT),
        records(DATA / "extra/integer_market_ids" / SNAPSHOTS),
    ),
    "simulated": simulated(2500, 4),
}


@pytest.mark.parametrize("name", RUNS)
def test_each_snapshot_is_joined_to_the_tick_that_caused_it(name: str) -> None:
    """Every snapshot's row links to a decision, in the order of the ledger updates, and the story links back."""
    audit, snapshots = RUNS[name]
    replayed = replay(audit, snapshots)
    updates = [tick for tick, raw in zip(replayed.ticks(), audit, strict=True) if b'"LEDGER_UPDATED"' in raw]
    rows = replayed.rows("snapshots")
    assert len(rows) == len(snapshots) == len(updates)
    assert [words(row).split(", after decision ")[1].split(" | ")[0] for row in rows] == list(map(str, updates))
    told = [line for story in replayed.stories().values() for line in story if "shown by snapshot" in line]
    assert [int(line.rpartition(" ")[2]) for line in told] == list(range(len(snapshots)))
    assert replayed.json(f"{OBSERVE}/persistence/snapshots/latest.json") == {"snapshot": json.loads(snapshots[-1])}


def test_the_history_lists_every_change() -> None:
    """The ledger's history, applied in order, ends in the latest snapshot; rows and JSON agree."""
    audit, snapshots = RUNS["simulated"]
    replayed = replay(audit, snapshots)
    ledger: dict[str, object] = {}
    rows = list(chain.from_iterable(page["rows"] for page in replayed.json_pages(f"{DERIVED}/ledger-changes")))
    for row in rows:
        market = row["after"]["marketId"]
        assert row["before"] == ledger.get(market)
        ledger[market] = row["after"]
    assert ledger == json.loads(snapshots[-1])["positions"]
    assert [row["row"] for row in rows] == list(range(len(rows))) == [row.number for row in replayed.rows("ledger")]


BUY, SELL, OTHER = Tick(1, 5), Tick(2, 6), Tick(3, 7, "ETH-USDT")
LIVE = Tick(4, 7)
HELD = (BTC, "1", True, BUY.execution)
SOLD = (BTC, "0", False, SELL.execution)


def says(snapshots: list[bytes], audit: list[bytes]) -> list[str]:
    """Return what the rows of the snapshots say."""
    return [words(row).split(" | ")[2] for row in replay(audit, snapshots).rows("snapshots") if len(row.kind.cells) > 1]


def test_a_snapshot_is_only_joined_to_its_own_tick() -> None:
    """Time, plane and, when it was filled, the execution must agree; a snapshot that fits none is joined to none."""
    first = snapshot(5, HELD)
    assert says([first], BUY.filled()) == [f"1 open, 0 closed; {BTC} is new, open with quantity 1, after decision 0"]
    for other in (
        snapshot(4, HELD),
        snapshot(6, HELD),
        snapshot(5, HELD, plane="LIVE"),
        snapshot(5, SOLD),
        snapshot(5),
    ):
        assert all(text.endswith("joined to no tick") for text in says([other], BUY.filled()))
    failed = [BUY.d(), BUY.c(), BUY.s(), BUY.a(), BUY.o("FAILED"), BUY.u()]
    assert says([snapshot(5)], failed) == ["0 open, 0 closed; nothing changed, after decision 0"]
    assert says([b"{", snapshot(5, HELD)], BUY.filled())[0].endswith("after decision 0")


def test_ledgers_of_planes_are_kept_apart() -> None:
    """Each plane has its own positions, from events and from its own latest snapshot."""
    audit = [*BUY.filled(), *LIVE.filled(plane="LIVE"), *OTHER.filled()]
    snapshots = [snapshot(5, HELD), snapshot(7, (BTC, "3", True, LIVE.execution), plane="LIVE")]
    replayed = replay(audit, snapshots)
    paper, live = replayed.json(f"{DERIVED}/ledgers.json")["planes"]
    assert (paper["plane"], paper["snapshot"], len(paper["from_events"])) == ("PAPER", 0, 2)
    assert (live["plane"], live["snapshot"], live["positions"][0]["quantity"]) == ("LIVE", 1, "3")
    assert replayed.json(f"{DERIVED}/shadow-ledger.json")["shadow_ledger"]["plane"] == "LIVE"
    chart = replayed.pages["ledger/index.html"].blocks[-2]
    assert isinstance(chart, Chart)
    assert chart.x == [5, 7]
    assert [(series.name, series.y) for series in chart.series] == [("LIVE", [0, 1]), ("PAPER", [1, 2])]


def test_without_snapshots_events_tell_what_they_know() -> None:
    """With no snapshot the ledger lists open and closed markets without quantities, and says why."""
    page = replay([*BUY.filled(), *SELL.filled("SELL"), *OTHER.filled()]).pages["ledger/index.html"]
    assert isinstance(page.blocks[0], Notice)
    tables = [block for block in page.blocks if isinstance(block, Table)]
    assert [(row[0], row[2]) for table in tables[:2] for row in table.rows] == [
        ("ETH-USDT", "not in the events"),
        (BTC, "0"),
    ]


def test_an_empty_ledger_says_so() -> None:
    """A run that executed nothing has an empty ledger of plane PAPER, and no snapshot."""
    replayed = replay(BUY.skipped())
    assert replayed.json(f"{DERIVED}/shadow-ledger.json") == {"shadow_ledger": {"plane": "PAPER", "positions": []}}
    assert replayed.json(f"{OBSERVE}/persistence/snapshots/latest.json") == {"snapshot": None}
    assert replayed.json(f"{DERIVED}/ledgers.json")["planes"] == []
    notice = replayed.pages["ledger/index.html"].blocks[0]
    assert isinstance(notice, Notice)
    assert notice.text.startswith("No order was executed")


def test_many_markets_are_listed_in_the_documents() -> None:
    """The page lists 500 markets of a plane and a row 16 changes; both say where the rest is."""
    held = [(f"M{number}", "1", True, uid(number)) for number in range(600)]
    replayed = replay([], [snapshot(5, *held)])
    table, notice, *_ = replayed.pages["ledger/index.html"].blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 500
    assert notice == Notice("100 more are in v1/observe/derived/ledgers.json.", "note")
    assert "584 more (see the ledger's history)" in words(replayed.rows("snapshots")[0])
    assert len(replayed.rows("ledger")) == 600


def test_markets_that_vanish_or_close_are_told() -> None:
    """A snapshot that lacks a market of the one before has a change with nothing after it."""
    replayed = replay([], [snapshot(5, HELD), snapshot(6)])
    rows = replayed.json_pages(f"{DERIVED}/ledger-changes")[0]["rows"]
    assert rows[1]["after"] is None
    assert words(replayed.rows("ledger")[1]).split(" | ")[2:5] == [BTC, "open, 1", "not there"]


def test_damaged_snapshots_are_shown_where_they_stood() -> None:
    """Unreadable, invalid, oversized and torn snapshots are rows and findings; the good ones around them count."""
    large = snapshot(6, *[(f"M{number:04}", "1", True, uid(number)) for number in range(900)])
    junk = b'{"' + b"x" * 70_000
    raws = [b"null", changed(snapshot(5, HELD), plane="paper"), snapshot(5, HELD), large, junk]
    replayed = replay(BUY.filled(), raws, torn=(None, b'{"snap'))
    page = replayed.json_pages(f"{OBSERVE}/persistence/snapshots")[0]
    assert [row["seq"] for row in page["unreadable"]] == [0, 4, 5]
    assert [row["seq"] for row in page["invalid"]] == [1]
    assert [(row["seq"], replayed.blobs[row["blob"]]) for row in page["moved"]] == [(3, large)]
    assert junk in replayed.blobs.values()
    assert [code for code, _ in replayed.codes()] == [
        "json.not-an-object",
        "schema.enum",
        "snapshot.ahead",
        "json.incomplete",
        "ndjson.torn-tail",
    ]
    assert page["count"] == len(replayed.rows("snapshots")) - 1 == 5


def test_the_market_of_an_update_is_that_of_its_proven_intent() -> None:
    """A ledger update whose market was edited is one finding: the order intent's id proves which market it was."""
    audit, snapshots = simulated(600, 3)
    seq = next(index for index, raw in enumerate(audit) if b'"LEDGER_UPDATED"' in raw)
    edited = [changed(raw, marketId="EDITED") if index == seq else raw for index, raw in enumerate(audit)]
    assert replay(edited, snapshots).codes() == [("tick.market", seq)]
    assert replay(edited).json(f"{OBSERVE}/derived/ledgers.json") == replay(audit).json(
        f"{OBSERVE}/derived/ledgers.json"
    )
