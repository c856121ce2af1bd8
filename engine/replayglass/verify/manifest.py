"""Checks the manifest: that it is one that we write, and that every file it lists is there, whole."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from replayglass.canon import digest, encode
from replayglass.output.manifest import (
    FORMAT_VERSION,
    GENERATOR,
    MAX_ROWS,
    FileEntry,
    Manifest,
    ShardEntry,
    build_manifest,
    decode_manifest,
    decode_shard,
    part_of,
    shard_of,
)
from replayglass.output.paths import MANIFEST, check_path
from replayglass.output.published import MAX_DOCUMENT
from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import blob_path
from replayglass.verify.report import Failures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replayglass.verify.report import Check
    from replayglass.verify.site import SiteFolder

MAX_SHARD = 1 << 20
"""Bytes of the largest shard: `MAX_ROWS` rows stay far below."""

_OPEN_SHARDS = 64


class Listing:
    """What the manifest lists, without holding it: shards are read again when they are asked.

    ``version`` is that of the generator; ``is_whole`` says that every shard could be read.
    """

    def __init__(self, site: SiteFolder) -> None:
        self.files = 0
        self.version = ""
        self.is_whole = False
        self._site = site
        self._firsts: dict[str, list[str]] = {}
        self._shards: set[str] = set()
        self._paths = lru_cache(_OPEN_SHARDS)(self._read)

    def add(self, base: str, shard: ShardEntry, files: tuple[FileEntry, ...]) -> str:
        """Take in the next shard of the group ``base``; return the name that it must have."""
        firsts = self._firsts.setdefault(base, [])
        name = part_of(base, len(firsts))
        firsts.append(files[0].path)
        self._shards.add(shard.path)
        self.files += len(files)
        return name

    def holds(self, path: str) -> bool:
        """Tell whether the manifest lists ``path`` (it is not listed itself, but held as well)."""
        if path == MANIFEST or path in self._shards:
            return True
        try:
            check_path(path)
        except ValueError:
            return False
        base = shard_of(path)
        part = bisect_right(self._firsts.get(base, []), path) - 1
        return part >= 0 and path in self._paths(part_of(base, part))

    def paths(self) -> Iterator[str]:
        """Give every listed path, shard by shard."""
        for base, firsts in self._firsts.items():
            for part in range(len(firsts)):
                yield from sorted(self._paths(part_of(base, part)))

    def _read(self, shard: str) -> frozenset[str]:
        return frozenset(entry.path for entry in decode_shard(self._site.require(shard, MAX_SHARD)))


def check_manifest(site: SiteFolder, announce: Callable[[str, int], None]) -> tuple[Check, Listing]:
    """Check manifest and listed files; return that check, and what is listed as far as it could be read."""
    failures = Failures()
    listing = Listing(site)
    total = 0
    announce("files", 0)
    try:
        manifest = _manifest(site)
        previous: tuple[str, tuple[FileEntry, ...]] = "", ()
        for row in manifest.shards:
            base, files = _shard(site, row, previous, listing)
            previous = base, files
            for entry in files:
                total += entry.size
                _check_file(site, entry, failures)
        _check_totals(manifest, listing, total)
        listing.version = manifest.generator_version
        listing.is_whole = True
    except (ProofError, ValueError, RecursionError) as error:
        failures.add(error if isinstance(error, ProofError) else f"{MANIFEST} is damaged")
    says = "every file that the manifest lists is there, with its size and SHA-256"
    return failures.check("manifest", says, {"files": listing.files, "bytes": total}), listing


def _manifest(site: SiteFolder) -> Manifest:
    data = site.require(MANIFEST, MAX_DOCUMENT)
    manifest = decode_manifest(data)
    if manifest.version != FORMAT_VERSION or manifest.generator != GENERATOR:
        message = f"{MANIFEST} is none that this version of replayglass knows"
        raise ProofError(message)
    if encode(msgspec.to_builtins(manifest)) != data:
        message = f"{MANIFEST} is not written as ours are"
        raise ProofError(message)
    return manifest


def _shard(
    site: SiteFolder, row: ShardEntry, previous: tuple[str, tuple[FileEntry, ...]], listing: Listing
) -> tuple[str, tuple[FileEntry, ...]]:
    """Return the group of a shard, and its rows, if it is what the rows make, in its place behind ``previous``."""
    data = site.require(row.path, MAX_SHARD)
    if (row.sha256, row.size) != (digest(data), len(data)):
        message = f"{row.path} is not the shard that {MANIFEST} lists"
        raise ProofError(message)
    files = _rows(data)
    if not 0 < len(files) == row.files <= MAX_ROWS:
        message = f"{row.path} has another number of files than {MANIFEST} says"
        raise ProofError(message)
    (base, built), *others = build_manifest(files)
    was, before = previous
    follows = base == was and len(before) == MAX_ROWS and before[-1].path < files[0].path
    rises = all(one.path < other.path for one, other in pairwise(files))
    if built != data or len(others) > 1 or not rises or not (follows or base > was):
        message = f"{row.path} is not written as ours are, or not in its place"
        raise ProofError(message)
    if listing.add(base, row, files) != row.path:
        message = f"{row.path} has a name that is not that of its files"
        raise ProofError(message)
    return base, files


def _rows(data: bytes) -> tuple[FileEntry, ...]:
    try:
        return decode_shard(data)
    except ValueError as error:
        message = "a shard of the manifest is damaged, or lists a path that no site has"
        raise ProofError(message) from error


def _check_file(site: SiteFolder, entry: FileEntry, failures: Failures) -> None:
    try:
        size = site.size(entry.path)
        if size not in {None, entry.size}:
            failures.add(f"{entry.path} has {size} bytes, not {entry.size} as the manifest says")
            return
        found, _ = site.digest(entry.path)
    except ProofError as error:
        failures.add(error)
        return
    if found != entry.sha256:
        failures.add(f"{entry.path} is not the file that the manifest lists")
    elif entry.path.startswith(blob_path("")) and entry.path != blob_path(found):
        failures.add(f"{entry.path} does not have the SHA-256 that its name says")


def _check_totals(manifest: Manifest, listing: Listing, total: int) -> None:
    if (manifest.files, manifest.bytes) != (listing.files, total):
        message = f"{MANIFEST} gives other totals than its shards"
        raise ProofError(message)
