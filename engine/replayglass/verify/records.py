"""The records behind the entries of a log: what a page must show for each leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest
from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import DIGEST_PREFIX, blob_path, parse_digest
from replayglass.streamshelf import OVERSIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.verify.site import SiteFolder

_REMEMBERED = 65_536
"""Blobs of which it is remembered that they are what their names say."""


class Record(NamedTuple):
    """The record of a leaf.

    ``raw`` are its bytes; None if it was too long to be read (``is_unread``), or if it is too large for any page, so
    that a page refers to ``blob``, where it is. ``size`` are its bytes.
    """

    raw: bytes | None
    size: int
    blob: str | None = None
    is_unread: bool = False


class Leaves(NamedTuple):
    """The leaves of one page: the sequence number of the first, the log's entries, and their records."""

    first: int
    entries: Sequence[bytes]
    records: Sequence[Record]


class Blobs:
    """The records that are files of their own; each is hashed once."""

    def __init__(self, site: SiteFolder) -> None:
        self._site = site
        self._known: dict[str, int] = {}

    def check(self, path: str, size: int) -> None:
        """Accept that the file ``path`` has ``size`` bytes and the SHA-256 in its name.

        Raises:
            ProofError: it has not, or is missing.
        """
        found = self._known.get(path)
        if found is None:
            sha256, found = self._site.digest(path, size)
            if path != blob_path(sha256):
                message = f"{path} does not have the SHA-256 that its name says"
                raise ProofError(message)
            if len(self._known) == _REMEMBERED:
                self._known.clear()
            self._known[path] = found
        if found != size:
            message = f"{path} has {found} bytes, not {size}"
            raise ProofError(message)

    def read(self, path: str, size: int) -> bytes:
        """Return the bytes of a blob after `check`; ``size`` is small."""
        self.check(path, size)
        return self._site.require(path, size)


def records_of(entries: Sequence[bytes], blobs: Blobs) -> list[Record]:
    """Return the record of each entry; those that the log holds as digests are looked up.

    Raises:
        ProofError: a digest is none that this version knows, or its record is not in the site.
    """
    return [
        _digested(entry, blobs) if entry.startswith(DIGEST_PREFIX) else Record(entry, len(entry)) for entry in entries
    ]


def place_of(record: Record) -> str | None:
    """Return the path of the blob that a record has or would have, None if it was never read."""
    if record.blob is None and record.raw is not None:
        return blob_path(digest(record.raw))
    return record.blob


def _digested(entry: bytes, blobs: Blobs) -> Record:
    found = parse_digest(entry)
    if found is None or found.kind == "unread":
        return Record(None, 0 if found is None else found.length, is_unread=True)
    path = blob_path(found.sha256)
    if found.length <= OVERSIZE:
        return Record(blobs.read(path, found.length), found.length, path)
    blobs.check(path, found.length)
    return Record(None, found.length, path)
