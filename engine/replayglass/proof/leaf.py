"""What the leaf of a record is: the record's exact bytes, or a digest where these cannot stand in the log.

A record of at most 65,535 bytes is its own entry, unless it begins like a digest entry; every other record is a digest
entry. So an entry that begins like one *is* one, no record has two entries, and two records have one entry only if
their SHA-256 are equal: from the entries nobody can read another log than the one that was written.
"""

from __future__ import annotations

import re
from operator import methodcaller
from typing import TYPE_CHECKING, Literal, NamedTuple

from replayglass.canon import digest, encode_inline
from replayglass.proof.bundle import MAX_ENTRY
from replayglass.proof.failure import ProofError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.record import Unread

DIGEST_PREFIX = b'{"replayglass":"digest-leaf'
"""How digest entries of this and of any later version begin."""

_begins_like_a_digest = methodcaller("startswith", DIGEST_PREFIX)
_VERSION = "digest-leaf@1"
_DIGEST = re.compile(
    rb'\{"replayglass":"digest-leaf@1","sha256":"([0-9a-f]{64})","length":(0|[1-9][0-9]{0,18}),"type":"(text/plain|unread)"\}'
)


class Entry(NamedTuple):
    """A record as the log holds it; ``blob`` is the record itself where the entry is only its digest.

    A blob is published as `blob_path` of its SHA-256.
    """

    data: bytes
    blob: bytes | None = None


class Digest(NamedTuple):
    """What a digest entry says: SHA-256 in hex and bytes of a record, published (``text/plain``) or never read."""

    sha256: str
    length: int
    kind: Literal["text/plain", "unread"]


def entry_of(raw: bytes) -> Entry:
    """Return the entry of a record (its line without the LF).

    Whoever is shown a record and an entry checks that they belong together by making this entry again.
    """
    if len(raw) <= MAX_ENTRY and not raw.startswith(DIGEST_PREFIX):
        return Entry(raw)
    return Entry(_encode(digest(raw), len(raw), "text/plain"), raw)


def entries_of(raws: Sequence[bytes], unread: Mapping[int, Unread]) -> list[Entry]:
    """Return the entries of records; ``unread`` has, by index, the lines that are too long to be read."""
    entries = [entry_of(raw) for raw in raws]
    for index, line in unread.items():
        entries[index] = unread_entry(line)
    return entries


def are_plain(raws: Sequence[bytes]) -> bool:
    """Say whether each record is its own entry, as nearly all are."""
    return max(map(len, raws), default=0) <= MAX_ENTRY and not any(map(_begins_like_a_digest, raws))


def blob_path(sha256: str) -> str:
    """Return where the site holds the bytes with this SHA-256 (64 hex digits)."""
    return f"blob/{sha256}"


def unread_entry(unread: Unread) -> Entry:
    """Return the entry of a line that is too long to be read: size and SHA-256 are known, it is not published."""
    return Entry(_encode(unread.digest, unread.size, "unread"))


def parse_digest(entry: bytes) -> Digest | None:
    """Return what a digest entry says, None if ``entry`` is a record itself.

    Raises:
        ProofError: it begins like a digest entry and is none that this version knows.
    """
    if not entry.startswith(DIGEST_PREFIX):
        return None
    match = _DIGEST.fullmatch(entry)
    if match is None:
        message = "the entry begins like a digest entry, but is none that this version knows"
        raise ProofError(message)
    kind: Literal["text/plain", "unread"] = "unread" if match[3] == b"unread" else "text/plain"
    return Digest(match[1].decode(), int(match[2]), kind)


def _encode(sha256: str, length: int, kind: str) -> bytes:
    return encode_inline({"replayglass": _VERSION, "sha256": sha256, "length": length, "type": kind})
