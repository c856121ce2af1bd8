"""Proofs at the limits of what a log can be, and proofs that are too long for what they claim."""

from __future__ import annotations

from functools import reduce

import pytest

import naivetree
from replayglass.proof.failure import ProofError
from replayglass.proof.merkle import leaf_hash, node_hash
from replayglass.proof.verifying import verify_consistency, verify_inclusion

MOST = (1 << 63) - 1
LEAF = leaf_hash(b"")


def test_largest_log() -> None:
    """A log of 2^63 - 1 leaves has proofs of up to 63 hashes: all to the right of its first leaf, left of its last."""
    first = reduce(node_hash, [LEAF] * 63, LEAF)
    verify_inclusion(LEAF, 0, MOST, first, [LEAF] * 63)
    last = reduce(lambda right, left: node_hash(left, right), [LEAF] * 62, LEAF)
    verify_inclusion(LEAF, MOST - 1, MOST, last, [LEAF] * 62)
    verify_consistency(1, LEAF, MOST, first, [LEAF] * 63)
    verify_consistency(MOST, LEAF, MOST, LEAF, [])


def test_beyond_the_largest_log() -> None:
    """A larger log, and a proof of more than 63 hashes, is refused before anything is hashed."""
    with pytest.raises(ProofError, match="at most 63"):
        verify_inclusion(LEAF, 0, MOST, LEAF, [LEAF] * 64)
    with pytest.raises(ProofError, match="at most 63"):
        verify_consistency(1, LEAF, MOST, LEAF, [LEAF] * 64)
    with pytest.raises(ProofError, match="within the size"):
        verify_inclusion(LEAF, MOST, MOST + 1, LEAF, [])
    with pytest.raises(ProofError, match="smaller"):
        verify_consistency(MOST + 1, LEAF, MOST + 1, LEAF, [])


@pytest.mark.parametrize("size", [2, 3, 5, 9, 17])
def test_a_proof_is_not_longer_than_its_claim(size: int) -> None:
    """The last leaf of a log cannot be passed off as its only one."""
    leaves = [b"%d" % number for number in range(size)]
    proof, root = naivetree.inclusion(size - 1, leaves), naivetree.root(leaves)
    leaf = leaf_hash(leaves[-1])
    verify_inclusion(leaf, size - 1, size, root, proof)
    with pytest.raises(ProofError, match="too many hashes"):
        verify_inclusion(leaf, 0, 1, root, proof)


def test_a_consistency_proof_is_not_longer_than_its_claim() -> None:
    """What goes on above the newer root shows nothing."""
    leaves = [b"%d" % number for number in range(5)]
    was, now = naivetree.root(leaves[:3]), naivetree.root(leaves[:4])
    proof = naivetree.consistency(3, leaves[:4])
    verify_consistency(3, was, 4, now, proof)
    higher_was, higher_now = node_hash(LEAF, was), node_hash(LEAF, now)
    with pytest.raises(ProofError, match="too many hashes"):
        verify_consistency(3, higher_was, 4, higher_now, [*proof, LEAF])
