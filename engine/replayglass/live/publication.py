"""The publication that a folder holds now: what its manifest lists, looked up shard by shard, and when it changed."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import count, takewhile
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

from replayglass.canon import digest
from replayglass.live.files import UnsettledError, open_listed, open_regular
from replayglass.output.manifest import (
    FORMAT_VERSION,
    GENERATOR,
    FileEntry,
    decode_manifest,
    decode_shard,
    part_of,
    shard_of,
)
from replayglass.output.paths import MANIFEST, check_path
from replayglass.output.published import MAX_DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedReader

    from replayglass.output.manifest import ShardEntry

Found = TypeVar("Found")

_OPEN_SHARDS = 64
_PAUSE = 0.02
_TRIES = 3
"""So often an answer is begun, at least: one that takes long may meet the end of more than one build."""


class Publication:
    """What one ``manifest.json`` lists; ``digest`` is its SHA-256 and names the publication."""

    def __init__(self, root: str, manifest: bytes) -> None:
        self.digest = digest(manifest)
        self._root = root
        self._size = len(manifest)
        self._shards = _shards(manifest)
        self._entries = lru_cache(_OPEN_SHARDS)(self._read)

    def find(self, path: str) -> FileEntry | None:
        """Return the entry of a file of the site, or of the manifest itself; None if there is no such file.

        Raises:
            UnsettledError: the manifest's shard is not there, or another one.
        """
        if path == MANIFEST:
            return FileEntry(MANIFEST, self.digest, self._size)
        if path in self._shards:
            row = self._shards[path]
            return FileEntry(row.path, row.sha256, row.size)
        try:
            check_path(path)
        except ValueError:
            return None
        listing = (self._entries(shard).get(path) for shard in self._parts(shard_of(path)))
        return next((entry for entry in listing if entry is not None), None)

    def open(self, entry: FileEntry) -> BufferedReader:
        """Return a listed file, open at its beginning; raises UnsettledError as `open_listed` does."""
        return open_listed(self._root, entry)

    def _parts(self, shard: str) -> Iterator[str]:
        """Give the shards of a group that there are: ``NAME.json``, ``NAME.1.json`` and so on."""
        return takewhile(self._shards.__contains__, (part_of(shard, part) for part in count()))

    def _read(self, shard: str) -> Mapping[str, FileEntry]:
        row = self._shards[shard]
        if row.size > MAX_DOCUMENT:
            raise _damaged()
        with open_listed(self._root, row) as file:
            data = file.read()
        try:
            return {entry.path: entry for entry in decode_shard(data)}
        except (ValueError, RecursionError) as error:
            raise _damaged() from error


class Publications:
    """The publications of the folder ``root``, one after the other, as builds replace them.

    ``patience``: seconds for which a commit may leave the folder between two of them; it takes milliseconds.
    """

    def __init__(self, root: str, patience: float = 2.0) -> None:
        self._root = root
        self._patience = patience
        self._known: tuple[tuple[int, ...], Publication] | None = None

    def current(self) -> Publication:
        """Return the publication that the folder holds now; read again only when ``manifest.json`` is another file.

        Raises:
            UnsettledError: there is none, or its manifest is none that this version knows.
        """
        with open_regular(self._root, MANIFEST) as file:
            status = os.fstat(file.fileno())
            state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known = self._known
            if known is not None and known[0] == state:
                return known[1]
            data = file.read(MAX_DOCUMENT + 1)
        publication = Publication(self._root, data)
        self._known = state, publication
        return publication

    def ask(self, question: Callable[[Publication], Found]) -> Found:
        """Return what ``question`` finds in one publication, asked again while a build exchanges its files.

        Raises:
            UnsettledError: the folder holds no whole publication, and does not become one soon.
        """
        end = monotonic() + self._patience
        tries = 0
        while True:
            try:
                return question(self.current())
            except UnsettledError:
                tries += 1
                if tries >= _TRIES and monotonic() >= end:
                    raise
            sleep(_PAUSE)

    def wait_for_another(self, known: str, seconds: float) -> bool:
        """Tell whether, within ``seconds``, there is another publication than the one named ``known``."""
        end = monotonic() + seconds
        while True:
            try:
                if self.current().digest != known:
                    return True
            except UnsettledError:
                pass  # between two publications
            if monotonic() >= end:
                return False
            sleep(_PAUSE)


def _shards(manifest: bytes) -> Mapping[str, ShardEntry]:
    try:
        decoded = decode_manifest(manifest)
    except (ValueError, RecursionError) as error:
        raise _damaged() from error
    if len(manifest) > MAX_DOCUMENT or (decoded.generator, decoded.version) != (GENERATOR, FORMAT_VERSION):
        raise _damaged()
    return {row.path: row for row in decoded.shards}


def _damaged() -> UnsettledError:
    message = "the manifest is damaged, or none that this version of replayglass knows"
    return UnsettledError(message)
