"""docs/detection.md: what was done to each damaged log, what must be found by that alone, and what is found."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from badcases import EXPECTED, TABLE, UNSEEN, UNUSABLE
from replayglass.domains.paper.proven import LIMITS
from sites import PAPER, REPO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from badcases import Row

DOCUMENT = REPO / "docs" / "detection.md"
CASES = json.loads((PAPER / "bad" / "INDEX.json").read_bytes())
LISTED = 6
"""Lines of one finding that a cell lists."""

INTRODUCTION = """\
# What is detected

Every damaged or hostile log of the conformance data, what was done to it, what must be found by that description alone,
and all that is found. A cell names a finding's code and the lines of the file it is about (`s` before a line of the
snapshots, none where it has no one place); [findings.md](findings.md) says what a code means. A test builds each case
and compares it with this table; `make golden` writes it again.

## What no rule can see

"""

HEAD = """
Of the cases below one is of that kind: `deleted_skip_tick`. Single edits are tested field by field as well: white space
and the order of keys are protected by nothing, a surplus field is an info, and a quantity whose snapshotId was derived
again is what only a checkpoint can contradict.

## Cases

| case | class | what was done | expected | found |
|---|---|---|---|---|
"""


def wrapped(text: str) -> Iterator[str]:
    """Give the lines of an item of a list, at most 120 characters wide."""
    line = "-"
    for word in text.split():
        if len(line) + 1 + len(word) > 120:
            yield line
            line = " "
        line += f" {word}"
    yield line


def places(lines: Iterable[tuple[str, int | None]]) -> str:
    """Return where findings are: streams and lines, of many the first ones and how many more."""
    known = [f"{'s' if stream == 'snapshots' else ''}{line}" for stream, line in lines if line is not None]
    more = [f"{len(known) - LISTED} more"] if len(known) > LISTED else []
    return ", ".join([*known[:LISTED], *more])


def listed(rows: Iterable[tuple[str, str, str, int | None]]) -> str:
    """Return findings in words: their code, their severity unless it is an error, their places."""
    words = []
    for (code, severity), own in groupby(sorted(rows, key=_in_order), key=lambda row: (row[0], row[1])):
        where = places((stream, line) for _, _, stream, line in own)
        words.append(" ".join(part for part in (f"`{code}`", severity, where) if part not in {"", "error"}))
    return "; ".join(words) or "nothing"


def _in_order(row: Row) -> tuple[str, str, str, int]:
    code, severity, stream, line = row
    return code, severity, stream, line or 0


def expected(name: str) -> str:
    """Return what must be found in a case."""
    if name in UNSEEN:
        return UNSEEN[name]
    if name == UNUSABLE:
        return "refused, exit code 2"
    return listed((code, "", stream, line) for code, stream, line in EXPECTED.get(name, []))


def document() -> str:
    """Return the document as the table of the tests has it."""
    limits = "\n".join(line for limit in LIMITS for line in wrapped(limit))
    rows = []
    for case in CASES:
        name = case["name"]
        found = "refused, exit code 2" if name == UNUSABLE else listed(TABLE[name])
        done = case["description"].replace("|", "\\|").replace("<", "&lt;")
        rows.append(f"| `{name}` | {case['class']} | {done} | {expected(name)} | {found} |\n")
    return f"{INTRODUCTION}{limits}\n{HEAD}{''.join(rows)}"


def test_the_table_of_what_is_detected_is_the_tested_one(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    """docs/detection.md is what the tests of the damaged logs expect; `make golden` accepts a change."""
    if update_golden:
        DOCUMENT.write_text(document())
    assert DOCUMENT.read_text() == document()


def test_what_must_be_found_is_found() -> None:
    """What the description of a damage demands is part of what is found; only the unseen cases have nothing to show."""
    for name, wanted in EXPECTED.items():
        assert {(code, stream, line) for code, _, stream, line in TABLE[name]} >= set(wanted), name
    damaged = {case["name"] for case in CASES if case["class"] in {"syntax", "encoding", "integrity", "snapshot"}}
    assert {name for name in damaged if not TABLE[name]} == UNSEEN.keys()
