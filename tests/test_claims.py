"""Claimed ids: derived again, many at once, against the plain recipes and the recorded logs."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idwalk import AUDIT, DATA, SNAPSHOTS, read_log, walk_events, walk_snapshots
from replayglass.domains.paper.claims import Claims, Start
from replayglass.domains.paper.idforms import read_ids, write_id
from replayglass.domains.paper.ids import as_uuid, derive
from replayglass.domains.paper.reasons import LOGGED, recover_no_intents, recover_reason_codes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from idwalk import Claim

any_text = st.text(st.characters(exclude_categories=()))
SOUND = [DATA / "small", *sorted(path for path in (DATA / "extra").iterdir() if path.is_dir())]


def comparable_bad() -> list[Path]:
    """Return the corrupted logs that can be read and walked tick by tick, with what was found out about their ids."""
    chosen = []
    for path in sorted((DATA / "bad").glob("*/idcheck.json")):
        found = json.loads(path.read_bytes())
        whole = not (found["audit"]["unreadable_lines"] or found["audit"]["sequence_breaks"])
        if whole and path.parent.name not in UNREADABLE:
            chosen.append(path.parent)
    return chosen


UNREADABLE = {"bad_enums", "snapshot_positions_array", "torn_snapshot_last_line"}
"""Records that a plain walk cannot follow: unknown targets, no positions, no JSON."""


def derived(start: Start, text: str) -> str:
    """Return the id by the plain recipe."""
    digits = derive(start.salt, start.prefix + text)
    return digits if start is Start.ORDER_INTENT else as_uuid(digits)


def collected(claims: Iterable[Claim]) -> Claims:
    """Return these claims as one block, each with its line as key."""
    block = Claims()
    for claim in claims:
        block.add(*claim)
    return block


@pytest.mark.parametrize("run", SOUND, ids=lambda run: run.name)
def test_every_id_of_the_recorded_logs_holds(run: Path) -> None:
    """What the original runtime wrote, its ids derive: events, order intents, executions, feedback, snapshots."""
    events, snapshots = read_log(run / AUDIT), read_log(run / SNAPSHOTS)
    walked = walk_events(events)
    doubled = sum(event["type"] in ("ORDER_INTENT_CREATED", "EXECUTION_ATTEMPTED") for event in events)
    block = collected([*walked.claims, *walk_snapshots(snapshots)])
    assert len(block) + len(walked.skips) == len(events) + doubled + len(snapshots)
    assert block.mismatches() == []


@pytest.mark.parametrize("run", comparable_bad(), ids=lambda run: run.name)
def test_corrupted_logs_are_found_out(run: Path) -> None:
    """The same lines are wrong as in an independent recomputation of all ids: claims, skips and decisions."""
    expected = json.loads((run / "idcheck.json").read_bytes())
    walked = walk_events(read_log(run / AUDIT))
    reasons = recover_no_intents([skip for _, skip in walked.skips])
    codes = recover_reason_codes([decision for _, decision in walked.decisions], 8)
    wrong = collected(walked.claims).check()
    wrong += [
        line for (line, skip), own in zip(walked.skips, reasons, strict=True) if LOGGED.get(str(own)) != skip.logged
    ]
    unexplained = [line for (line, _), own in zip(walked.decisions, codes, strict=True) if own is None]
    found = (sorted(wrong), unexplained, collected(walk_snapshots(read_log(run / SNAPSHOTS))).check())
    lines = [[line for line, _ in expected[name]["id_mismatch"]] for name in ("audit", "snapshots")]
    assert found == (lines[0], expected["audit"]["decision_ids_without_reason_list"], lines[1])


@given(st.lists(st.tuples(st.sampled_from(Start), any_text, st.none() | any_text)))
def test_claims_are_judged_like_single_ids(given_claims: list[tuple[Start, str, str | None]]) -> None:
    """In a block of any claims exactly those fail whose id is not the plain one; keys come in the order added."""
    block, expected = Claims(), []
    for number, (start, text, claimed) in enumerate(given_claims):
        right = derived(start, text)
        block.add(-number, start, text, right if claimed is None else claimed)
        if claimed not in (None, right):
            expected.append((-number, right, claimed, start))
    assert block.mismatches() == expected
    assert block.check() == [key for key, *_ in expected]


@pytest.mark.parametrize("start", Start)
def test_only_the_very_text_is_right(start: Start) -> None:
    """An id with one digit changed, in upper case, without or with dashes, padded or cut is a mismatch."""
    right = derived(start, "3f\ud800")
    other = right.replace("-", "") if "-" in right else as_uuid(right)
    forms = [right.upper(), other, right + "0", right[:-1], f" {right[1:]}", "", "\u0663" * len(right), "\udc00" * 36]
    forms += [
        right[:at] + sign + right[at + 1 :] for at in range(len(right)) for sign in "0-:g`/G" if right[at] != sign
    ]
    block = Claims()
    for claimed in [right, *forms, right]:
        block.add(7, start, "3f\ud800", claimed)
    assert block.mismatches() == [(7, right, claimed, start) for claimed in forms]


def test_no_claims() -> None:
    """An empty block has nothing wrong."""
    assert (len(Claims()), Claims().check()) == (0, [])


def test_long_texts_take_memory_for_their_bytes_only() -> None:
    """One text of 440 KB among thousands of short ones costs a few times its size: no table is as wide as that."""
    texts = [str(number) for number in range(4000)]
    texts[1234] = "market \ud83d\ude80" * 40_000
    block = Claims()
    for number, text in enumerate(texts):
        block.add(number, Start.ORDER_INTENT, text, derived(Start.ORDER_INTENT, text))
    tracemalloc.start()
    wrong = block.check()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert wrong == []
    assert peak < 12 * len(texts[1234].encode("utf-8", "surrogatepass"))


@given(st.lists(st.tuples(*[st.integers(0, 2**64 - 1)] * 2)), st.booleans())
def test_ids_are_read_as_they_are_written(pairs: list[tuple[int, int]], dashed: bool) -> None:  # noqa: FBT001 - drawn
    """Two words make a text that gives the two words again."""
    words, formed = read_ids([write_id(*pair, dashed=dashed) for pair in pairs], dashed=dashed)
    assert formed.all()
    assert list(map(tuple, words.T.tolist())) == pairs
