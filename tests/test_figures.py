"""No figure is a dead end: a count, a position, a metric leads to what made it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sites import FLOW, PAPER, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sites import Site

RUNS = {
    "paper": SAMPLE,
    "flow": FLOW,
    "flow that diverges": FLOW.with_name("flow-diverged"),
    "contradicting ids": PAPER / "bad" / "edited_skip_reason",
    "unreadable record": PAPER / "bad" / "two_objects_one_line",
}

SETTLED = (
    (r"runtime/index", "Status|Settings", "settings of the runtime, whose file the page names"),
    (r"flow/policies/\d+", "Definition", "fields of the policy, as they were written"),
    (r"flow/programs/\d+", "Steps", "numbers of the steps themselves"),
    (r"flow/divergence/index", "Both cells", "what stands in the cells that are named, and linked, above them"),
    (r"integrity/index", "Rules", "sections of a specification; what was found is a link"),
)
"""Figures that nothing made: pages, titles, and why."""

FIGURE = re.compile(r"-?\d[\d,]*(\.\d+)?( .*)?", re.DOTALL)
NOTHING = re.compile(r"0( .*)?")


class Cell(NamedTuple):
    """The text of a cell and where its links lead."""

    text: str
    links: list[str]


class Line(NamedTuple):
    """A row of a table, or a fact, under the title of its block; a record is its own source."""

    title: str
    is_fact: bool
    cells: list[Cell]
    records: list[str]


class _Reader(HTMLParser):
    """Reads the rows and facts of a page; end tags of rows and cells are optional in HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self.anchors: set[str] = set()
        self._title = ""
        self._is_open = dict.fromkeys(("h2", "pre", "dl", "article"), False)
        self._in_cell = False
        self._group: Cell | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.add(given.get("id") or "")
        if tag in self._is_open:
            self._is_open[tag] = True
            self._title = "" if tag == "h2" else self._title
        if self._is_open["article"]:
            return  # what a reviewer wrote
        if tag == "tr" or (tag == "div" and self._is_open["dl"]):
            self.lines.append(Line(self._title, self._is_open["dl"], [], []))
        elif tag in {"td", "th", "dt", "dd"}:
            self._begin_cell(given)
        elif tag == "a" and self._in_cell:
            self.lines[-1].cells[-1].links.append(given["href"] or "")
        elif tag == "pre" and self._in_cell:
            self.lines[-1].records.append(tag)

    def _begin_cell(self, given: dict[str, str | None]) -> None:
        """Begin a cell; one that is the header of a group of rows stands in each of them."""
        cells = self.lines[-1].cells
        if given.get("scope") == "rowgroup":
            self._group = Cell("", [])
            cells.append(self._group)
        else:
            if not cells and self._group is not None:
                cells.append(self._group)
            cells.append(Cell("", []))
        self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self._is_open:
            self._is_open[tag] = False
        if tag in {"table", "dl"}:
            self._in_cell, self._group = False, None

    def handle_data(self, data: str) -> None:
        if self._is_open["h2"]:
            self._title += data
        elif self._in_cell and not self._is_open["pre"]:
            cells = self.lines[-1].cells
            cells[-1] = Cell(cells[-1].text + data, cells[-1].links)


class Place(NamedTuple):
    """A figure, where it stands, and where the links beside it lead."""

    page: str
    title: str
    figure: str
    links: list[str]
    has_record: bool


def figures(page: str, lines: list[Line]) -> Iterator[Place]:
    """Give the figures of a page that something made."""
    for line in lines:
        if any(re.fullmatch(place, page) and re.match(title, line.title) for place, title, _ in SETTLED):
            continue
        links = [link for cell in line.cells for link in cell.links if not link.startswith("#")]
        for cell in line.cells[line.is_fact :]:
            text = cell.text.strip()
            is_address = any(link.startswith("#") for link in cell.links)
            if FIGURE.fullmatch(text) and not NOTHING.fullmatch(text) and not is_address:
                beside = cell.links if line.is_fact else links
                yield Place(page, line.title, text, beside, bool(line.records))


@pytest.fixture(scope="module")
def read(site_of: Callable[[Path], Site]) -> dict[str, dict[Path, _Reader]]:
    """Return the pages of each site, but those that list terms."""
    return {name: dict(_pages(site_of(run).folder)) for name, run in RUNS.items()}


def _pages(site: Path) -> Iterator[tuple[Path, _Reader]]:
    for page in sorted(site.rglob("*.html")):
        if "lookup" not in page.parts:
            yield page, _Reader(page.read_text())


@pytest.mark.parametrize("name", RUNS)
def test_a_figure_leads_to_what_made_it(name: str, read: dict[str, dict[Path, _Reader]]) -> None:
    """A figure is a link, or stands in a row with one, and what that leads to is there.

    A figure is a cell that begins with a number. In a fact it is a link itself; a row of a table may have the link in
    another cell, but not to itself. A row that shows a record is its own source. Nothing made what is 0; the number of
    a row, which leads to the row, counts nothing; `SETTLED` names what nobody counted.
    """
    count, ends = 0, []
    for page, reader in read[name].items():
        for place in figures(_name(page), reader.lines):
            count += 1
            if not place.links and not place.has_record:
                ends.append(place)
            for link in place.links:
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve()
                if target not in read[name]:
                    assert target.is_file(), place
                elif anchor:
                    assert anchor in read[name][target].anchors, place
    assert count > 500
    assert ends == []


def test_what_nobody_counted_is_there(read: dict[str, dict[Path, _Reader]]) -> None:
    """Each exception is about a block that some of these sites have: none outlives what it was made for."""
    found = {
        (_name(page), line.title) for pages in read.values() for page, reader in pages.items() for line in reader.lines
    }
    for place, title, _ in SETTLED:
        assert any(re.fullmatch(place, page) and re.match(title, other) for page, other in found)


def _name(page: Path) -> str:
    """Return the path of a page in its site, without its suffix."""
    return page.as_posix().partition("/site/")[2].removesuffix(".html")
