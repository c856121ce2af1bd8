"""Tiles: where the hashes and entries of a tree are in files (C2SP tlog-tiles; verifiable-log.md sections 1.2, 1.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.failure import ProofError
from replayglass.proof.text import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 256
"""Hashes of a full tile, entries of a full bundle."""

ENTRIES = -1
"""The level of a `Tile` that is an entry bundle."""

_MAX_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Tile(NamedTuple):
    """One file: hashes ``256 * number`` and following of ``level``, ``width`` of them (256: full).

    At level L a hash is the root of 256^L leaves; at level `ENTRIES` the file is the bundle of level 0's entries.
    """

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return where the tile is, relative to the log's folder."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        level = "entries" if self.level == ENTRIES else str(self.level)
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return "/".join(["tile", level, *(f"x{group}" for group in groups[:-1]), groups[-1]]) + part


def parse_tile_path(path: str) -> Tile:
    """Return the tile whose path is exactly ``path``.

    Raises:
        ProofError: no tile has this path.
    """
    match = _PATH.fullmatch(path)
    if match is not None:
        level, width = match["level"], match["width"]
        number = int(match["number"].replace("/", "").replace("x", ""))
        tile = Tile(ENTRIES if level == "entries" else int(level), number, int(width or WIDTH))
        if tile.path == path and tile.width <= WIDTH and tile.level <= _MAX_LEVEL and number <= MAX_SIZE:
            return tile
    message = "not the path of a tile"
    raise ProofError(message)


def count_at(level: int, size: int) -> int:
    """Return how many hashes ``level`` of a tree of ``size`` leaves has (for `ENTRIES`: entries)."""
    return size >> 8 * max(level, 0)


def tile_at(level: int, number: int, size: int) -> Tile:
    """Return tile ``number`` of ``level`` as wide as it is in a tree of ``size`` leaves (which must reach it)."""
    return Tile(level, number, min(WIDTH, count_at(level, size) - WIDTH * number))


def tiles_of(size: int, earlier: Iterable[int] = ()) -> Iterator[Tile]:
    """Give all tiles and bundles that a log of ``size`` leaves holds if ``earlier`` sizes were published too."""
    for level in _levels(size):
        for number in range(count_at(level, size) // WIDTH):
            yield Tile(level, number)
    yield from kept_partials(size, earlier)


def partials_of(size: int) -> list[Tile]:
    """Return the partial tiles and the partial bundle of a tree of ``size`` leaves: at most one a level."""
    last = (tile_at(level, count_at(level, size) // WIDTH, size) for level in _levels(size))
    return [tile for tile in last if tile.width]


def kept_partials(size: int, earlier: Iterable[int]) -> list[Tile]:
    """Return all partials that a log of ``size`` leaves holds if ``earlier`` sizes (at most ``size``) were published.

    A partial is needed by those who hold its checkpoint, until the full tile exists (verifiable-log.md section 1.10).
    """
    tiles = {tile for published in {size, *earlier} for tile in partials_of(published)}
    return sorted(tile for tile in tiles if tile.number == count_at(tile.level, size) // WIDTH)


def _levels(size: int) -> range:
    return range(ENTRIES, -(-size.bit_length() // 8)) if size else range(0)
