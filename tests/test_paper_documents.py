"""The JSON documents and charts of a PAPER run: bounded, valid by their schemas, and true to the log."""

from __future__ import annotations

import json
from itertools import chain

from jsonschema import Draft202012Validator

from paperlog import MEMORY, OBSERVE, Tick, changed, replay, simulated
from replayglass.cell import Link
from replayglass.config import Config
from replayglass.domains.paper.documents import TYPES
from replayglass.drawings import Chart
from replayglass.page import Facts, Page, Table
from replayglass.pageschema import schemas

ONE, TWO, THREE = Tick(1, 5), Tick(2, 6), Tick(3, 7)


EVENTS = f"{OBSERVE}/persistence/audit-events"


def table(page: Page, title: str) -> Table:
    """Return the table of a page with this title."""
    return next(block for block in page.blocks if isinstance(block, Table) and block.title == title)


def test_a_log_of_which_nothing_can_be_read_says_so() -> None:
    """Where no line is readable each is shown all the same, and the answers are those of an empty log."""
    replayed = replay([b"{"] * 300)
    assert len(replayed.rows("events")) == len(replayed.findings) == 300
    assert replayed.json(f"{EVENTS}/summary.json")["total_count"] == 0
    assert replayed.json(f"{EVENTS}/latest.json") == {"events": []}


def test_an_oversized_record_is_a_file_of_its_own() -> None:
    """A record above 64 KiB is moved to a blob, readable or not, and the page shows the path instead."""
    large = changed(ONE.k(), more="x" * 70_000)
    junk = b'{"' + b"y" * 70_000
    replayed = replay([ONE.d(), large, ONE.s(), junk])
    moved = replayed.json_pages(EVENTS)[0]["moved"]
    assert [(row["seq"], row["size"]) for row in moved] == [(1, len(large))]
    assert replayed.blobs[moved[0]["blob"]] == large
    shown = [row.values[-1] for row in replayed.rows("events")]
    assert shown[1] == moved[0]["blob"]
    assert {data for path, data in replayed.blobs.items() if path.startswith("blob/")} == {large, junk}
    assert shown[3] in replayed.blobs
    assert replayed.ticks()[:3] == [0, 0, 0]


def test_the_summary_counts_in_the_order_of_the_log() -> None:
    """Types are counted as first seen, 32 unknown ones by name; all others together; the sum is the total."""
    odd = [b'{"type":"T%d"}' % number for number in range(40)]
    strange = [
        b'{"type":"\\ud800"}',
        b'{"type":"%s"}' % (b"x" * 65),
        b"{}",
        b'{"type":"T0","id":"last","logicalTime":"9"}',
    ]
    replayed = replay([odd[0], *ONE.skipped(), *odd[1:], *strange, b"["])
    summary = replayed.json(f"{EVENTS}/summary.json")
    assert list(summary["counts_by_type"])[:5] == [
        "T0",
        "DECISION_EVALUATED",
        "ORDER_INTENT_SKIPPED",
        "SAFETY_EVALUATED",
        "T1",
    ]
    assert len(summary["counts_by_type"]) == 3 + 32
    assert summary["counts_of_other_types"] == 8 + 3
    assert sum(summary["counts_by_type"].values()) + 11 == summary["total_count"] == 3 + 40 + 4
    assert (summary["last_event_id"], summary["last_logical_time"]) == ("last", "9")
    counts = table(replayed.pages["events/index.html"], "Events by type")
    assert counts.rows[-1] == (Link("other types", "findings/by-code/index.html"), 11, None)


def test_the_newest_events_are_at_hand() -> None:
    """latest.json holds the last 100 readable records as written; the overview links the last ten, newest first."""
    audit, _ = simulated(600, 5)
    replayed = replay(audit)
    assert replayed.json(f"{EVENTS}/latest.json") == {"events": [json.loads(raw) for raw in audit[-100:]]}
    rows = table(replayed.pages["index.html"], "Newest events").rows
    assert [row[0] for row in rows] == [
        Link(str(seq), f"events/{seq // 256:06d}.html#e{seq}") for seq in range(len(audit) - 1, len(audit) - 11, -1)
    ]


def test_no_document_exceeds_the_limit() -> None:
    """With records just small enough for their page, everything that does not fit moves, in each paged document."""
    limit = 65536
    audit = [changed(raw, more="x" * 9000) for tick in range(40) for raw in Tick(tick, tick).skipped()]
    classes = [Tick(tick, tick).d(decision_class=f"{'a' * 3000}.b.c@v1") for tick in range(100, 164)]
    replayed = replay(audit + classes, config=Config(max_file_bytes=limit))
    assert max(len(document.data) for document in replayed.documents.values()) <= limit
    page = replayed.json_pages(EVENTS)[0]
    assert len(page["events"]) + len(page["moved"]) == page["count"]
    memory = replayed.json_pages(MEMORY)[1]
    assert len(memory["entries"]) + len(memory["moved"]) == memory["count"]
    assert replayed.json(f"{EVENTS}/latest.json")["moved"]
    for row in chain(page["moved"], memory["moved"]):
        assert len(replayed.blobs[row["blob"]]) == row["size"]


def test_documents_are_valid_by_their_schemas() -> None:
    """Every document, also of a damaged run, holds to the JSON Schema that its type gives."""
    validators = {name: Draft202012Validator(json.loads(data)) for name, data in schemas(TYPES).items()}
    audit, snapshots = simulated(700, 6)
    damaged = [*audit, b"{", b'{"type":"NEW"}', changed(audit[0], more="x" * 70_000)]
    for replayed in (replay([]), replay(damaged, [*snapshots, b"null"], torn=(b"{", b"{"))):
        for document in replayed.documents.values():
            if document.schema in validators:
                assert [
                    error.message for error in validators[document.schema].iter_errors(json.loads(document.data))
                ] == []


def test_charts_hold_the_numbers_of_the_run() -> None:
    """Events over time by type, outcomes and safety results: the sums are the counts of the documents."""
    audit, snapshots = simulated(1500, 7)
    replayed = replay(audit, snapshots)
    charts = {block.name: block for block in replayed.pages["index.html"].blocks if isinstance(block, Chart)}
    counts = replayed.json(f"{EVENTS}/summary.json")["counts_by_type"]
    assert {series.name: sum(series.y) for series in charts["events"].series} == counts
    assert charts["events"].note.startswith("Each bar holds ")
    index = replayed.json(f"{MEMORY}/index.json")
    assert sum(charts["outcomes"].series[0].y) == index["entries"]["count"] == counts["DECISION_EVALUATED"]
    safety = dict(zip(charts["safety"].x, charts["safety"].series[0].y, strict=True))
    assert safety == index["safety_results"]
    assert sum(safety.values()) == counts["SAFETY_EVALUATED"]
    held = json.loads(snapshots[-1])["positions"].values()
    assert charts["open"].series[0].y[-1] == sum(position["isOpen"] for position in held)
    facts = next(block for block in replayed.pages["index.html"].blocks if isinstance(block, Facts))
    assert dict(facts.facts)["snapshots"] == Link(str(len(snapshots)), "snapshots/index.html")
