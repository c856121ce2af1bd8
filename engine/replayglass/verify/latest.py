"""Checks the documents that repeat records of a stream: what they repeat must be records of its log."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from replayglass.canon import encode
from replayglass.collection import array_field, value_field
from replayglass.pageschema import MovedRecord  # noqa: TC001 - msgspec reads the annotation
from replayglass.proof.failure import ProofError
from replayglass.siteindex import MovedDocument
from replayglass.verify.records import place_of
from replayglass.verify.report import Failures
from replayglass.verify.site import MAX_FILE
from replayglass.verify.split import check_split, decode_rows

if TYPE_CHECKING:
    from hashlib import _Hash

    from replayglass.row import Collection
    from replayglass.verify.records import Blobs, Record
    from replayglass.verify.report import Check
    from replayglass.verify.seen import Seen
    from replayglass.verify.site import SiteFolder

REPEATED = frozenset({"events", "snapshots"})
"""The streams whose latest records a document repeats."""

_ROW = 512
_SNAPSHOT_SCHEMA = "snapshots-latest"


class _Latest(msgspec.Struct):
    events: list[Raw]
    moved: tuple[MovedRecord, ...] = ()


_LATEST: Any = msgspec.json.Decoder(_Latest)
_POINTER: Any = msgspec.json.Decoder(MovedDocument)


def check_latest(site: SiteFolder, blobs: Blobs, collection: Collection, seen: Seen) -> Check:
    """Check the document of the latest records of a stream against what its pages, all right, came to."""
    failures = Failures()
    path = f"{collection.json_folder}/latest.json"
    try:
        if collection.many == "events":
            _check_events(site, blobs, path, seen)
        else:
            _check_snapshot(site, blobs, path, seen)
    except ProofError as error:
        failures.add(f"{path}: {error}")
    return failures.check(f"latest {collection.many}", f"{path} repeats the last records of the log")


def _check_events(site: SiteFolder, blobs: Blobs, path: str, seen: Seen) -> None:
    records = dict(seen.latest)
    limit = min(MAX_FILE, 4096 + sum(_ROW + record.size for record in records.values()))
    data = site.require(path, limit)
    page, is_respelled = decode_rows(data, _LATEST)
    moved = {row.seq: row for row in page.moved}
    for seq, row in moved.items():
        record = records.get(seq)
        if record is None or (row.blob, row.size) != (place_of(record), record.size):
            message = f"the moved record {seq} is not one of the log's last"
            raise ProofError(message)
        blobs.check(row.blob, row.size)
    kept = [_bytes_of(record, blobs) for seq, record in records.items() if seq not in moved]
    check_split(page.events, kept, is_respelled=is_respelled)
    fields = [array_field("events", kept)]
    if page.moved:
        fields.append(value_field("moved", msgspec.to_builtins(page.moved)))
    if data != b"{" + b",".join(fields) + b"}\n":
        message = "not the bytes that the log's last records make"
        raise ProofError(message)


def _check_snapshot(site: SiteFolder, blobs: Blobs, path: str, seen: Seen) -> None:
    hasher = sha256(b'{"snapshot":')
    size = len(b'{"snapshot":}\n')
    if seen.valid is None:
        hasher.update(b"null")
        size += 4
    else:
        size += _feed(site, hasher, seen.valid)
    hasher.update(b"}\n")
    wanted = hasher.hexdigest(), size
    if site.digest(path) != wanted:
        data = site.require(path, _ROW)
        pointer = _pointer_in(data)
        if pointer is None or wanted != (pointer.blob.removeprefix("blob/"), pointer.size):
            message = "not the log's last valid record"
            raise ProofError(message)
        _check_pointer(data, pointer.blob, pointer.size, _SNAPSHOT_SCHEMA, blobs)


def _feed(site: SiteFolder, hasher: _Hash, record: Record) -> int:
    if record.raw is None:
        return site.feed(place_of(record) or "", hasher, record.size)
    hasher.update(record.raw)
    return record.size


def _bytes_of(record: Record, blobs: Blobs) -> bytes:
    return blobs.read(place_of(record) or "", record.size) if record.raw is None else record.raw


def _pointer_in(data: bytes) -> MovedDocument | None:
    try:
        return _POINTER.decode(data)  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        return None


def _check_pointer(data: bytes, path: str, size: int, schema: str, blobs: Blobs) -> None:
    """Accept ``data`` as what stands for a document that was too large."""
    if data != encode(MovedDocument(1, path, size, schema)):
        message = "the pointer to the document's blob is not written as ours are"
        raise ProofError(message)
    blobs.check(path, size)
