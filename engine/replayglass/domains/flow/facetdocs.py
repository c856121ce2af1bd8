"""The JSON documents about decisions by site, policy, fate and directive, about policies, retention and the archive."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from replayglass.pageschema import MovedRow, Natural, PageHead

Fate = Literal["recorded", "replayed", "vetoed", "archived", "expired"]

Decimal = str
"""A number with six decimals, as text: JSON readers disagree about fractions."""


class FacetRow(Struct):
    """A row of the decisions under one of its keys; ``decision`` is its number there, null is no policy."""

    row: Natural
    decision: Natural
    beat: Natural
    fate: Fate
    instance: str
    site: str
    policy: str | None
    choice: str


class FacetPage(PageHead, kw_only=True):
    """What happened to decisions of one site, policy, fate or directive, in order."""

    rows: list[FacetRow]
    moved: list[MovedRow] = []


class FacetKey(Struct):
    """A site, policy (null: none), fate or directive, how many rows it has, and the folder of their pages, if any."""

    row: Natural
    key: str | None
    count: Natural
    fates: dict[Fate, Natural]
    first_beat: Natural | None
    last_beat: Natural | None
    folder: str | None


class FacetKeysPage(PageHead, kw_only=True):
    """Sites, policies, fates or directives of decisions, in the order of their first appearance."""

    rows: list[FacetKey]
    moved: list[MovedRow] = []


class ArchiveRow(Struct):
    """A cell that moved to the archive: the row of the decisions that says so, when it was decided and kept how."""

    row: Natural
    decision: Natural
    beat: Natural
    instance: str
    site: str
    choice: str
    policy: str | None
    directive: str
    decided: Natural


class ArchivePage(PageHead, kw_only=True):
    """Cells that moved to the archive, in order."""

    rows: list[ArchiveRow]
    moved: list[MovedRow] = []


class MeasureSeries(Struct):
    """Mean, lowest and highest of each bin, null where nothing could be measured; ``left_out`` are no such numbers."""

    mean: list[Decimal | None]
    lowest: list[Decimal | None]
    highest: list[Decimal | None]
    left_out: Natural


class LatencySeries(Struct):
    """Mean and highest latency of each bin, in beats."""

    mean: list[Decimal | None]
    highest: list[Natural | None]


class ChoiceSeries(Struct):
    """How often a choice was made in each bin; null stands for all other choices."""

    choice: str | None
    counts: list[Natural]


class TrendSeries(Struct):
    """What was measured when decisions were recorded; bins are ``width`` beats wide and begin at ``beats``."""

    width: Natural
    beats: list[Natural]
    decisions: list[Natural]
    score: MeasureSeries
    confidence: MeasureSeries
    latency: LatencySeries
    errors: list[Natural]
    choices: list[ChoiceSeries]


class PolicyRow(Struct):
    """A policy: its definition as a dump has it, how it keeps decisions, what happened to them, what the index says.

    ``policy`` is null for decisions that name none. The windows are newest first; ``trend`` is null where nothing was
    recorded, or beyond the policies that have one.
    """

    row: Natural
    policy: str | None
    definition: dict[str, Any] | None
    retain: str | None
    fates: dict[Fate, Natural]
    first_beat: Natural | None
    last_beat: Natural | None
    last_choice: str | None
    live: Natural
    instances: Natural
    latency_window: list[Natural]
    error_window: list[Natural]
    trend: TrendSeries | None


class PolicyPage(PageHead, kw_only=True):
    """One policy."""

    rows: list[PolicyRow]
    moved: list[MovedRow] = []


class DirectiveEntry(Struct):
    """How many decisions were recorded under a directive, and how many of them left; null: all other directives."""

    directive: str | None
    recorded: Natural
    archived: Natural
    expired: Natural


class LeavingEntry(Struct):
    """A beat to come, and how many cells are not kept beyond it."""

    beat: Natural
    cells: Natural


class ShapeEntry(Struct):
    """A shape of telemetry or retention, the beat in which it first occurred, and how often it did."""

    shape: str
    since: Natural
    count: Natural


class RetentionDocument(Struct):
    """What was kept how, what left when (in bins of ``width`` beats), and what leaves next."""

    version: Literal[1]
    width: Natural
    beats: list[Natural]
    archived: list[Natural]
    expired: list[Natural]
    directives: list[DirectiveEntry]
    leaving: list[LeavingEntry]
    shapes: list[ShapeEntry]


TYPES: dict[str, type] = {
    "flow-facet-page": FacetPage,
    "flow-facet-keys-page": FacetKeysPage,
    "flow-archive-page": ArchivePage,
    "flow-policy-page": PolicyPage,
    "flow-retention": RetentionDocument,
}
