"""Decoding: an event is what it says, however its line is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from paperlog import BTC, Tick, batches, snapshot, uid
from replayglass.domains.paper.decode import Invalid, decode_events, decode_snapshots
from replayglass.domains.paper.rules import Safety

if TYPE_CHECKING:
    from random import Random

    from replayglass.damage import Unreadable
    from replayglass.domains.paper.events import AuditEvent, Snapshot
    from replayglass.record import Finding

TICK = Tick(1, 5)


WINDOW: dict[str, str | int] = {"type": "TIME_WINDOW", "from": 3, "to": 2}


EVENTS = [
    *TICK.filled(),
    TICK.k(),
    *(TICK.s(safety) for safety in Safety if safety is not Safety.ALLOW),
    TICK.f(),
    TICK.f(TICK.on_execution()),
    TICK.f(WINDOW),
    Tick(2, 2**53 - 1, 'a"\\\u2028\u00e9\U0001f600').c("SELL"),
]


SOME_SNAPSHOTS = [
    snapshot(0),
    snapshot(5, (BTC, "1", True, uid(1)), ("1INCH", "+007.10", False, uid(2))),
    snapshot(7, ("\u00e9", "0", False, uid(3)), plane="LIVE"),
]


def event_of(raw: bytes) -> tuple[AuditEvent | Invalid | Unreadable, list[Finding]]:
    """Decode one line."""
    items, findings = decode_events(batches("audit-events", [raw])[0])
    return items[0], findings


def snapshot_of(raw: bytes) -> tuple[Snapshot | Invalid | Unreadable, list[Finding]]:
    """Decode one snapshot."""
    items, findings = decode_snapshots(batches("snapshots", [raw])[0])
    return items[0], findings


def rewritten(value: object, random: Random) -> str:
    """Return a value as JSON with shuffled keys, white space, escapes and times as text, as ``random`` will have it."""
    space = random.choice(["", " ", "\t", " \r"])
    if isinstance(value, dict):
        pairs = list(value.items())
        random.shuffle(pairs)
        inner = (f"{space}{rewritten(key, random)}{space}:{rewritten(item, random)}" for key, item in pairs)
        return "{" + ",".join(inner) + space + "}"
    if isinstance(value, str):
        plain = json.dumps(value, ensure_ascii=random.random() < 0.5)
        if random.random() < 0.3:
            plain = '"' + "".join(f"\\u{unit:04x}" for unit in units(value)) + '"'
        return space + plain
    return space + json.dumps(value) + space


def units(text: str) -> list[int]:
    """Return the UTF-16 code units of a text."""
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def with_text_times(value: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return an object whose logical times are text, some of them."""
    times = ("logicalTime", "createdAtLogical", "from", "to")
    return {
        key: str(item)
        if key in times and random.random() < 0.5
        else with_text_times(item, random)
        if isinstance(item, dict)
        else item
        for key, item in value.items()
    }


@given(raw=st.sampled_from(EVENTS), random=st.randoms(use_true_random=False))
def test_another_form_is_the_same_event(raw: bytes, random: Random) -> None:
    """Order of keys, white space, escapes and times as text change nothing: the same event, and no finding."""
    other = rewritten(with_text_times(json.loads(raw), random), random).encode()
    assert event_of(other) == event_of(raw)
    assert event_of(raw)[1] == []


@given(raw=st.sampled_from(SOME_SNAPSHOTS), random=st.randoms(use_true_random=False))
def test_another_form_is_the_same_snapshot(raw: bytes, random: Random) -> None:
    """Snapshots too are what they say, however they are written."""
    other = rewritten(with_text_times(json.loads(raw), random), random).encode()
    assert snapshot_of(other) == snapshot_of(raw)
    assert snapshot_of(raw)[1] == []
