"""What the catalogue says of a publication: a few facts and numbers, each bounded, whatever the site says."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.divergencedocs import DivergenceDocument
from replayglass.domains.flow.facetdocs import PolicyPage
from replayglass.domains.flow.policypages import POLICIES
from replayglass.domains.paper.places import DECISIONS
from replayglass.facetshape import FacetKeys
from replayglass.library.catalogue import Head, Publication, Window
from replayglass.publication.summary import summarize
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from replayglass.publication.published import PublishedSite

_REASONS = f"{DECISIONS.json_folder}/by-logged-reason/index.json"
_DECIDED = ("recorded", "replayed", "vetoed")
"""Fates of decisions that were made in a flow run; the others say what became of them later."""

_TEXT = 200
_KEY = 64
_KEYS = 12
_POLICIES = 8
_CODES = 128
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")


class _Numbers(NamedTuple):
    """What only one kind of run has."""

    decisions: int
    skipped: tuple[dict[str, int], int]
    deviations: dict[str, int]
    latency: tuple[Window, ...]


def entry_of(site: PublishedSite, run: str) -> Publication:
    """Return what the catalogue says of ``site`` as a publication of ``run``.

    Raises:
        InputError: the site cannot be read.
    """
    said = summarize(site)
    index = site.index
    counts = {(count.of, count.kind): count.number for count in said.said.counts}
    numbers = {"paper": _paper, "flow": _flow}[said.domain](site, counts)
    leading = site.domain.streams[0].name
    return Publication(
        run=run,
        size=said.heads[leading].size,
        title=clipped(said.title, _TEXT),
        origin=None if said.origin is None else clipped(said.origin, _TEXT),
        domain=said.domain,
        version=clipped(said.version, _KEY),
        manifest=said.digest,
        verdict=said.verdict[0],
        tone=said.verdict[1],
        findings={severity.value: index.findings.get(severity.value, 0) for severity in Severity},
        codes=_bounded(((code, count) for code, count in said.findings.items() if _CODE.fullmatch(code)), _CODES)[0],
        events=next((line.events for line in index.account if line.stream == leading), 0),
        decisions=numbers.decisions,
        first_logical_time=said.first_time,
        last_logical_time=None if said.last_time is None else clipped(said.last_time, _KEY),
        heads=tuple(Head(name, head.size, head.root.hex(), head.signed) for name, head in said.heads.items()),
        skipped=numbers.skipped[0],
        skipped_others=numbers.skipped[1],
        deviations=numbers.deviations,
        latency=numbers.latency,
    )


def clipped(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text of somebody else, those that cannot be seen as U+FFFD."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _bounded(counted: Iterable[tuple[str, int]], most: int) -> tuple[dict[str, int], int]:
    """Return the ``most`` highest counts by what they count, in the order of ``counted``, and the sum of the others."""
    rows = [(clipped(key, _KEY), count) for key, count in counted]
    kept = sorted(range(len(rows)), key=lambda at: (-rows[at][1], at))[:most]
    listed = {rows[at][0]: rows[at][1] for at in sorted(kept)}
    return listed, sum(count for _, count in rows) - sum(listed.values())


def _paper(site: PublishedSite, counts: Mapping[tuple[str, str], int]) -> _Numbers:
    reasons = site.document(_REASONS, FacetKeys)
    listed, others = _bounded(((key.key, key.count) for key in reasons.keys), _KEYS)
    failed = counts.get(("decisions", "failed"), 0)
    deviations = {"EXECUTION_FAILED": failed} if failed else {}
    return _Numbers(counts[("decisions", "all")], (listed, others + reasons.others), deviations, ())


def _flow(site: PublishedSite, counts: Mapping[tuple[str, str], int]) -> _Numbers:
    decided = sum(counts.get(("decisions", fate), 0) for fate in _DECIDED)
    diverged = site.document("v1/flow/divergence.json", DivergenceDocument).counts
    pages = islice(site.pages(POLICIES.json_folder or ""), _POLICIES)
    rows = [row for page in pages for row in site.decode(site.take(page), PolicyPage).rows]
    windows = [
        Window(
            None if row.policy is None else clipped(row.policy, _KEY),
            len(row.latency_window),
            sum(row.latency_window),
            max(row.latency_window),
        )
        for row in rows
        if row.latency_window
    ]
    return _Numbers(decided, ({}, 0), _bounded(diverged.items(), _KEYS)[0], tuple(windows))
