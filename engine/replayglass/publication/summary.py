"""What a publication says in short: verdict, counts, logical times, and one checkpoint a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Raw, Struct

from replayglass.collection import json_path
from replayglass.findings import FINDINGS, FindingsIndex, verdict
from replayglass.publication.said import Said, say_flow, say_paper
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.publication.published import PublishedSite
    from replayglass.verify.report import Commitment

_MOMENTS = ("logicalTime", "beat")
"""Fields in which records of the leading streams say when they were written."""


_NUMBER = re.compile(rb"[0-9]{1,16}")


class PublicationSummary(NamedTuple):
    """A publication in short.

    ``digest`` is the SHA-256 of its manifest, ``version`` that of the generator that built it. ``verdict`` is a
    sentence and its tone. ``first_time`` and ``last_time`` are the logical times (of flow runs: beats) of the first
    and the last record as text, as far as the first page and the replay know them. ``heads`` has the checkpoint and
    ``records`` the number of records of each stream, ``findings`` how many there are of each code.
    """

    digest: str
    version: str
    domain: str
    title: str
    origin: str | None
    verdict: tuple[str, str]
    first_time: str | None
    last_time: str | None
    heads: Mapping[str, Commitment]
    records: Mapping[str, int]
    findings: Mapping[str, int]
    said: Said


def summarize(site: PublishedSite) -> PublicationSummary:
    """Return what a publication says in short.

    Raises:
        InputError: the site cannot be read.
    """
    index = site.index
    found = site.document(f"{FINDINGS.json_folder}/index.json", FindingsIndex)
    return PublicationSummary(
        site.digest,
        index.generator_version,
        index.domain,
        index.title,
        index.origin,
        verdict({severity: found.by_severity.get(severity.value, 0) for severity in Severity}),
        _first_time(site),
        index.as_of_logical_time,
        {stream.name: site.head(stream.name) for stream in site.domain.streams},
        {line.stream: line.records for line in index.account},
        found.by_code,
        {"paper": say_paper, "flow": say_flow}[site.domain.name](site),
    )


class _Page(Struct, frozen=True):
    events: tuple[Raw, ...] = ()
    lines: tuple[Raw, ...] = ()


def _first_time(site: PublishedSite) -> str | None:
    leader = site.domain.places[site.domain.streams[0].name]
    page = site.decode(site.require(json_path(leader, 0)), _Page)
    for row in (*page.events, *page.lines):
        record = site.decode(row, dict[str, Raw])
        for name in _MOMENTS:
            if (found := _NUMBER.fullmatch(bytes(record.get(name, b"")))) is not None:
                return found[0].decode()
    return None
