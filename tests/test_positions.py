"""Changes of positions: every filled execution is a row and stands in a script, with what was open then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paperlog import BTC, OBSERVE, Replayed, Tick, replay, simulated
from replayglass.domains.paper.ledger import EventLedger, Held
from replayglass.domains.paper.positionscript import Changed, Start, shard
from replayglass.page import Scrubber
from rowwords import words

FOLDER = f"{OBSERVE}/derived/position-changes"
SMALLEST = 65_536


def rows(replayed: Replayed) -> list[dict[str, Any]]:
    """Return the rows of the JSON pages."""
    return [row for page in replayed.json_pages(FOLDER) for row in page["rows"]]


def scripts(blobs: dict[str, bytes]) -> list[Any]:
    """Return what each script says, in order."""
    paths = sorted(path for path in blobs if path.startswith("ledger/changes/"))
    assert paths == [f"ledger/changes/{number:06d}.js" for number in range(len(paths))]
    texts = [blobs[path].decode() for path in paths]
    heads = [f"replayglassLedger({number}," for number in range(len(paths))]
    assert all(text.startswith(head) and text.endswith(");\n") for text, head in zip(texts, heads, strict=True))
    return [json.loads(text[len(head) : -3]) for text, head in zip(texts, heads, strict=True)]


def naive(audit: list[bytes]) -> list[dict[str, Any]]:
    """Return what the rows must say, from nothing but the events of whole ticks."""
    found: list[dict[str, Any]] = []
    planes: dict[str, dict[str, tuple[bool, int]]] = {}
    decision, said = -1, dict[str, Any]()
    for seq, event in enumerate(map(json.loads, audit)):
        said |= event
        if event["type"] == "DECISION_EVALUATED":
            decision, said = decision + 1, event
        elif event["type"] == "LEDGER_UPDATED" and said["status"] == "FILLED":
            ledger = planes.setdefault(event["plane"], {})
            before = ledger.get(event["marketId"], (False, None))
            ledger[event["marketId"]] = (said["side"] == "BUY", seq)
            own = {"row": len(found), "seq": seq, "logical_time": event["logicalTime"], "plane": event["plane"]}
            own |= {"market": event["marketId"], "before": before[1], "was_open": before[0]}
            own |= {"is_open": said["side"] == "BUY", "open": sum(is_open for is_open, _ in ledger.values())}
            found.append(own | {"execution_id": said["executionId"], "decision": decision})
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_filled_execution_is_a_row(seed: int) -> None:
    """Rows are the filled executions in order, each with the count of a fold up to it; no snapshot is needed."""
    audit, _ = simulated(7_000, seed)
    replayed = replay(audit)
    found = rows(replayed)
    assert len(found) == sum(b'"FILLED"' in raw for raw in audit) > 256
    assert [row | {"logical_time": str(row["logical_time"])} for row in naive(audit)] == found
    told = replayed.rows("ledger/changes")
    assert [row.number for row in told] == [row["row"] for row in found]
    for row, one in zip(told, found, strict=True):
        was = f"{'open' if one['was_open'] else 'closed'}, by event {one['before']}"
        before, after = "not held" if one["before"] is None else was, "open" if one["is_open"] else "closed"
        head = f"{one['logical_time']} | {one['plane']} | {one['market']} | {before} | {after} | {one['open']}"
        assert words(row) == f"{head} | {one['seq']} | {one['decision']} | {one['execution_id']}"


def test_scripts_say_what_the_rows_say() -> None:
    """Each script begins with what was open when its first change came, and has the changes of its page."""
    ticks = [Tick(number, number, f"M{number % 400}") for number in range(700)]
    sides = ["BUY" if number < 400 else "SELL" for number in range(700)]
    replayed = replay([raw for tick, side in zip(ticks, sides, strict=True) for raw in tick.filled(side)])
    found, made = rows(replayed), scripts(replayed.blobs)
    assert [len(one["changes"]) for one in made] == [256, 256, 188]
    assert [one["open"] for one in made] == [{}, {"PAPER": 256}, {"PAPER": 288}]
    assert [len(one["held"]) for one in made] == [0, 64, 64]
    assert made[2]["held"][0] == ["PAPER", "M112", found[112]["seq"]]
    states = {(None, False): "not held", (0, False): "closed", (0, True): "open"}
    for row, change in zip(found, [change for one in made for change in one["changes"]], strict=True):
        before, after = states[(row["before"] and 0, row["was_open"])], "open" if row["is_open"] else "closed"
        place = [row["seq"], int(row["logical_time"]), row["plane"], row["market"]]
        assert change == [*place, before, row["before"], after, row["open"], row["decision"]]
    block = next(block for block in replayed.pages["ledger/index.html"].blocks if isinstance(block, Scrubber))
    assert block.rows == 700


def test_a_full_page_and_its_script_never_change() -> None:
    """More events change no full page of changes, no document and no script of one."""
    audit = [raw for number in range(300) for raw in Tick(number, number, f"M{number}").filled()]
    before, after = replay(audit[: 260 * 6]), replay(audit)
    assert before.pages["ledger/changes/000000.html"] == after.pages["ledger/changes/000000.html"]
    assert before.documents[f"{FOLDER}/pages/000000.json"] == after.documents[f"{FOLDER}/pages/000000.json"]
    assert before.blobs["ledger/changes/000000.js"] == after.blobs["ledger/changes/000000.js"]
    assert before.blobs["ledger/changes/000001.js"] != after.blobs["ledger/changes/000001.js"]


def test_names_without_end_fit_a_script() -> None:
    """Whatever markets are called, a script keeps to the smallest limit; what is cut off a name is said."""
    name = "<\u202e\U0001f600" * 9_000
    held = [("PAPER", name, Held(is_open=True, execution_id="", seq=2**53))] * 64
    change = Changed(2**53, 2**53, "PAPER", name, "closed", 2**53, "closed", 2**53, 2**53)
    script = shard(7, Start({"PAPER": 2**53, "LIVE": 2**53}, held), [change] * 256, SMALLEST)
    assert len(script.data) < SMALLEST
    said = json.loads(script.data.decode().removeprefix("replayglassLedger(7,")[:-3])
    assert said["changes"][255][3].endswith("\u2026")
    short = shard(0, Start({}, []), [change._replace(market="A" * 64)], SMALLEST)
    assert b"A" * 64 in short.data


def test_a_run_that_filled_nothing_has_no_changes() -> None:
    """Then there is an empty page that says why, no script, and nothing to go through."""
    failed = [tick for one in [Tick(1, 5)] for tick in (one.d(), one.c(), one.s(), one.a(), one.o("FAILED"), one.u())]
    replayed = replay(failed)
    assert rows(replayed) == scripts(replayed.blobs) == []
    assert not [block for block in replayed.pages["ledger/index.html"].blocks if isinstance(block, Scrubber)]
    assert replayed.stories()[0][7] == f" | ledger | before and after: {BTC} not held, 0 open on PAPER; nothing changed"


def test_stories_say_what_was_open() -> None:
    """A story without a change of its own names what was open: three positions, cut, and how many more."""
    held = [Tick(number, number, f"M{number}" + "x" * 60 * (number == 0)) for number in range(5)]
    replayed = replay([raw for tick in held for raw in tick.filled()] + Tick(9, 9).skipped())
    named = f"M0{'x' * 45}\u2026 on PAPER, M1 on PAPER, M2 on PAPER, 2 more"
    assert replayed.stories()[5][4] == f" | ledger | open before and after: {named}"
    assert EventLedger().words() == "nothing"
