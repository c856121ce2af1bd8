"""The read side of a published log: nothing of a file is used before a checkpoint's root vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.bundle import pack, unpack
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import edge_root
from replayglass.proof.merkle import (
    HASH_BYTES,
    Range,
    consistency_ranges,
    fold,
    inclusion_ranges,
    join,
    leaf_hashes,
    subtrees,
)
from replayglass.proof.tiles import ENTRIES, WIDTH, Tile, kept_partials, partials_of, tile_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from replayglass.proof.checkpoint import Checkpoint

_CACHED = 64
"""Full tiles that are held (8 KiB each); a proof needs at most one of each level."""


class LogReader:
    """Hashes, entries and proofs of the log to which ``checkpoint`` commits.

    ``read`` gives the bytes of a file by its path relative to the log's folder, or None where there is none. No file
    is larger than `bundle.MAX_BUNDLE`: ``read`` should give no more than one byte beyond that.

    Raises (as every method does):
        ProofError: a file is missing, has another size than it must, or does not belong to the checkpoint's root.
    """

    def __init__(self, read: Callable[[str], bytes | None], checkpoint: Checkpoint) -> None:
        self.size = checkpoint.size
        self._read = read
        self._edge = {tile: self._hashes(tile) for tile in partials_of(self.size) if tile.level != ENTRIES}
        self._cache: dict[Tile, bytes] = {}
        last = {tile.level: data for tile, data in self._edge.items()}
        if edge_root(last.get(level, b"") for level in range(max(last, default=0) + 1)) != checkpoint.root:
            message = "the last tiles do not have the root of the checkpoint"
            raise ProofError(message)

    def root_at(self, size: int) -> bytes:
        """Return the root that the first ``size`` (at most the log's size) leaves of this log have."""
        self._check_size(size)
        return self._hash(Range(0, size)) if size else fold(b"")

    def inclusion(self, index: int) -> list[bytes]:
        """Return the proof that leaf ``index`` is in this log."""
        return [self._hash(leaves) for leaves in inclusion_ranges(index, self.size)]

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that this log extends its own first ``old`` leaves."""
        return [self._hash(leaves) for leaves in consistency_ranges(old, self.size)]

    def entry(self, index: int) -> bytes:
        """Return entry ``index``."""
        self._check_index(index)
        return self.bundle(index // WIDTH)[index % WIDTH]

    def bundle(self, number: int) -> list[bytes]:
        """Return the entries from 256 * ``number`` on, 256 of them or as many as there are.

        When all were given, every bundle and every tile of every level was found to be what the root demands.
        """
        self._check_index(number * WIDTH)
        tile = tile_at(ENTRIES, number, self.size)
        file, data = self._file(tile)
        entries = unpack(data, file.width)[: tile.width]
        if b"".join(leaf_hashes(entries)) != self._tile(Tile(0, number, tile.width)):
            message = f"{tile.path} does not hold the entries of the log"
            raise ProofError(message)
        return entries

    def check_partials(self, earlier: Iterable[int] = ()) -> None:
        """Check the partial tiles and bundles: of this size, and those that ``earlier`` sizes still need."""
        sizes = list(earlier)
        for size in sizes:
            self._check_size(size)
        entries: list[bytes] = []
        for tile in kept_partials(self.size, sizes):
            if tile.level == ENTRIES:
                entries = entries or self.bundle(tile.number)
                wanted = pack(entries[: tile.width])
            else:
                wanted = self._tile(tile_at(tile.level, tile.number, self.size))[: HASH_BYTES * tile.width]
            if self._read(tile.path) != wanted:
                message = f"{tile.path} is missing or not the beginning of its tile"
                raise ProofError(message)

    def _hash(self, leaves: Range) -> bytes:
        return join([self._subtree(height, index) for height, index in subtrees(leaves)])

    def _subtree(self, height: int, index: int) -> bytes:
        level, height = divmod(height, 8)
        first = index << height
        tile = self._tile(tile_at(level, first // WIDTH, self.size))
        start = first % WIDTH * HASH_BYTES
        return fold(tile[start : start + (HASH_BYTES << height)])

    def _tile(self, tile: Tile) -> bytes:
        """Return a tile after its parent, its parent's parent ... (at most seven) have vouched for it."""
        chain = []
        while tile not in self._edge and tile not in self._cache:
            chain.append(tile)
            tile = tile_at(tile.level + 1, tile.number // WIDTH, self.size)
        data = self._edge.get(tile) or self._cache[tile]
        for child in reversed(chain):
            start = child.number % WIDTH * HASH_BYTES
            wanted = data[start : start + HASH_BYTES]
            data = self._hashes(child)
            if fold(data) != wanted:
                message = f"{child.path} does not have the hash that the tile above it demands"
                raise ProofError(message)
            self._keep(child, data)
        return data

    def _keep(self, tile: Tile, data: bytes) -> None:
        if len(self._cache) == _CACHED:
            del self._cache[next(iter(self._cache))]
        self._cache[tile] = data

    def _hashes(self, tile: Tile) -> bytes:
        file, data = self._file(tile)
        if len(data) != HASH_BYTES * file.width:
            message = f"{file.path} has {len(data)} bytes, not {HASH_BYTES * file.width}"
            raise ProofError(message)
        return data[: HASH_BYTES * tile.width]

    def _file(self, tile: Tile) -> tuple[Tile, bytes]:
        """Return the file of a tile: a partial one of an older checkpoint may have given way to the full one."""
        for file in (tile, Tile(tile.level, tile.number)):
            data = self._read(file.path)
            if data is not None:
                return file, data
        message = f"{tile.path} is missing"
        raise ProofError(message)

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self.size:
            message = f"a log of {self.size} leaves has no leaf {index}"
            raise ProofError(message)

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            message = f"a log of {self.size} leaves does not extend one of {size}"
            raise ProofError(message)
