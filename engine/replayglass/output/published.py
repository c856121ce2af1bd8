"""What a site on disk says it consists of: its manifest, read with suspicion."""

from pathlib import Path

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.output.folder import Folder
from replayglass.output.manifest import (
    FORMAT_VERSION,
    GENERATOR,
    FileEntry,
    ShardEntry,
    decode_manifest,
    decode_marker,
    decode_shard,
)
from replayglass.output.paths import MANIFEST

MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of the largest manifest document that is read."""

_HINT = "delete the folder, or choose another one"


def read_manifest(site: Path) -> dict[str, FileEntry]:
    """Return every file that the site's manifest vouches for, by path: its shards and what they list.

    Only ``manifest.json`` itself is missing. The shards were checked against their digests, the files were not.

    Raises:
        OutputError: there is no manifest of ours, it is damaged or of a newer format, or cannot be read.
    """
    try:
        return read_listing(Folder(str(site), str(site)))
    except OSError as error:
        message = f"cannot read the manifest of {site}: {error.strerror}"
        raise OutputError(message, "check the folder's permissions") from error


def read_listing(site: Folder) -> dict[str, FileEntry]:
    """Return what `read_manifest` returns; raises OutputError as it does, and OSError."""
    try:
        return _read(site)
    except (ValueError, RecursionError) as error:
        message = f"the manifest of {site.shown} is damaged"
        raise OutputError(message, _HINT) from error


def _read(site: Folder) -> dict[str, FileEntry]:
    data = _document(site, MANIFEST)
    _check_marker(site, data)
    files: dict[str, FileEntry] = {}
    for row in decode_manifest(data).shards:
        rows = [FileEntry(row.path, row.sha256, row.size), *_shard(site, row)]
        before = len(files)
        files.update((entry.path, entry) for entry in rows)
        if len(files) < before + len(rows):
            raise ValueError(row.path)
    return files


def _check_marker(site: Folder, data: bytes) -> None:
    marker = decode_marker(data)
    if marker.generator != GENERATOR:
        message = f"{site.shown} was not written by replayglass"
        raise OutputError(message, "choose an empty or new folder")
    if marker.version > FORMAT_VERSION:
        message = f"{site.shown} was written by a newer version of replayglass"
        raise OutputError(message, "upgrade replayglass, or choose another folder")


def _shard(site: Folder, row: ShardEntry) -> tuple[FileEntry, ...]:
    data = _document(site, row.path)
    if digest(data) != row.sha256:
        raise ValueError(row.path)
    return decode_shard(data)


def _document(site: Folder, path: str) -> bytes:
    size = site.size(path)
    if size is None or size > MAX_DOCUMENT:
        raise ValueError(path)
    return site.read(path, size)
