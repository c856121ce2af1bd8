"""What the pages and documents of a PAPER run say, as values, before anyone knows HTML."""

from __future__ import annotations

import json

import pytest

from paperlog import BTC, OBSERVE, Tick, changed, replay, simulated, snapshot, uid
from replayglass.cell import Badge, Code, Link
from replayglass.domains.paper.rules import Safety
from replayglass.notes import Note
from replayglass.page import Facts, MarkdownNote, Page, Rows, Stories, Table
from rowwords import decision_of, words

ONE, TWO, THREE = Tick(1, 5), Tick(2, 6), Tick(3, 7)


ALL_OF_IT = [
    *ONE.filled(),
    ONE.f(),
    *TWO.skipped(),
    TWO.f(ONE.on_execution()),
    THREE.d(),
    THREE.c("SELL"),
    THREE.s(Safety.FORCE_SELL),
    THREE.f({"type": "TIME_WINDOW", "from": 9, "to": 3}),
]


EVENTS = f"{OBSERVE}/persistence/audit-events"


def table(page: Page, title: str) -> Table:
    """Return the table of a page with this title."""
    return next(block for block in page.blocks if isinstance(block, Table) and block.title == title)


def test_every_event_says_every_field_in_words() -> None:
    """Each type of event reads as a row with times, type, what it says, its id and its bytes."""
    replayed = replay(ALL_OF_IT)
    said = [words(row).split(" | ") for row in replayed.rows("events")]
    instance, intent = uid("instance"), uid("intent", ONE.decision).replace("-", "")
    own = json.loads(ALL_OF_IT[6])["id"]
    assert [row[3] for row in said[:7]] == [
        f"decision {ONE.decision}, class a.b.c@v1, by instance {instance}",
        f"BUY of {BTC} proposed, order intent {intent}, in the tick of decision 0",
        f"ALLOW, decision {ONE.decision}",
        f"on plane PAPER, execution {ONE.execution}, decision {ONE.decision}",
        f"FILLED, execution {ONE.execution}, decision {ONE.decision}",
        f"ledger of plane PAPER took in {BTC}, position change 0, in the tick of decision 0",
        f"RISK_COMFORT, feedback {own} on the decision {ONE.decision}, in the tick of decision 0",
    ]
    assert said[8][3] == "nothing proposed, reason ATTENTION_INSUFFICIENT, in the tick of decision 1"
    assert said[13][3] == f"FORCE_SELL because FORCE_SELL_ACTIVE, decision {THREE.decision}"
    assert said[14][3].startswith("RISK_COMFORT, feedback ")
    assert said[14][3].endswith(" on the time from 9 to 3, in the tick of decision 2")
    for row, raw in zip(said, ALL_OF_IT, strict=True):
        event = json.loads(raw)
        assert row[:3] == [str(event["logicalTime"]), str(event["createdAtLogical"]), f"{event['type']} v1"]
        assert row[4:] == [event["id"], str(raw)]


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ({"type": "HALT"}, "HALT because no reason"),
        ({"type": "BLOCK_BUY", "reason": "BUY_BLOCKED"}, "BLOCK_BUY because BUY_BLOCKED"),
        ({"type": "ALLOW", "reason": "BUY_BLOCKED"}, "ALLOW because BUY_BLOCKED"),
    ],
)
def test_odd_safety_results_are_told_as_they_are(result: dict[str, str], says: str) -> None:
    """A result with a reason too many or too few is shown with what it has."""
    replayed = replay([ONE.d(), ONE.k(), changed(ONE.s(), result=result)])
    row = replayed.rows("events")[2]
    assert words(row).split(" | ")[3] == f"{says}, decision {ONE.decision}"
    assert (row.kind.tone == "bad") == ("schema.safety-reason" in dict(replayed.codes()))


def test_feedback_is_listed_with_what_it_points_at() -> None:
    """Feedback on decisions, executions and windows is a collection; what is not known is said."""
    unknown = ONE.f(Tick(99, 1).on_decision())
    future = THREE.f({"type": "TIME_WINDOW", "from": 1, "to": 900})
    plain = THREE.f({"type": "TIME_WINDOW", "from": 1, "to": 2})
    replayed = replay([*ALL_OF_IT, future, plain, unknown])
    assert [words(row).split(" | ")[3] for row in replayed.rows("feedback")] == [
        f"decision {ONE.decision}, see decision 0",
        f"execution {ONE.execution}, see decision 0",
        "the logical time from 9 to 3, which is inverted",
        "the logical time from 1 to 900, which ends in the future",
        "the logical time from 1 to 2",
        f"decision {Tick(99, 1).decision}, which the log does not know at this point",
    ]
    rows = replayed.json_pages(f"{OBSERVE}/derived/feedback")[0]["rows"]
    assert [row["target"]["type"] for row in rows] == ["DECISION", "EXECUTION", *["TIME_WINDOW"] * 3, "DECISION"]
    assert rows[2]["target"] == {"type": "TIME_WINDOW", "from": "9", "to": "3"}
    assert [row["decision"] for row in rows] == [0, 0, None, None, None, None]


def test_damaged_records_are_shown_where_they_stood() -> None:
    """Unreadable, invalid and torn lines are rows at their place, and the page's JSON accounts for each."""
    raws = [ONE.d(), b"{", b'{"type":"NEW"}', b'{"type":7,"id":8}', ONE.k(), b""]
    replayed = replay(raws, torn=(b'{"id', None))
    said = [words(row) for row in replayed.rows("events")]
    second, third = len(raws[0]) + 1, len(raws[0]) + 3
    assert said[1].startswith(
        f"unreadable, json.incomplete in line 2, byte {second}: The line ends before its JSON object does."
    )
    assert said[2] == (
        f"not valid, not replayed, schema.unknown-type in line 3, byte {third}: "
        f'The event type "NEW" is none of the eight. (type NEW, time none, id none) {raws[2]!r}'
    )
    assert said[3].startswith("not valid, not replayed, schema.field-type in line 4, byte ")
    assert said[5].startswith("unreadable, ndjson.line-too-long in line 6, byte ")
    assert said[6].startswith("unreadable, ndjson.torn-tail in line 7, byte ")
    page = replayed.json_pages(EVENTS)[0]
    assert page["events"] == [json.loads(raws[place]) for place in (0, 2, 3, 4)]
    assert [row["seq"] for row in page["unreadable"]] == [1, 5, 6]
    assert [row["seq"] for row in page["invalid"]] == [2, 3]
    assert page["count"] == 6


def test_an_empty_run_has_every_page() -> None:
    """Before the runtime has written anything each section is there and says that nothing happened yet."""
    replayed = replay([])
    for section in ("events", "decisions", "feedback", "ledger", "snapshots", "runtime", "findings", "notes"):
        assert f"{section}/index.html" in replayed.pages
    assert replayed.pages["index.html"].intro == "No event has been written yet."
    assert replayed.json(f"{EVENTS}/summary.json") == {
        "total_count": 0,
        "counts_by_type": {},
        "last_event_id": None,
        "last_logical_time": None,
        "counts_of_other_types": 0,
    }
    assert "none yet" in replayed.pages["decisions/index.html"].intro


def test_the_configuration_shows_what_may_be_shown() -> None:
    """Settings with their values, secrets by name only, unknown names counted; the status document says the same."""
    environment = b"EXECUTION_PLANE=paper\nDATABASE_URL=postgres://u:hunter2@h/d\nMINE=1\n" + b"".join(
        b"OTHER_%d=x\n" % number for number in range(1200)
    )
    replayed = replay([], environment=environment)
    page = replayed.pages["runtime/index.html"]
    assert (Code("EXECUTION_PLANE"), Code("paper")) in table(page, "Settings").rows
    assert table(page, "Secrets").rows == [(Code("DATABASE_URL"), "set; never published")]
    assert (Code("MINE"),) in table(page, "Other variables").rows
    assert str(table(page, "Other variables").rows[-1][0]).endswith(" more, whose names are not shown")
    assert replayed.json(f"{OBSERVE}/runtime/status.json")["execution_plane"] == "paper"
    everything = str(replayed.pages) + str(replayed.documents)
    assert "hunter2" not in everything
    assert table(replay([]).pages["runtime/index.html"], "Settings").empty == "The run holds no runtime.env."
    only_bad = replay([], environment=b"SAFETY_MODE=maybe\n").pages["runtime/index.html"]
    assert table(only_bad, "Settings").empty == "None is set to a valid value."


ODD = json.loads(ONE.k())["id"]


NOTES = (
    Note("a", "By number", "event", "1", "text"),
    Note("b", "By id", "event", ODD, "text"),
    Note("c", "By decision", "decision", ONE.decision, "text"),
    Note("d", "A range", "range", "0-2", "text"),
    Note("e", "The run", None, None, "text"),
    Note("f", "Too far", "event", "3", "text"),
    Note("g", "No such id", "event", uid("nothing"), "text"),
    Note("h", "No id", "event", "x.y", "text"),
    Note("i", "No decision", "decision", "x.y", "text"),
    Note("j", "Unknown decision", "decision", uid("nothing"), "text"),
)


def test_notes_stand_at_what_they_annotate() -> None:
    """A note links to its event, range or decision and is linked from there; what the run lacks is a warning."""
    replayed = replay(ONE.skipped(), notes=NOTES)
    about = [
        block.about
        for number in range(len(NOTES))
        for block in replayed.pages[f"notes/{number:06d}.html"].blocks
        if isinstance(block, MarkdownNote)
    ]
    assert about[:5] == [
        Link("event 1", "events/000000.html#e1"),
        Link("event 1", "events/000000.html#e1"),
        Link("decision 0", "decisions/000000.html#d0"),
        Link("events 0-2", "events/000000.html#e0"),
        "the whole run",
    ]
    assert about[5] == "event 3, which the run does not have"
    assert replayed.codes() == [("note.unknown-target", None)] * 5
    remarks = [words(row) for row in replayed.rows("events") if not row.kind.anchored]
    assert remarks == [f" | \u270e note: {title}" for title in ("A range", "By number", "By id", "A range")]
    assert replayed.stories()[0][-2] == " | note | By decision"
    listed = table(replayed.pages["notes/index.html"], "Notes")
    assert [row[0] for row in listed.rows] == [
        Link(note.title, f"notes/{number:06d}.html#n{number}") for number, note in enumerate(NOTES)
    ]
    assert replayed.pages["notes/000000.html"].neighbours == (None, "notes/000001.html", "notes/index.html")


def test_pages_link_to_what_exists() -> None:
    """Every link of every page, and every neighbour, leads to a page that the run has."""
    audit, snapshots = simulated(2000, 8)
    replayed = replay(audit, snapshots, notes=NOTES[:1])
    for page in replayed.pages.values():
        linked = [
            cell.href
            for block in page.blocks
            if isinstance(block, Table)
            for row in block.rows
            for cell in row
            if isinstance(cell, Link)
        ]
        linked += [path for path in page.neighbours or () if path]
        linked += [page.json] if page.json else []
        for href in linked:
            path = href.partition("#")[0]
            assert path in replayed.pages or path in replayed.documents, (page.path, href)
    assert all(decision_of(row) is not None for row in replayed.rows("decisions-later"))
    stories = [block for page in replayed.pages.values() for block in page.blocks if isinstance(block, Stories)]
    assert all(len(block.stories) == 64 for block in stories[:-1])
    rows = [block for page in replayed.pages.values() for block in page.blocks if isinstance(block, Rows)]
    assert all(
        len(row.kind.cells) - 1 + row.kind.span + row.kind.anchored == len(block.columns) or not row.kind.anchored
        for block in rows
        for row in block.rows
    )


def test_open_positions_are_named_by_plane() -> None:
    """The overview says how many positions are open on which plane, and the ledger marks them."""
    replayed = replay(ONE.filled(), [snapshot(5, (BTC, "1", True, ONE.execution))])
    facts = next(block for block in replayed.pages["index.html"].blocks if isinstance(block, Facts))
    assert dict(facts.facts)["open positions"] == Link("1 on PAPER", "ledger/index.html")
    row = table(replayed.pages["ledger/index.html"], "PAPER: open positions").rows[0]
    assert row == (BTC, Badge("open", "good"), "1", Code(ONE.execution), Link("event 5", "events/000000.html#e5"))
