"""The findings of a run as a collection: counted by code and severity, paged in the order in which they were met."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from replayglass.canon import encode, encode_inline
from replayglass.cell import Link, spark
from replayglass.collection import Layout
from replayglass.facet import Facet
from replayglass.facetshape import Shape
from replayglass.page import Document, Notice, Page, Table
from replayglass.pageschema import MovedRow, Natural, PageHead
from replayglass.record import Severity
from replayglass.row import Collection, Field, Part, Row, RowKind, RowLink
from replayglass.share import WHOLE
from replayglass.shelf import Shelf
from replayglass.timeline import Trends

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.cell import Cell
    from replayglass.facet import Triple
    from replayglass.page import Artifact, Block
    from replayglass.record import Finding
    from replayglass.row import Value

FINDINGS = Collection(
    "findings",
    "x",
    256,
    "finding",
    "findings",
    "v1/findings",
    why_empty="nothing is wrong with this run, as far as this version checks",
)
_COLUMNS = ("#", "severity", "code", "where", "what is wrong")
_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "note"}


class FindingRow(Struct):
    """One finding; null where it has no one place. ``segment`` is the file's path in the run."""

    row: Natural
    code: str
    severity: Literal["error", "warning", "info"]
    message: str
    stream: str
    segment: str | None
    seq: Natural | None
    line: Natural | None
    offset: Natural | None


class FindingsPage(PageHead, kw_only=True):
    """Findings in the order in which the replay met them."""

    findings: list[FindingRow]
    moved: list[MovedRow] = []


class FindingsIndex(Struct):
    """The findings in numbers."""

    version: Literal[1]
    count: Natural
    by_severity: dict[Literal["error", "warning", "info"], int]
    by_code: dict[str, int]
    pages: Natural
    page_size: Natural


TYPES: dict[str, type] = {"findings-page": FindingsPage, "findings-index": FindingsIndex}


_CODES = Shape(
    FINDINGS,
    "code",
    "code",
    ("finding", "record"),
    "Findings by what is wrong; a code that comes with two severities has one list.",
    "Nothing is wrong with this run, as far as this version checks.",
)


BY_CODE = f"{_CODES.folder}/index.html"
"""The page that leads to the findings of each code."""


class CodeFacet(Facet):
    """Findings by code; a row has the finding, and the record that it is about if there is one with a page."""

    def __init__(self, places: Mapping[str, Collection]) -> None:
        super().__init__(_CODES, WHOLE)
        self._streams = list(places)
        self._records = list(places.values())
        number = (RowLink(FINDINGS, "int"),)
        self._kinds = [RowKind((number, (RowLink(place),))) for place in self._records]
        self._alone = RowKind((number, ("none",)))

    def note(self, number: int, finding: Finding) -> Iterator[Artifact]:
        """Take a finding in; all are of the first share, like those of `Findings`."""
        has_place = finding.seq is not None and finding.stream in self._streams
        place = 1 + self._streams.index(finding.stream) if has_place else 0
        yield from self.add(finding.code, (number, finding.seq or 0, place), 0)

    def row(self, number: int, triple: Triple) -> Row:
        """Return the row of a finding."""
        finding, seq, place = triple
        link = (finding // FINDINGS.size, finding, finding)
        if not place:
            return Row(self._alone, number, link)
        record = self._records[place - 1]
        return Row(self._kinds[place - 1], number, (*link, seq // record.size, seq, f"{record.one} {seq}"))


class Findings:
    """Takes findings in, gives pages out; ``explained`` is as in `replay.Domain`."""

    def __init__(self, places: Mapping[str, Collection], limit: int, explained: Mapping[str, str]) -> None:
        self.by_severity: Counter[Severity] = Counter()
        self.by_code: Counter[tuple[Severity, str]] = Counter()
        self._places = places
        self._explained = explained
        layout = Layout("findings", _COLUMNS, "findings-page", "findings")
        # Of the first stretch, so of the first share: only that one hears of everything that is wrong.
        self._shelf = Shelf(FINDINGS, layout, limit, stretch=0)
        self._kinds: dict[tuple[Severity, str | None], RowKind] = {}
        self._codes = CodeFacet(places)
        self._trends = Trends(1)

    @property
    def count(self) -> int:
        """Return how many there are."""
        return self._shelf.count

    def counts(self) -> dict[str, int]:
        """Return how many there are of each code."""
        return _by_code(self.by_code.items())

    def lists(self) -> dict[str, str]:
        """Return the page that lists the findings of each code, as far as they have pages of their own."""
        return {code: key.path for code, key in self._codes.keys.items()}

    def add(self, finding: Finding) -> Iterator[Artifact]:
        """Take one finding in."""
        self.by_severity[finding.severity] += 1
        self.by_code[(finding.severity, finding.code)] += 1
        if finding.seq is not None:
            self._trends.add((finding.seq,), (_kind(finding.severity, finding.code),))
        number = self._shelf.count
        code, severity, message, stream, segment, seq, line, offset = finding
        part = FindingRow(number, code, severity.value, message, stream, segment, seq, line, offset)
        yield from self._shelf.add(self._row(number, finding), encode_inline(part))
        yield from self._codes.note(number, finding)

    def finish(self) -> Iterator[Artifact]:
        """Give the remaining pages, the index page and the index document."""
        yield from self._shelf.finish()
        yield from self._codes.finish()
        ordered = sorted(self.by_code.items(), key=lambda item: (list(Severity).index(item[0][0]), item[0][1]))
        index = FindingsIndex(
            1,
            self.count,
            {severity.value: self.by_severity[severity] for severity in Severity},
            _by_code(ordered),
            self._shelf.ranges.pages,
            FINDINGS.size,
        )
        yield Document("v1/findings/index.json", encode(index), "findings-index", "The findings in numbers")
        trends = self._trends.points(0)
        rows: list[tuple[Cell, ...]] = [
            (
                severity.value,
                self._code(code),
                self._codes.cell(code, f"{count:,}"),
                spark(trends.get(_kind(severity, code), ()), "records"),
            )
            for (severity, code), count in ordered
        ]
        empty = "Nothing is wrong with this run, as far as this version checks."
        blocks: list[Block] = [
            Notice(*verdict(self.by_severity)),
            Table("Findings by code", ("severity", "code", "count", "over records"), rows, empty),
            self._shelf.ranges.table(),
        ]
        intro = "Everything that is wrong or odd with this run, in the order in which the replay met it."
        yield Page("findings/index.html", "Findings", "findings", blocks, intro)

    def _code(self, code: str) -> Cell:
        return Link(code, self._explained[code]) if code in self._explained else code

    def _row(self, number: int, finding: Finding) -> Row:
        collection = self._places.get(finding.stream)
        severity, code, place = finding.severity, finding.code, _place(finding)
        if finding.seq is None or collection is None:
            return Row(self._kind(severity, None), number, (severity.value, code, place, finding.message))
        link = (finding.seq // collection.size, finding.seq, f"{collection.one} {finding.seq}")
        values: tuple[Value, ...] = (severity.value, code, *link, place, finding.message)
        return Row(self._kind(severity, finding.stream), number, values)

    def _kind(self, severity: Severity, stream: str | None) -> RowKind:
        key = (severity, stream)
        if key not in self._kinds:
            link: tuple[Part, ...] = () if stream is None else (RowLink(self._places[stream]), ", ")
            cells = ((Field("word"),), (Field("code"),), (*link, Field("text")), (Field("text"),))
            self._kinds[key] = RowKind(cells, _TONES[severity])
        return self._kinds[key]


def _kind(severity: Severity, code: str) -> str:
    return f"{severity.value} {code}"


def _by_code(ordered: Iterable[tuple[tuple[Severity, str], int]]) -> dict[str, int]:
    """Return the counts by code alone: a code may come with two severities."""
    counts: dict[str, int] = {}
    for (_, code), count in ordered:
        counts[code] = counts.get(code, 0) + count
    return counts


def _place(finding: Finding) -> str:
    if finding.line is None:
        return finding.segment or finding.stream
    return f"line {finding.line}, byte {finding.offset} of {finding.segment or finding.stream}"


def verdict(by_severity: Mapping[Severity, int]) -> tuple[str, str]:
    """Return the verdict on a run in one sentence, and its tone."""
    errors, warnings, infos = (by_severity.get(severity, 0) for severity in Severity)
    if errors:
        counts = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}, {counted(infos, 'remark')}"
        return f"Damaged: {counts}.", "bad"
    if warnings:
        return f"Readable, with {counted(warnings, 'warning')} and {counted(infos, 'remark')}; no errors.", "warn"
    if infos:
        return f"Clean: no errors, no warnings, {counted(infos, 'remark')}.", "good"
    return "Clean: no errors, no warnings, nothing odd.", "good"


def counted(count: int, word: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
