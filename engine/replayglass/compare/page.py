"""The page of a comparison, in the visual language of the sites that it compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.cell import Badge, Code, Link
from replayglass.compare.rows import LISTED
from replayglass.compare.rowsets import rowsets
from replayglass.compare.words import counts_of, is_different, what_of
from replayglass.findings import counted
from replayglass.page import Notice, Page, Table
from replayglass.registry import domain_named
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.compare.documents import (
        Comparison,
        CountComparison,
        FirstDifference,
        LinesComparison,
        RowsComparison,
        Side,
        StreamComparison,
    )
    from replayglass.page import Block
    from replayglass.row import Collection

PATH, JSON_PATH = "index.html", "diff.json"
TITLE = "Comparison of A and B"
SECTION = "diff"


class Hrefs(NamedTuple):
    """Where the folders of A and B are, relative to the comparison, written by us and ending with a slash; or None."""

    a: str | None = None
    b: str | None = None


_NOWHERE = Hrefs()
_COLUMNS = ("what", "A", "B")


def comparison_page(found: Comparison, hrefs: Hrefs = _NOWHERE) -> Page:
    """Return the page of a comparison; with ``hrefs`` it leads to the pages of both sites."""
    blocks: list[Block] = [Notice(found.verdict, "good" if found.same else "bad"), _sides(found, hrefs)]
    if found.a.domain == found.b.domain:
        blocks += _parts(found, hrefs)
    intro = "Two publications side by side: their logs, what was replayed from them, and how they were configured."
    return Page(PATH, TITLE, SECTION, blocks, intro, json=JSON_PATH)


def _parts(found: Comparison, hrefs: Hrefs) -> Iterator[Block]:
    domain = domain_named(found.a.domain)
    places = {} if domain is None else domain.places
    yield Table("Streams", ("stream", "relation", "in common", *_COLUMNS[1:]), [_stream(one) for one in found.streams])
    for stream in found.streams:
        if stream.first is not None:
            yield _first(stream.stream, stream.first, places[stream.stream], hrefs)
    yield _counts("Counts", found.counts, "Neither has any.")
    collections = {paged.collection.json_folder: paged.collection for paged in rowsets(found.a.domain)}
    for rows in found.rows:
        yield from _rows(rows, collections[rows.folder], hrefs)
    yield _lines("Ledgers", found.ledgers, "line")
    yield _lines("Configuration", found.configuration, "published setting")
    yield _counts("Findings by code", found.findings, "Neither has any.")


def _sides(found: Comparison, hrefs: Hrefs) -> Table:
    pairs = list(zip(_side(found.a, hrefs.a), _side(found.b, hrefs.b), strict=True))
    names = ("title", "kind of run", "origin", "verdict", "first logical time", "last logical time", "built by")
    rows = [(name, mine, other) for name, (mine, other) in zip((*names, "manifest"), pairs, strict=True)]
    return Table("The two publications", _COLUMNS, rows)


def _side(side: Side, href: str | None) -> tuple[Cell, ...]:
    title: Cell = side.title if href is None else Link(side.title, f"{href}{PATH}")
    times = (side.first_logical_time, side.as_of_logical_time)
    version = f"replayglass {side.generator_version}"
    return (title, side.domain, side.origin, side.verdict, *times, version, Code(side.manifest))


def _stream(one: StreamComparison) -> tuple[Cell, ...]:
    tone = {"same": "good", "diverged": "bad"}.get(one.relation, "note")
    words = {"same": "the same", "b-extends-a": "B goes on from A", "a-extends-b": "A goes on from B"}
    relation = Badge(words.get(one.relation, f"diverged at record {one.common}"), tone)
    return (one.stream, relation, one.common, one.a.records, one.b.records)


def _first(stream: str, first: FirstDifference, place: Collection, hrefs: Hrefs) -> Table:
    rows: list[tuple[Cell, Cell, Cell]] = [
        ("record", _row_cell(place, first.seq, hrefs.a), _row_cell(place, first.seq, hrefs.b))
    ]
    if first.field is not None:
        rows.append((f"field {first.field or '(all of it)'}", _code(first.a), _code(first.b)))
    rows.append((_where(first.byte), _code(first.a_excerpt), _code(first.b_excerpt)))
    if first.before is not None:
        rows.append(("the record before", Code(first.before), "the same"))
    return Table(f"Where {stream} diverges", _COLUMNS, rows)


def _where(byte: int | None) -> str:
    return "a record was too long to be read" if byte is None else f"around byte {byte:,}, the first that differs"


def _counts(title: str, counts: Sequence[CountComparison], empty: str) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.of, one.kind, one.a, one.b, Badge(f"{one.difference:+,}", "warn") if one.difference else "equal")
        for one in counts
    ]
    return Table(title, ("of", "kind", "A", "B", "B - A"), rows, empty)


def _rows(rows: RowsComparison, place: Collection, hrefs: Hrefs) -> Iterator[Block]:
    title = f"{rows.rows.capitalize()} that differ"
    if not is_different(rows):
        yield Table(title, (), (), "None.")
        return
    columns = ("how", "which", "in A", "in B", "field", "A", "B")
    yield Table(
        f"{title}: {counts_of(rows)}",
        columns,
        [
            (
                what_of(row),
                Code(row.name),
                _row_cell(place, row.a, hrefs.a),
                _row_cell(place, row.b, hrefs.b),
                None if row.field is None else Code(row.field),
                _code(row.a_value),
                _code(row.b_value),
            )
            for row in rows.listed
        ],
    )
    if len(rows.listed) < rows.changed + rows.only_a + rows.only_b:
        yield Notice(f"Of each sort the first {LISTED} are listed.", "note")


def _lines(title: str, lines: LinesComparison, one: str) -> Table:
    rows: list[tuple[Cell, ...]] = [(line.of, line.name, line.a, line.b) for line in lines.listed]
    said = f"{title}: {counted(lines.different, one)} of {lines.different + lines.same:,} differ"
    return Table(
        said if rows else title, ("of", "name", "A", "B"), rows, f"None of {counted(lines.same, one)} differs."
    )


def _row_cell(place: Collection, number: int | None, href: str | None) -> Cell:
    if number is None:
        return None
    words = f"{place.one} {number}"
    return words if href is None else Link(words, f"{href}{row_href(place, number)}")


def _code(text: str | None) -> Cell:
    return None if text is None else Code(text)
