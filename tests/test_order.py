"""The order of findings is that of the log: it depends neither on batches nor on what was written later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import replay, simulated
from sites import command, make_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.no_cover

AUDIT, SNAPSHOTS = simulated(1500, 3)
DAMAGE = st.sets(st.integers(0, 10_000), max_size=40)


def _damaged(raws: list[bytes], places: set[int]) -> list[bytes]:
    return [b"{" if index in {place % len(raws) for place in places} else raw for index, raw in enumerate(raws)]


def _tick_ends(raws: list[bytes]) -> list[int]:
    return [index for index, raw in enumerate(raws) if b'"DECISION_EVALUATED"' in raw]


@settings(max_examples=15, deadline=None)
@given(DAMAGE, DAMAGE, st.sets(st.integers(1, 1500), max_size=8))
def test_batches_do_not_order_findings(audit: set[int], snapshots: set[int], cuts: set[int]) -> None:
    """However the records of a damaged run are batched, its findings come in the same order."""
    streams = _damaged(AUDIT, audit), _damaged(SNAPSHOTS, snapshots)
    assert replay(*streams, cuts=sorted(cuts)).findings == replay(*streams).findings


@settings(max_examples=15, deadline=None)
@given(DAMAGE, DAMAGE, st.integers(1, 300))
def test_a_grown_log_adds_findings_at_the_end(audit: set[int], snapshots: set[int], tick: int) -> None:
    """The findings of a log, cut where a tick ends, are the first findings of the log that grew from it.

    Not those about its end: that there is no snapshot yet, or no event yet for a snapshot.
    """
    events, ledgers = _damaged(AUDIT, audit), _damaged(SNAPSHOTS, snapshots)
    ends = _tick_ends(AUDIT)
    end = ends[tick % len(ends)]
    written = sum(b'"LEDGER_UPDATED"' in raw for raw in AUDIT[:end])
    early, late = replay(events[:end], ledgers[:written]).findings, replay(events, ledgers).findings
    # Snapshots that no tick asked for yet are read at the end of the shorter log; the longer one meets them later.
    about_the_end = {"snapshot.missing", "snapshot.ahead"}
    places, others = (
        [(one.stream, one.code, one.seq) for one in findings if one.code not in about_the_end]
        for findings in (early, late)
    )
    found, wanted = ([place for place in some if place[0] == "audit-events"] for some in (places, others))
    assert found == wanted[: len(found)]
    assert {place for place in places if place[0] == "snapshots"} <= set(others)


def test_empty_lines_alone_are_reported(tmp_path: Path) -> None:
    """A stream of nothing but line ends has no records and one remark."""
    answer = command("check", make_run(tmp_path / "run", b"\n", b"\n\n\n"), "--json")
    assert answer.exit_code == 0
    found = [(row["stream"], row["code"], row["severity"]) for row in json.loads(answer.stdout)["findings"]]
    assert found == [("audit-events", "ndjson.blank-lines", "info"), ("snapshots", "ndjson.blank-lines", "info")]
