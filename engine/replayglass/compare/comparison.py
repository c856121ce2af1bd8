"""Two publications compared: streams, counts, rows, ledgers, configuration, findings, and the verdict over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from replayglass.compare.documents import Comparison, CountComparison, LineComparison, LinesComparison, Side
from replayglass.compare.fields import cut
from replayglass.compare.records import compare_streams
from replayglass.compare.rows import LISTED, compare_rows
from replayglass.compare.rowsets import rowsets
from replayglass.compare.words import differences, verdict_of
from replayglass.publication.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.publication.published import PublishedSite
    from replayglass.publication.summary import PublicationSummary

_COUNTS = 400
"""Counts that are listed; a site of ours has fewer."""

Lines = dict[tuple[str, str], str | None]


def compare(a: PublishedSite, b: PublishedSite) -> Comparison:
    """Return two publications side by side.

    Raises:
        InputError: one of them cannot be read.
    """
    mine, other = summarize(a), summarize(b)
    is_comparable = a.domain is b.domain
    found = Comparison(
        1,
        same=False,
        verdict="",
        a=_side(mine),
        b=_side(other),
        streams=compare_streams(a, b) if is_comparable else [],
        counts=_counts(_counted(mine), _counted(other)) if is_comparable else [],
        rows=[compare_rows(paged, a, b) for paged in rowsets(a.domain.name)] if is_comparable else [],
        ledgers=_lines(_ledgers(mine), _ledgers(other), is_comparable=is_comparable),
        configuration=_lines(_settings(mine), _settings(other), is_comparable=is_comparable),
        findings=_counts(_found(mine), _found(other)) if is_comparable else [],
    )
    said = differences(found)
    return msgspec.structs.replace(found, same=not said, verdict=verdict_of(found, said))


def _side(summary: PublicationSummary) -> Side:
    return Side(
        cut(summary.title),
        summary.domain,
        None if summary.origin is None else cut(summary.origin),
        cut(summary.version),
        summary.digest,
        summary.verdict[0],
        summary.first_time,
        summary.last_time,
    )


def _counted(summary: PublicationSummary) -> dict[tuple[str, str], int]:
    records = {("records", stream): number for stream, number in summary.records.items()}
    return records | {(one.of, one.kind): one.number for one in summary.said.counts}


def _found(summary: PublicationSummary) -> dict[tuple[str, str], int]:
    return {("findings", code): number for code, number in summary.findings.items()}


def _counts(a: Mapping[tuple[str, str], int], b: Mapping[tuple[str, str], int]) -> list[CountComparison]:
    pairs = ((key, a.get(key, 0), b.get(key, 0)) for key in list({**a, **b})[:_COUNTS])
    return [CountComparison(cut(of), cut(kind), mine, other, other - mine) for (of, kind), mine, other in pairs]


def _ledgers(summary: PublicationSummary) -> Lines:
    return {(line.ledger, line.name): line.value for line in summary.said.ledgers}


def _settings(summary: PublicationSummary) -> Lines:
    return {("configuration", name): value for name, value in summary.said.settings.items()}


def _lines(a: Lines, b: Lines, *, is_comparable: bool) -> LinesComparison:
    """Return the lines that differ, those of ``a`` first."""
    keys = list({**a, **b}) if is_comparable else []
    different = [(key, a.get(key), b.get(key)) for key in keys if a.get(key) != b.get(key)]
    listed = [
        LineComparison(cut(of), cut(name), mine and cut(mine), other and cut(other))
        for (of, name), mine, other in different[:LISTED]
    ]
    return LinesComparison(len(different), len(keys) - len(different), listed)
