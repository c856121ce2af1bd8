"""A comparison in words: the verdict, and the lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.findings import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.compare.documents import (
        Comparison,
        DifferentRow,
        FirstDifference,
        RowsComparison,
        StreamComparison,
    )

NOTHING = "nothing"
"""Stands where one of the two has no such thing."""

_NAMED = 3
"""Counts that a verdict names where no record differs."""

_KINDS = {"changed": "changed", "only-a": "only in A", "only-b": "only in B"}


def differences(found: Comparison) -> list[str]:
    """Return each way in which two publications differ, in a few words; none if they are the same."""
    if found.a.domain != found.b.domain:
        return [f"A shows a run of the kind {found.a.domain}, B one of the kind {found.b.domain}"]
    said = [relation_of(one) for one in found.streams if one.relation != "same"]
    said += [f"{one.rows}: {counts_of(one)}" for one in found.rows if is_different(one)]
    if not said:
        kinds = (*found.counts, *found.findings)
        counts = [f"{one.of}, {one.kind}: {one.difference:+,}" for one in kinds if one.difference]
        said = counts[:_NAMED] + [f"{counted(len(counts) - _NAMED, 'other count')}"] * (len(counts) > _NAMED)
    for lines, word in ((found.ledgers, "ledger line"), (found.configuration, "setting")):
        if lines.different:
            said.append(f"{counted(lines.different, word)} differ{'s' if lines.different == 1 else ''}")
    return said


def verdict_of(found: Comparison, said: Sequence[str]) -> str:
    """Return the verdict in one sentence; ``said`` are the `differences`."""
    if found.a.domain != found.b.domain:
        return f"Not comparable: {said[0]}."
    return f"Different: {'; '.join(said)}." if said else "The same: both publications say the same of the same records."


def relation_of(one: StreamComparison) -> str:
    """Return how a stream relates, in a few words."""
    if one.relation == "b-extends-a":
        return f"{one.stream}: B goes on from A by {counted(one.b.records - one.common, 'record')}"
    if one.relation == "a-extends-b":
        return f"{one.stream}: A goes on from B by {counted(one.a.records - one.common, 'record')}"
    if one.relation == "diverged":
        return f"{one.stream}: diverged at record {one.common}"
    return f"{one.stream}: the same {counted(one.common, 'record')}"


def is_different(one: RowsComparison) -> bool:
    """Say whether any row differs, or may differ."""
    return bool(one.changed or one.only_a or one.only_b or not one.complete)


def counts_of(one: RowsComparison) -> str:
    """Return how many rows differ, in words."""
    if not one.complete:
        return f"at least {one.changed:,} changed; more pages differ than were read"
    counts = {"changed": one.changed, "only in A": one.only_a, "only in B": one.only_b}
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def what_of(row: DifferentRow) -> str:
    """Return how a row differs, in words."""
    return _KINDS[row.what]


def lines_of(found: Comparison) -> Iterator[str]:
    """Give a comparison as lines; texts of the runs in them may hold anything."""
    for name, side in (("A", found.a), ("B", found.b)):
        times = f"logical times {side.first_logical_time or NOTHING} to {side.as_of_logical_time or NOTHING}"
        yield f"{name}: {side.title} ({side.domain}, {times}, built by {side.generator_version}): {side.verdict}"
    for one in found.streams:
        yield relation_of(one)
        if one.first is not None:
            yield from (f"    {line}" for line in _first(one.first))
    for count in (*found.counts, *found.findings):
        if count.difference:
            yield f"{count.of}, {count.kind}: {count.a:,} | {count.b:,} ({count.difference:+,})"
    for rows in found.rows:
        if is_different(rows):
            yield f"{rows.rows}: {counts_of(rows)}"
            yield from (f"    {_row(row)}" for row in rows.listed)
    for line in (*found.ledgers.listed, *found.configuration.listed):
        yield f"{line.of}, {line.name}: {line.a or NOTHING} | {line.b or NOTHING}"
    yield found.verdict


def _first(first: FirstDifference) -> Iterator[str]:
    if first.field is not None:
        yield f"field {first.field or 'the whole record'}: {first.a or NOTHING} | {first.b or NOTHING}"
    if first.byte is None:
        yield "a record was too long to be read, so only its digest is known"
    else:
        yield f"first byte that differs: {first.byte}"
    for name, text in (("before", first.before), ("A", first.a_excerpt), ("B", first.b_excerpt)):
        if text is not None:
            yield f"{name}: {text}"


def _row(row: DifferentRow) -> str:
    number = row.b if row.a is None else row.a
    if row.field is None:
        return f"{number} {what_of(row)}: {row.name}"
    return f"{number} {what_of(row)}: {row.name}: {row.field}: {row.a_value or NOTHING} | {row.b_value or NOTHING}"
