"""The JSON document of a comparison: what ``replayglass diff --json`` prints and ``diff.json`` holds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from replayglass.pageschema import Natural  # noqa: TC001 - a field's type

Relation = Literal["same", "b-extends-a", "a-extends-b", "diverged"]


class Side(Struct, frozen=True):
    """One of the two publications; ``manifest`` is the SHA-256 of its manifest. No path, no host is named."""

    title: str
    domain: str
    origin: str | None
    generator_version: str
    manifest: str
    verdict: str
    first_logical_time: str | None
    as_of_logical_time: str | None


class LogSide(Struct, frozen=True):
    """The newest checkpoint of a stream."""

    records: Natural
    root: str
    signed: bool


class FirstDifference(Struct, frozen=True):
    """The first record that differs.

    ``field`` is a JSON Pointer, with both values as JSON, null where there is no such field; it is null if a record is
    no JSON or they differ only in how they are written. ``byte`` is the first that differs, with some bytes around it
    of both records; null if a record was too long to be read. ``before`` is the record before, the last in common.
    """

    seq: Natural
    field: str | None
    a: str | None
    b: str | None
    byte: Natural | None
    a_excerpt: str | None
    b_excerpt: str | None
    before: str | None


class StreamComparison(Struct, frozen=True):
    """One stream; the first ``common`` records are the same. ``first`` is there if both have a record after them."""

    stream: str
    relation: Relation
    common: Natural
    a: LogSide
    b: LogSide
    first: FirstDifference | None


class CountComparison(Struct, frozen=True):
    """How many there are of a kind of something; ``difference`` is b - a."""

    of: str
    kind: str
    a: Natural
    b: Natural
    difference: int


class DifferentRow(Struct, frozen=True):
    """A row that differs; ``a`` and ``b`` are its numbers, null where there is none. ``field`` as for a record."""

    what: Literal["changed", "only-a", "only-b"]
    name: str
    a: Natural | None
    b: Natural | None
    field: str | None
    a_value: str | None
    b_value: str | None


class RowsComparison(Struct, frozen=True):
    """The rows of a collection that differ: how many, and the first 100 of each sort.

    Unless ``complete``, more pages differ than are read: what is behind them, and what only one has, is not counted.
    """

    rows: str
    folder: str
    changed: Natural
    only_a: Natural
    only_b: Natural
    complete: bool
    listed: list[DifferentRow]


class LineComparison(Struct, frozen=True):
    """A line that differs, of a ledger or of the configuration; null where there is none."""

    of: str
    name: str
    a: str | None
    b: str | None


class LinesComparison(Struct, frozen=True):
    """Lines that differ: how many, the first 100, and how many are the same."""

    different: Natural
    same: Natural
    listed: list[LineComparison]


class Comparison(Struct, frozen=True):
    """Two publications side by side.

    ``same`` says that nothing is listed below but what is equal; titles, origins and versions of the generator may
    differ. Of two kinds of run nothing is compared.
    """

    version: Literal[1]
    same: bool
    verdict: str
    a: Side
    b: Side
    streams: list[StreamComparison]
    counts: list[CountComparison]
    rows: list[RowsComparison]
    ledgers: LinesComparison
    configuration: LinesComparison
    findings: list[CountComparison]


SCHEMA = "diff"
TYPES: dict[str, type] = {SCHEMA: Comparison}
