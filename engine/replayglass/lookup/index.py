"""Collects the terms of a run while it is replayed, and gives the files by which they are looked up.

Records of the leading stream are cut into pages; when ``fan`` pages are full they are one run, and ``fan`` runs are a
segment, which never changes again. Which files there are depends on the terms and on nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.cell import Code
from replayglass.collection import Ranges, neighbours
from replayglass.lookup import ids as packed
from replayglass.lookup import names as named
from replayglass.lookup.catalog import Catalog
from replayglass.lookup.leaves import FOLDER, Leaves, call, fitted
from replayglass.lookup.times import CHUNK, Times
from replayglass.page import Blob, Page, Prose, Table
from replayglass.row import Collection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.listing import Kind
    from replayglass.lookup.ids import Ids
    from replayglass.lookup.leaves import Family
    from replayglass.page import Artifact, Block

SEGMENTS = Collection(FOLDER, "t", 1, "segment", "segments")
"""Segments of the look-up, one to a page; they belong to the share that counts everything."""


class Cut(NamedTuple):
    """How it is cut: records of a page, pages of a run, which are also the runs of a segment.

    ``times`` are the pages of the leading collection whose times share a file.
    """

    page: int = 1024
    fan: int = 8
    times: int = CHUNK

    @property
    def segment(self) -> int:
        """Return the records of a segment."""
        return self.page * self.fan * self.fan


WHOLE = Cut()


class Lookup:
    """Terms in, files out; ``kinds[0]`` is what the records of the leading stream are, ``time`` what their time is."""

    def __init__(self, kinds: tuple[Kind, ...], limit: int, cut: Cut = WHOLE, time: str = "logical time") -> None:
        self._kinds = kinds
        self._limit = limit
        self._cut = cut
        self._time = time
        self._records = self._full = 0
        self._texts: list[list[str]] = [[] for _ in kinds]
        self._rows: list[list[int]] = [[] for _ in kinds]
        self._pages: list[Ids] = []
        self._names: dict[int, dict[str, int]] = {}
        self._ranges = Ranges(SEGMENTS, ("first record",), FOLDER)
        self._catalog = Catalog(limit)
        self._times = Times(cut.times)

    def add(self, kind: int, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Take ids of ``kinds[kind]`` in, each with its row; they are many and mostly differ."""
        self._texts[kind] += texts
        self._rows[kind] += rows

    def name(self, kind: int, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Take names in, each with its row; they are few, and repeated."""
        known = self._names.setdefault(kind, {})
        for text, row in zip(texts, rows, strict=True):
            if text not in known:
                known[text] = row

    def advance(self, records: int, time: int | None) -> Iterator[Artifact]:
        """Take note that the leading stream was read up to ``records``; gives the segment that they fill.

        Its terms were taken in already. ``time`` is the first logical time of those read since the last call; they
        stand on one page of the stream.
        """
        if records == self._records:
            return
        yield from self._times.note(self._records // self._kinds[0].size, time)
        self._records = records
        if records % self._cut.page == 0:
            self._pages.append(self._take_page())
        if records % self._cut.segment == 0:
            yield from self._close()

    def finish(self, counts: Mapping[str, int]) -> Iterator[Artifact]:
        """Give the remaining files; ``counts`` are the rows that can be looked up by number, by their words."""
        leaves = Leaves(self._kinds, self._full, self._limit)
        for name, first, last, ids in self._units():
            yield from leaves.ids(name, self._words(first, last), ids)
        yield from leaves.names(self._cut_names())
        yield from self._segment(leaves.families, full=False)
        yield from self._ranges.finish()
        yield from self._catalog.finish()
        yield from self._times.finish()
        yield self._script(leaves.families, counts)
        yield self._front()

    def _close(self) -> Iterator[Artifact]:
        """End the open segment."""
        leaves = Leaves(self._kinds, self._full, self._limit)
        first = self._full * self._cut.segment
        yield from leaves.ids("", self._words(first, self._records - 1), packed.in_order(packed.join(self._pages)))
        yield from leaves.names(self._cut_names())
        yield from self._segment(leaves.families, full=True)
        yield from self._catalog.add([family.separators for family in leaves.families])
        self._pages, self._names = [], {}
        self._full += 1

    def _take_page(self) -> Ids:
        """Pack what was taken in since the last page was full."""
        parts = []
        for kind, (texts, rows) in enumerate(zip(self._texts, self._rows, strict=True)):
            ids, others = packed.pack(texts, kind, rows)
            parts.append(ids)
            if others:
                self.name(kind, [texts[place] for place in others], [rows[place] for place in others])
        self._texts, self._rows = [[] for _ in self._kinds], [[] for _ in self._kinds]
        return packed.join(parts)

    def _units(self) -> Iterator[tuple[str, int, int, Ids]]:
        """Give the runs and pages of the open segment: name, first and last record, ids in order."""
        fan, size = self._cut.fan, self._cut.page
        pages = [*self._pages, self._take_page()]
        start = 0
        while start < len(pages):
            stop = start + fan if start + fan < len(pages) else start + 1
            name = f"{start:03d}-" if stop == start + 1 else f"{start:03d}-{stop - 1:03d}-"
            first = self._full * self._cut.segment + start * size
            last = min(first + (stop - start) * size, self._records) - 1
            yield name, first, last, packed.in_order(packed.join(pages[start:stop]))
            start = stop

    def _cut_names(self) -> list[named.Name]:
        """Return the names of the open segment; of those that are the same when cut, the first."""
        rows: dict[int, dict[str, int]] = {}
        for kind, own in sorted(self._names.items()):
            cut = rows[kind] = {}
            for text, row in own.items():
                short = named.shortened(text)
                cut[short] = min(row, cut.get(short, row))
        return named.in_order(rows)

    def _words(self, first: int, last: int) -> str:
        word = self._kinds[0].words
        return f"Ids of {word}s {first} to {last}" if last >= first else f"Ids without {word}s yet"

    def _segment(self, families: Sequence[Family], *, full: bool) -> Iterator[Artifact]:
        first = self._full * self._cut.segment
        span = f"{first} to {self._records - 1}" if self._records > first else "none yet"
        blocks: list[Block] = [
            Table(family.words, ("from, to", "terms"), family.lines) for family in families if family.lines
        ]
        if not blocks:
            blocks = [Table("", ("from, to", "terms"), (), "There is nothing to look up yet.")]
        word = self._kinds[0].words
        around = neighbours(SEGMENTS, self._full, full=full)
        intro = "Lists of every id and name, in order; an entry leads to the place where it stands first."
        page = Page(f"{FOLDER}/{self._full:06d}.html", f"Look-up: {word}s {span}", FOLDER, blocks, intro, around)
        yield page._replace(stretch=0)
        yield from self._ranges.add(1, (first,))

    def _script(self, families: Sequence[Family], counts: Mapping[str, int]) -> Blob:
        cut = fitted([family.separators for family in families], self._limit // 2)
        data = {
            "version": 1,
            "kinds": self._kinds,
            "counts": counts,
            "segments": self._full,
            "leaves": self._catalog.firsts,
            "open": [[family.name, separators] for family, separators in zip(families, cut, strict=True)],
            "time": self._time,
            "times": self._times.firsts,
            "pages": self._cut.times,
        }
        return Blob(f"{FOLDER}/index.js", call("index", data))

    def _front(self) -> Page:
        kinds = ", ".join(dict.fromkeys([*(kind.words for kind in self._kinds), self._time]))
        how = Prose(
            "How to look something up",
            [
                (
                    (
                        "Where scripts run, the box at the top of every page finds any id or name by how it begins, "
                        "and any number or logical time. It knows: "
                    ),
                    Code(kinds),
                    ".",
                ),
                (
                    (
                        "Without scripts, the same index can be read here: it is kept in segments of "
                        f"{self._cut.segment:,} records; each has lists in order, and each entry leads to its place."
                    ),
                ),
            ],
        )
        return Page(
            f"{FOLDER}/index.html", "Look-up", FOLDER, [how, self._ranges.table()], "Every id and name there is."
        )
