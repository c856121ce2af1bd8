"""What a published site says of its run, as far as reports tell it: a pure function of its documents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.account import Line
from replayglass.domains.flow.documents import FlowIndex
from replayglass.domains.paper.rows import EVENTS
from replayglass.facetshape import FacetKeys
from replayglass.findings import FindingsIndex, verdict
from replayglass.integrity import JSON_PATH, IntegrityDocument
from replayglass.proof.failure import ProofError
from replayglass.record import Severity
from replayglass.reports.documents import Documents
from replayglass.reports.selection import select
from replayglass.siteindex import Index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.integrity import LogEntry, RuleEntry
    from replayglass.reports.selection import Selection
    from replayglass.verify.site import SiteFolder

_INDEX, _FINDINGS = "v1/index.json", "v1/findings/index.json"
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


def read_published(site: SiteFolder) -> Published:
    """Return what ``site`` says.

    Raises:
        ProofError: a document is missing, not of its type, or does not agree with the others; the site is no longer,
            or not yet, what a build leaves.
    """
    documents = Documents(site)
    index = documents.document(_INDEX, Index)
    counted = documents.document(_FINDINGS, FindingsIndex)
    findings = select(documents.findings(counted.pages))
    by_severity: Counter[Severity] = Counter()
    for kind, count in findings.counts.items():
        by_severity[Severity(kind.severity)] += count
    found = {severity.value: count for severity, count in by_severity.items()}
    if any(
        {key: count for key, count in said.items() if count} != found for said in (index.findings, counted.by_severity)
    ):
        message = f"{_INDEX}, {_FINDINGS} and the findings' pages do not count the same findings"
        raise ProofError(message)
    proven = documents.document(JSON_PATH, IntegrityDocument)
    if len(index.account) > _LOGS or len(proven.logs) > _LOGS or len(proven.rules) > _RULES:
        message = f"{_INDEX} is not written as ours are"
        raise ProofError(message)
    account = [Line(one.stream, one.records, one.events, one.unreadable, one.torn, one.pages) for one in index.account]
    time, charts = index.as_of_logical_time, _charts(documents)
    head = (index.title, index.generator_version, time, account, by_severity)
    return Published(*head, findings, proven.rules, proven.logs, charts)


def _charts(documents: Documents) -> list[Chart]:
    if documents.has(_TYPES):
        facet = documents.document(_TYPES, FacetKeys)
        others = [("others", facet.others)] if facet.others else []
        return [Chart("Events by type", [*((key.key, key.count) for key in facet.keys), *others])]
    if documents.has(_FLOW):
        flow = documents.document(_FLOW, FlowIndex)
        named = {"Decisions by what became of them": flow.fates, "Intents by outcome": flow.outcomes}
        return [Chart(title, list(counts.items())) for title, counts in named.items()]
    return []
