"""Checking proofs without a tree: the loops of RFC 9162 sections 2.1.3.2 and 2.1.4.2."""

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
    _check_lengths(leaf, root, *proof)
    _require(len(proof) <= MAX_PROOF, f"a proof has at most {MAX_PROOF} hashes")
    _require(0 <= index < size <= MAX_SIZE, "the leaf is not within the size of the log")
    node, last = index, size - 1
    found = leaf
    for sibling in proof:
        _require(last > 0, "the proof has too many hashes")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    _require(last == 0, "the proof has too few hashes")
    _require(found == root, "the proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Accept that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    Size 0 extends to anything, with an empty proof, if its root is the empty root (RFC 6962 has no proof for it).

    Raises:
        ProofError: the proof does not show that.
    """
    _check_lengths(old_root, new_root, *proof)
    _require(len(proof) <= MAX_PROOF, f"a proof has at most {MAX_PROOF} hashes")
    _require(0 <= old <= new <= MAX_SIZE, "the newer log is smaller than the older one")
    if old in (0, new):
        _require(not proof, "no hashes are needed for this proof")
        _require(old_root == (new_root if old == new else EMPTY_ROOT), "two logs of one size have different roots")
        _require(new > 0 or new_root == EMPTY_ROOT, "the empty log has another root")
        return
    _climb(old, old_root, new, new_root, proof)


def _climb(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    _require(bool(proof), "the proof is empty")
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        _require(last > 0, "the proof has too many hashes")
        if node & 1 or node == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        node, last = node >> 1, last >> 1
    _require(last == 0, "the proof has too few hashes")
    _require(was == old_root, "the proof leads to another root of the older log")
    _require(now == new_root, "the proof leads to another root of the newer log")


def _check_lengths(*hashes: bytes) -> None:
    _require(all(len(value) == HASH_BYTES for value in hashes), f"a hash has {HASH_BYTES} bytes")


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - what must hold is the argument
    if not holds:
        raise ProofError(message)
