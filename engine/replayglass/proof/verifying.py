"""Checking proofs without a tree: RFC 9162 sections 2.1.3.2 and 2.1.4.2, whose loops are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.failure import ProofError
from replayglass.proof.merkle import EMPTY_ROOT, HASH_BYTES, MAX_PROOF, node_hash
from replayglass.proof.text import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Accept that ``leaf`` (a leaf hash) is leaf ``index`` of the tree of ``size`` leaves with ``root``.

    A proof does not pin the size: ``size`` and ``root`` must come together from one checkpoint.

    Raises:
        ProofError: the proof does not show that.
    """
    _check_hashes(proof, leaf, root)
    _require(0 <= index < size <= MAX_SIZE, "the leaf is not within the size of the log")
    _, found = _climb(index, size - 1, leaf, proof)
    _require(found == root, "the proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Accept that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    Size 0 extends to anything, with an empty proof, if its root is the empty root (RFC 6962 has no proof for it).

    Raises:
        ProofError: the proof does not show that.
    """
    _check_hashes(proof, old_root, new_root)
    _require(0 <= old <= new <= MAX_SIZE, "the newer log is smaller than the older one")
    if old in (0, new):
        _require(not proof, "no hashes are needed for this proof")
        _require(old_root == (new_root if old == new else EMPTY_ROOT), "two logs of one size have different roots")
        _require(new > 0 or new_root == EMPTY_ROOT, "the empty log has another root")
        return
    _require(bool(proof), "the proof is empty")
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was, now = _climb(node, last, path[0], path[1:])
    _require(was == old_root, "the proof leads to another root of the older log")
    _require(now == new_root, "the proof leads to another root of the newer log")


def _climb(node: int, last: int, start: bytes, siblings: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots over the hash ``start`` of ``node`` and its siblings: over those to its left, and over all."""
    was = now = start
    for sibling in siblings:
        _require(last > 0, "the proof has too many hashes")
        if node & 1 or node == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        node, last = node >> 1, last >> 1
    _require(last == 0, "the proof has too few hashes")
    return was, now


def _check_hashes(proof: Sequence[bytes], *others: bytes) -> None:
    _require(all(len(value) == HASH_BYTES for value in (*others, *proof)), f"a hash has {HASH_BYTES} bytes")
    _require(len(proof) <= MAX_PROOF, f"a proof has at most {MAX_PROOF} hashes")


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - what must hold is the argument
    if not holds:
        raise ProofError(message)
