"""A growing tree: entries in, full tiles and bundles out; what is open is all that is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.page import Blob
from replayglass.proof.bundle import pack
from replayglass.proof.merkle import EMPTY_ROOT, fold, leaf_hashes
from replayglass.proof.tiles import ENTRIES, WIDTH, Tile, kept_partials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Group(NamedTuple):
    """A full tile of level 1: ``hashes[i]`` is the root of the 256 leaves of page 256 * ``number`` + i."""

    number: int
    hashes: tuple[bytes, ...]


class Edge(NamedTuple):
    """What leads from a page to the root: the open tiles of levels 0 and 1, and *all* hashes of level 2.

    The root is the fold over ``level2`` and, behind them, the fold over ``level1`` and, behind these, that over
    ``level0`` (an empty fold is left out).
    """

    level0: Sequence[bytes]
    level1: Sequence[bytes]
    level2: Sequence[bytes]


class Growth:
    """Entries in, files out, paths relative to the log's folder.

    ``sizes`` are those at which the root is kept in ``roots`` and for which partial tiles are made. ``groups``
    are the complete groups of the last `add`.
    """

    def __init__(self, sizes: Iterable[int] = ()) -> None:
        self.size = 0
        self.roots: dict[int, bytes] = {}
        self.groups: list[Group] = []
        self._sizes = frozenset(sizes)
        self._stops = sorted(self._sizes, reverse=True)
        self._entries: list[bytes] = []
        self._open: list[list[bytes]] = [[]]
        self._level2: list[bytes] = []
        self._keep_root()

    def expect(self, sizes: Iterable[int]) -> None:
        """Keep roots and partial tiles for ``sizes``, too, as far as the tree has not outgrown them yet."""
        self._sizes |= {size for size in sizes if size >= self.size}
        self._stops = sorted((size for size in self._sizes if size > self.size), reverse=True)

    def add(self, entries: Sequence[bytes]) -> list[Blob]:
        """Append ``entries`` (each at most 65,535 bytes); return the files that are complete now."""
        leaves, self.groups = leaf_hashes(entries), []
        files: list[Blob] = []
        start = 0
        while start < len(entries):
            stop = min(len(entries), start + WIDTH - len(self._entries))
            if self._stops:
                stop = min(stop, start + self._stops[-1] - self.size)
            self._entries += entries[start:stop]
            self._open[0] += leaves[start:stop]
            self.size += stop - start
            start = stop
            if len(self._entries) == WIDTH:
                files += self._close()
            self._keep_root()
        return files

    def finish(self) -> Iterator[Blob]:
        """Give the partial tiles and bundles of this size, and those that earlier sizes still need."""
        earlier = (size for size in self._sizes if size <= self.size)
        for tile in kept_partials(self.size, earlier):
            if tile.level == ENTRIES:
                yield Blob(tile.path, pack(self._entries[: tile.width]))
            else:
                yield Blob(tile.path, b"".join(self._open[tile.level][: tile.width]))

    def root(self) -> bytes:
        """Return the root at this size."""
        return edge_root(b"".join(hashes) for hashes in self._open)

    def edge(self) -> Edge:
        """Return what a reader of one page needs beside its group."""
        level1 = self._open[1] if len(self._open) > 1 else ()
        return Edge(tuple(self._open[0]), tuple(level1), tuple(self._level2))

    def _keep_root(self) -> None:
        if self._stops and self._stops[-1] == self.size:
            self.roots[self._stops.pop()] = self.root()

    def _close(self) -> Iterator[Blob]:
        yield Blob(Tile(ENTRIES, self.size // WIDTH - 1).path, pack(self._entries))
        self._entries = []
        level = 0
        while len(self._open[level]) == WIDTH:
            hashes = self._open[level]
            index = (self.size >> 8 * (level + 1)) - 1
            data = b"".join(hashes)
            yield Blob(Tile(level, index).path, data)
            self._open[level] = []
            level += 1
            if level == len(self._open):
                self._open.append([])
            self._open[level].append(fold(data))
            if level == 2:  # noqa: PLR2004 - the level above the groups
                self.groups.append(Group(index, tuple(hashes)))
                self._level2.append(self._open[level][-1])


class Grown(NamedTuple):
    """A log that is being built: its tree, and the roots of earlier checkpoints that it was compared with."""

    growth: Growth
    roots: dict[int, bytes]


def edge_root(tiles: Iterable[bytes]) -> bytes:
    """Return the root of a tree from its last tile of each level, level 0 first, ``b""`` where a level has none.

    What is below a level is behind its hashes as one more, incomplete one: the tree divides at the same places.
    """
    below = b""
    for tile in tiles:
        if tile or below:
            below = fold(tile + below)
    return below or EMPTY_ROOT
