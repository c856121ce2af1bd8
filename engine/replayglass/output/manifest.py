"""The manifest: path, digest and size of every file of a site, in shards that appending to a log barely changes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Annotated

import msgspec

from replayglass import __version__
from replayglass.canon import digest, encode
from replayglass.output.paths import MANIFEST, SHARD_FOLDER, check_path, is_shard_path
from replayglass.record import PAGE_SIZE

FORMAT_VERSION = 1
GENERATOR = "replayglass"
MAX_ROWS = 1024
"""Files in one shard: with paths of at most 200 characters a shard stays below 512 KiB."""

_PAGE = re.compile(
    r"(?P<folder>.+?)(?:/[0-9]{6,15}(?P<below>/pages)?)?/(?P<number>[0-9]{6,15})(?:\.(?P<kind>[A-Za-z0-9._-]+))?"
)
_TILE = re.compile(r"(?P<folder>log/[^/]+/tile/.+?)/[0-9]{3}(?:\.p/[0-9]{1,3})?")
_TERMS = re.compile(r"(?P<folder>lookup/[0-9]{6,15})/[^/]+")
_BLOB = re.compile(r"blob/(?P<start>[0-9a-f]{2})[^/]*")

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", min_length=64, max_length=64)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One file of the site: its path from the root, SHA-256 in hex, and size in bytes."""

    path: str
    sha256: Digest
    size: Count


class ShardEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One shard as ``manifest.json`` lists it; ``files`` counts its rows."""

    path: str
    sha256: Digest
    size: Count
    files: Count


class ManifestShard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document below ``manifest/``: some of the site's files, by path."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    files: tuple[FileEntry, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document ``manifest.json``; ``files`` and ``bytes`` are totals over all shards' rows."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    generator: str
    generator_version: str
    files: Count
    bytes: Count
    shards: tuple[ShardEntry, ...]


class Marker(msgspec.Struct, frozen=True):
    """The part of ``manifest.json`` that any version of it has: who wrote it, in which format."""

    generator: str = ""
    version: int = 0


def shard_of(path: str) -> str:
    """Return the path of the shard that lists ``path``.

    256 numbered pages of one folder and kind share a shard, with those of its numbered folders (the keys of a facet,
    which all grow together); so do the tiles of one folder of a log (at most 1000, see
    C2SP tlog-tiles, "Merkle tree": partial tiles stand with the full ones), the lists of a segment of the look-up, and
    the blobs whose digests start with the same byte. Other files are few and share ``root.json``.
    """
    if page := _PAGE.fullmatch(path):
        folders = f"{page['folder']}{page['below'] or ''}".split("/")
        parts = [*folders, page["kind"], f"{int(page['number']) // PAGE_SIZE:06d}"]
    elif tile := _TILE.fullmatch(path):
        parts = tile["folder"].split("/")
    elif terms := _TERMS.fullmatch(path):
        parts = terms["folder"].split("/")
    elif blob := _BLOB.fullmatch(path):
        parts = ["blob", blob["start"]]
    else:
        parts = ["root"]
    return f"{SHARD_FOLDER}{'-'.join(filter(None, parts))}.json"


def part_of(shard: str, part: int) -> str:
    """Return the path of part ``part`` of a group of files: ``NAME.json``, then ``NAME.1.json`` and so on."""
    return f"{shard.removesuffix('.json')}.{part}.json" if part else shard


def build_manifest(entries: Iterable[FileEntry]) -> list[tuple[str, bytes]]:
    """Return path and bytes of every manifest document of a site with these files, ``manifest.json`` last."""
    groups: defaultdict[str, list[FileEntry]] = defaultdict(list)
    for entry in entries:
        groups[shard_of(entry.path)].append(entry)
    documents: list[tuple[str, bytes]] = []
    rows: list[ShardEntry] = []
    for path, files in _bounded(groups):
        data = encode(msgspec.to_builtins(ManifestShard(FORMAT_VERSION, tuple(files))))
        documents.append((path, data))
        rows.append(ShardEntry(path, digest(data), len(data), len(files)))
    total = sum(entry.size for files in groups.values() for entry in files)
    count = sum(row.files for row in rows)
    manifest = Manifest(FORMAT_VERSION, GENERATOR, __version__, count, total, tuple(rows))
    return [*documents, (MANIFEST, encode(msgspec.to_builtins(manifest)))]


def decode_marker(data: bytes) -> Marker:
    """Return who wrote this ``manifest.json``; ValueError or RecursionError when it is no JSON object of that shape."""
    return msgspec.json.decode(data, type=Marker)


def decode_manifest(data: bytes) -> Manifest:
    """Return the ``manifest.json`` that ``data`` is.

    Raises:
        ValueError: it is damaged, or names a shard outside ``manifest/`` or twice.
        RecursionError: it is nested absurdly deep.
    """
    manifest = msgspec.json.decode(data, type=Manifest)
    paths = {row.path for row in manifest.shards}
    if len(paths) < len(manifest.shards) or not all(map(is_shard_path, paths)):
        message = "a manifest with impossible shards"
        raise ValueError(message)
    return manifest


def decode_shard(data: bytes) -> tuple[FileEntry, ...]:
    """Return the rows of the shard that ``data`` is; raises as `decode_manifest` does, also for a path of no page."""
    files = msgspec.json.decode(data, type=ManifestShard).files
    for entry in files:
        check_path(entry.path)
    return files


def _bounded(groups: dict[str, list[FileEntry]]) -> Iterator[tuple[str, list[FileEntry]]]:
    """Yield each group under its path, rows by path; a group beyond `MAX_ROWS` goes on in ``NAME.1.json`` and so on."""
    for path in sorted(groups):
        rows = sorted(groups[path], key=attrgetter("path"))
        for part, start in enumerate(range(0, len(rows), MAX_ROWS)):
            yield part_of(path, part), rows[start : start + MAX_ROWS]
