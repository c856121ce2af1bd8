"""What a published site says of its run, as far as reports tell it: a pure function of its documents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.account import Line
from replayglass.collection import json_path
from replayglass.domains.flow.documents import FlowIndex
from replayglass.domains.paper.places import EVENTS
from replayglass.facetshape import FacetKeys
from replayglass.findings import FINDINGS, FindingRow, FindingsIndex, FindingsPage, verdict
from replayglass.integrity import JSON_PATH, IntegrityDocument
from replayglass.record import Severity
from replayglass.reports.selection import select
from replayglass.verify.counts import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.integrity import LogEntry, RuleEntry
    from replayglass.publication.published import PublishedSite
    from replayglass.reports.selection import Selection

_FINDINGS = f"{FINDINGS.json_folder}/index.json"
_TYPES, _FLOW = f"{EVENTS.json_folder}/by-type/index.json", "v1/flow/index.json"
_LOGS = 64
"""Streams of a site that is ours: it has two."""

_RULES = 256
"""Rules of a domain that is ours: it has dozens."""


class Chart(NamedTuple):
    """Things counted by what they are."""

    title: str
    counts: Sequence[tuple[str, int]]


class Published(NamedTuple):
    """A publication: ``version`` is that of the replayglass which made it, ``as_of`` the last logical time."""

    title: str
    version: str
    as_of: str | None
    account: Sequence[Line]
    by_severity: Mapping[Severity, int]
    findings: Selection
    rules: Sequence[RuleEntry]
    logs: Sequence[LogEntry]
    charts: Sequence[Chart]

    @property
    def verdict(self) -> str:
        """Return the verdict on the run in a sentence."""
        return verdict(self.by_severity)[0]


def read_published(site: PublishedSite) -> Published:
    """Return what ``site`` says.

    Raises:
        InputError: a document is missing, not of its type, or does not agree with the others; the site is no longer,
            or not yet, what a build leaves.
    """
    index = site.index
    counted = site.document(_FINDINGS, FindingsIndex)
    with site.explaining():
        findings = select(_rows(site, counted.pages))
    by_severity: Counter[Severity] = Counter()
    for kind, count in findings.counts.items():
        by_severity[Severity(kind.severity)] += count
    found = {severity.value: count for severity, count in by_severity.items()}
    if any(
        {key: count for key, count in said.items() if count} != found for said in (index.findings, counted.by_severity)
    ):
        site.refuse(f"{INDEX}, {_FINDINGS} and the findings' pages do not count the same findings")
    proven = site.document(JSON_PATH, IntegrityDocument)
    if len(index.account) > _LOGS or len(proven.logs) > _LOGS or len(proven.rules) > _RULES:
        site.refuse(f"{INDEX} and {JSON_PATH} name more streams or rules than any run of ours has")
    account = [Line(one.stream, one.records, one.events, one.unreadable, one.torn, one.pages) for one in index.account]
    time, charts = index.as_of_logical_time, _charts(site)
    head = (index.title, index.generator_version, time, account, by_severity)
    return Published(*head, findings, proven.rules, proven.logs, charts)


def _rows(site: PublishedSite, pages: int) -> Iterator[FindingRow]:
    """Give the findings of so many pages, in order."""
    number = 0
    for page in range(pages):
        path = json_path(FINDINGS, page)
        for row in _page(site, path):
            if row.row != number:
                site.refuse(f"{path} does not hold finding {number}")
            number += 1
            yield row


def _page(site: PublishedSite, path: str) -> list[FindingRow]:
    page = site.decode(site.require(path), FindingsPage, path)
    moved = [site.decode(site.blob(row.blob, row.size), FindingRow, row.blob) for row in page.moved]
    return sorted([*page.findings, *moved], key=lambda row: row.row) if moved else page.findings


def _charts(site: PublishedSite) -> list[Chart]:
    if site.find(_TYPES) is not None:
        facet = site.document(_TYPES, FacetKeys)
        others = [("others", facet.others)] if facet.others else []
        return [Chart("Events by type", [*((key.key, key.count) for key in facet.keys), *others])]
    if site.find(_FLOW) is not None:
        flow = site.document(_FLOW, FlowIndex)
        named = {"Decisions by what became of them": flow.fates, "Intents by outcome": flow.outcomes}
        return [Chart(title, list(counts.items())) for title, counts in named.items()]
    return []
