"""The Merkle tree of RFC 9162 section 2.1: hashes, which ranges a proof is made of, and the checking of proofs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.failure import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES = 32
MAX_PROOF = 63
"""Most hashes of one proof: a log has less than 2^63 leaves."""

EMPTY_ROOT = sha256().digest()
"""Root of a tree without leaves: the hash of nothing."""


class Range(NamedTuple):
    """The leaves ``start`` to ``stop - 1``."""

    start: int
    stop: int


class Subtree(NamedTuple):
    """The perfect subtree of the 2^``height`` leaves from ``number`` * 2^``height`` on."""

    height: int
    number: int


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\0" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return `leaf_hash` of each entry, in order."""
    return [sha256(b"\0" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """Return the root over concatenated hashes (32 bytes each), or the empty root.

    Row by row, an odd last hash goes up as it is: the same tree as splitting at the largest power of two below n.
    """
    while len(hashes) > HASH_BYTES:
        odd = hashes[-HASH_BYTES:] if len(hashes) % 64 else b""
        row = [sha256(b"\1" + hashes[at : at + 64]).digest() for at in range(0, len(hashes) - len(odd), 64)]
        hashes = b"".join(row) + odd
    return hashes or EMPTY_ROOT


def split(size: int) -> int:
    """Return where a tree of ``size`` (> 1) leaves divides: the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove leaf ``index`` in a tree of ``size``, the leaf's sibling first.

    Raises:
        ProofError: there is no such leaf.
    """
    if not 0 <= index < size:
        message = f"a log of {size} leaves has no leaf {index}"
        raise ProofError(message)
    ranges = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + split(stop - start)
        if index < middle:
            ranges.append(Range(middle, stop))
            stop = middle
        else:
            ranges.append(Range(start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the ranges whose hashes prove that the tree of ``new`` leaves extends that of ``old``.

    None are needed from size 0 or for equal sizes.

    Raises:
        ProofError: ``old`` is negative or larger than ``new``.
    """
    if not 0 <= old <= new:
        message = f"a log of {new} leaves does not extend one of {old}"
        raise ProofError(message)
    ranges: list[Range] = []
    start, stop = 0, new
    while old and stop != old:
        middle = start + split(stop - start)
        if old <= middle:
            ranges.append(Range(middle, stop))
            stop = middle
        else:
            ranges.append(Range(start, middle))
            start = middle
    return [*([Range(start, stop)] if start else []), *ranges[::-1]]


def subtrees(leaves: Range) -> list[Subtree]:
    """Return the perfect subtrees that a range of a proof consists of, from left to right."""
    found = []
    start, stop = leaves
    while start < stop:
        height = (stop - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        found.append(Subtree(height, start >> height))
        start += 1 << height
    return found


def join(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees of falling height, given from left to right (at least one)."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root
