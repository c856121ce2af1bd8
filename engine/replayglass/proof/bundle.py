"""Entry bundles: up to 256 entries in a file, each after its length (C2SP tlog-tiles; verifiable-log.md 1.4)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from replayglass.proof.failure import ProofError
from replayglass.proof.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ENTRY = 65_535
"""Bytes of the largest entry: its length is a big-endian uint16."""

MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)
"""Bytes of the largest bundle; no file of a log is larger."""

_LENGTH = struct.Struct(">H")


def pack(entries: Sequence[bytes]) -> bytes:
    """Return ``entries`` as a bundle.

    Raises:
        ValueError: an entry is longer than `MAX_ENTRY` bytes.
    """
    lengths = list(map(len, entries))
    if max(lengths, default=0) > MAX_ENTRY:
        message = f"an entry has at most {MAX_ENTRY} bytes"
        raise ValueError(message)
    parts = [b""] * (2 * len(entries))
    parts[::2] = map(_LENGTH.pack, lengths)
    parts[1::2] = entries
    return b"".join(parts)


def unpack(data: bytes, count: int) -> list[bytes]:
    """Return the ``count`` entries that ``data`` holds.

    Raises:
        ProofError: it does not hold exactly that many, or more bytes.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at + 2 <= end and len(entries) < count:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end or len(entries) != count:
        message = f"the bundle does not hold exactly {count} entries"
        raise ProofError(message)
    return entries
