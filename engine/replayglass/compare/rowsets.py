"""Which collections are compared row by row, and what a row of each is known by in both publications."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Raw, Struct, field

from replayglass.canon import encode_inline
from replayglass.compare.rows import KeyedRow, Paged
from replayglass.domains.flow.pages import DECISIONS as FLOW_DECISIONS
from replayglass.domains.paper.places import DECISIONS, LATER
from replayglass.findings import FINDINGS
from replayglass.live.documents import rows_of
from replayglass.pageschema import MovedRow, PageHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.publication.published import PublishedSite


class _Page(PageHead, kw_only=True):
    """A page of any of the collections: its rows are in one of these fields."""

    entries: dict[str, Raw] = field(default_factory=dict)
    recovered: dict[str, Raw] = field(default_factory=dict)
    rows: tuple[Raw, ...] = ()
    findings: tuple[Raw, ...] = ()
    moved: tuple[MovedRow, ...] = ()


class _Entry(Struct, frozen=True, rename="camel"):
    decision_id: str


def rowsets(domain: str) -> tuple[Paged, ...]:
    """Return the collections that are compared row by row where runs are of this kind."""
    return _ROWSETS[domain]


def _decisions(site: PublishedSite, data: bytes) -> Iterator[KeyedRow]:
    """Give the decisions of a page of the decision memory, by id, each with what was recovered of it."""
    page = site.decode(data, _Page)
    for number, row in _numbered(site, page, page.entries.values()):
        key = site.decode(row, _Entry).decision_id
        recovered = page.recovered.get(key, b"null")
        yield KeyedRow(key, number, b'{"entry":%s,"recovered":%s}' % (row, bytes(recovered)))


def _keyed(site: PublishedSite, data: bytes, names: Mapping[str, str]) -> Iterator[KeyedRow]:
    """Give the rows of a page by the fields ``names``, each with the words for it; row and byte are no values."""
    page = site.decode(data, _Page)
    for number, row in _numbered(site, page, (*page.rows, *page.findings)):
        fields = site.decode(row, dict[str, Raw])
        known_by = ((words, site.decode(fields[name], object)) for name, words in names.items() if name in fields)
        key = " ".join(words.format(value) for words, value in known_by if value is not None)
        members = (b"%s:%s" % (encode_inline(name), bytes(fields[name])) for name in fields if name not in _PLACES)
        yield KeyedRow(key, number, b"{%s}" % b",".join(members))


def _numbered(site: PublishedSite, page: _Page, kept: Iterable[Raw]) -> Iterator[tuple[int, bytes]]:
    """Give number and bytes of each row of a page, those that moved to blobs in their places."""
    numbers = range(page.first, page.first + page.count)
    sizes = {row.blob: row.size for row in page.moved}
    with site.explaining():
        found = list(rows_of(numbers, kept, {row.row: row.blob for row in page.moved}))
    for number, row in zip(numbers, found, strict=True):
        yield number, site.blob(row, sizes[row]) if isinstance(row, str) else row


_PLACES = frozenset({"row", "offset"})
_LATER = {"decision": "decision {}", "type": "{}", "id": "{}"}
_CELL = {"beat": "beat {}", "instance": "instance {}", "site": "site {}"}
_FINDING = {"severity": "{}", "code": "{}", "stream": "{}", "line": "line {}", "message": "{}"}
_FINDINGS = Paged(FINDINGS, partial(_keyed, names=_FINDING))
_ROWSETS = {
    "paper": (Paged(DECISIONS, _decisions), Paged(LATER, partial(_keyed, names=_LATER)), _FINDINGS),
    "flow": (Paged(FLOW_DECISIONS, partial(_keyed, names=_CELL)), _FINDINGS),
}
