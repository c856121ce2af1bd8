"""The tree and its proofs, against the vectors of Go's x/mod and against the recursive definition."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naivetree
from replayglass.proof.failure import ProofError
from replayglass.proof.merkle import (
    EMPTY_ROOT,
    Range,
    consistency_ranges,
    fold,
    inclusion_ranges,
    leaf_hash,
    leaf_hashes,
    subtrees,
)
from replayglass.proof.verifying import verify_consistency, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
CT = VECTORS["rfc6962_ct_reference"]
LARGE = 1 << 40


def hashes(proof: list[str]) -> list[bytes]:
    """Return the hashes of a proof as the vectors write it."""
    return [b64decode(line) for line in proof]


def check_inclusion(case: dict[str, Any]) -> None:
    """Check a case of the vectors."""
    root, leaf = bytes.fromhex(case["root_hex"]), bytes.fromhex(case["leaf_hash_hex"])
    verify_inclusion(leaf, case["index"], case["size"], root, hashes(case["proof_b64"]))


def check_consistency(case: dict[str, Any]) -> None:
    """Check a case of the vectors."""
    old, new = bytes.fromhex(case["old_root_hex"]), bytes.fromhex(case["new_root_hex"])
    verify_consistency(case["old_size"], old, case["new_size"], new, hashes(case["proof_b64"]))


def test_leaves_and_roots_of_certificate_transparency() -> None:
    """The eight leaves that all implementations share have the known hashes and roots."""
    leaves = [bytes.fromhex(leaf) for leaf in CT["leaves_hex"]]
    found = leaf_hashes(leaves)
    assert [leaf.hex() for leaf in found] == CT["leaf_hashes_hex"]
    assert [fold(b"".join(found[:size])).hex() for size in range(9)] == CT["roots_hex_by_size"]
    assert EMPTY_ROOT.hex() == CT["roots_hex_by_size"][0]


def test_all_proofs_of_certificate_transparency() -> None:
    """Every inclusion and consistency proof up to size 8 is built and verified as known."""
    leaves = [bytes.fromhex(leaf) for leaf in CT["leaves_hex"]]
    roots = [bytes.fromhex(root) for root in CT["roots_hex_by_size"]]
    for case in CT["inclusion"]:
        index, size, proof = case["index"], case["size"], hashes(case["proof_b64"])
        built = [naivetree.root(leaves[start:stop]) for start, stop in inclusion_ranges(index, size)]
        assert built == proof
        verify_inclusion(leaf_hash(leaves[index]), index, size, roots[size], proof)
    for case in CT["consistency"]:
        old, new, proof = case["old_size"], case["new_size"], hashes(case["proof_b64"])
        built = [naivetree.root(leaves[start:stop]) for start, stop in consistency_ranges(old, new)]
        assert built == proof
        verify_consistency(old, roots[old], new, roots[new], proof)


def test_proofs_of_large_trees_verify() -> None:
    """The proofs that x/mod made for sizes up to 70,000, tile edges among them, are accepted."""
    for size in VECTORS["tree"]["sizes"]:
        for case in size["inclusion"]:
            check_inclusion({**case, "size": size["size"], "root_hex": size["root_hex"]})
    for case in VECTORS["tree"]["consistency"]:
        check_consistency(case)


@pytest.mark.parametrize("case", VECTORS["must_reject"]["inclusion"], ids=lambda case: case["why"])
def test_wrong_inclusion_is_rejected(case: dict[str, Any]) -> None:
    """What is not included cannot be proven, whichever part of the claim is changed."""
    with pytest.raises(ProofError):
        check_inclusion(case)


@pytest.mark.parametrize("case", VECTORS["must_reject"]["consistency"], ids=lambda case: case["why"])
def test_wrong_consistency_is_rejected(case: dict[str, Any]) -> None:
    """A log that was rewritten, rolled back or split cannot be proven consistent."""
    with pytest.raises(ProofError):
        check_consistency(case)


def test_inclusion_does_not_pin_the_size() -> None:
    """Known and accepted: leaf 100 has one path at 257 and 258, so size and root come from one checkpoint."""
    for case in VECTORS["accepted_by_design"]:
        check_inclusion(case)


class Claim(NamedTuple):
    """What a proof is about: ``at`` is the index of a leaf, or the older size."""

    at: int
    size: int
    proof: list[bytes]
    root: bytes


PROBES: dict[str, Callable[[Claim], Claim]] = {
    "one more": lambda claim: claim._replace(at=claim.at + 1),
    "one less": lambda claim: claim._replace(at=claim.at - 1),
    "twice": lambda claim: claim._replace(at=2 * claim.at),
    "beyond": lambda claim: claim._replace(at=claim.at + 1024),
    "swapped": lambda claim: claim._replace(at=claim.size, size=claim.at),
    "size halved": lambda claim: claim._replace(size=claim.size // 2),
    "size doubled": lambda claim: claim._replace(size=claim.size * 2),
    "size 0": lambda claim: claim._replace(size=0),
    "size of 2^63": lambda claim: claim._replace(size=1 << 63),
    "empty root": lambda claim: claim._replace(root=EMPTY_ROOT),
    "no root": lambda claim: claim._replace(root=b""),
    "root behind": lambda claim: claim._replace(proof=[*claim.proof, claim.root]),
    "root before": lambda claim: claim._replace(proof=[claim.root, *claim.proof]),
    "garbage behind": lambda claim: claim._replace(proof=[*claim.proof, bytes(32)]),
    "garbage before": lambda claim: claim._replace(proof=[bytes(32), *claim.proof]),
    "short hash": lambda claim: claim._replace(proof=[claim.proof[0][:31], *claim.proof[1:]]),
    "long hash": lambda claim: claim._replace(proof=[claim.proof[0] + b"x", *claim.proof[1:]]),
    "no hash": lambda claim: claim._replace(proof=[b"", *claim.proof[1:]]),
    "first left out": lambda claim: claim._replace(proof=claim.proof[1:]),
    "last left out": lambda claim: claim._replace(proof=claim.proof[:-1]),
    "nothing": lambda claim: claim._replace(proof=[]),
    "reversed": lambda claim: claim._replace(proof=claim.proof[::-1]),
    "64 hashes": lambda claim: claim._replace(proof=[*claim.proof, *[claim.root] * (64 - len(claim.proof))]),
}


@pytest.mark.parametrize("change", PROBES.values(), ids=PROBES)
@pytest.mark.parametrize(("index", "size"), [(2, 5), (5, 8), (6, 7), (30, 37)])
def test_inclusion_probes(change: Callable[[Claim], Claim], index: int, size: int) -> None:
    """Each change of a good proof, its index, size or root is rejected."""
    leaves = [b"%d" % number for number in range(size)]
    claim = Claim(index, size, naivetree.inclusion(index, leaves), naivetree.root(leaves))
    leaf = leaf_hash(leaves[index])
    verify_inclusion(leaf, claim.at, claim.size, claim.root, claim.proof)
    changed = change(claim)
    with pytest.raises(ProofError):
        verify_inclusion(leaf, changed.at, changed.size, changed.root, changed.proof)


@pytest.mark.parametrize("change", PROBES.values(), ids=PROBES)
@pytest.mark.parametrize(("old", "new"), [(3, 5), (6, 8), (5, 7), (30, 37)])
def test_consistency_probes(change: Callable[[Claim], Claim], old: int, new: int) -> None:
    """Each change of a good proof, its sizes or roots is rejected."""
    leaves = [b"%d" % number for number in range(new)]
    was = naivetree.root(leaves[:old])
    claim = Claim(old, new, naivetree.consistency(old, leaves), naivetree.root(leaves))
    verify_consistency(claim.at, was, claim.size, claim.root, claim.proof)
    changed = change(claim)
    for old_root in (was, claim.root, bytes(32)):
        with pytest.raises(ProofError):
            verify_consistency(changed.at, old_root, changed.size, changed.root, changed.proof)


def test_leaf_and_root_have_32_bytes() -> None:
    """A tree of one leaf proves itself, but not with hashes of another length."""
    verify_inclusion(leaf_hash(b""), 0, 1, leaf_hash(b""), [])
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion(b"short", 0, 1, b"short", [])
    with pytest.raises(ProofError, match="32 bytes"):
        verify_consistency(1, b"short", 1, b"short", [])


def test_empty_log_extends_to_anything() -> None:
    """From size 0 there is an empty proof, if the old root is that of the empty log, and only that."""
    root = leaf_hash(b"a")
    verify_consistency(0, EMPTY_ROOT, 1, root, [])
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    for claim in [
        (0, root, 1, root, []),
        (0, EMPTY_ROOT, 1, root, [root]),
        (0, root, 0, root, []),
        (-1, root, 1, root, []),
    ]:
        with pytest.raises(ProofError):
            verify_consistency(*claim)


@settings(deadline=None)
@given(st.data(), st.integers(1, 40))
def test_ranges_are_those_of_the_definition(data: st.DataObject, size: int) -> None:
    """What the iterative walk finds is what the recursive definition gives, for every index and old size."""
    leaves = [b"%d" % number for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert fold(b"".join(leaf_hashes(leaves))) == naivetree.root(leaves)
    inclusion = [naivetree.root(leaves[start:stop]) for start, stop in inclusion_ranges(index, size)]
    assert inclusion == naivetree.inclusion(index, leaves)
    consistency = [naivetree.root(leaves[start:stop]) for start, stop in consistency_ranges(old, size)]
    assert consistency == naivetree.consistency(old, leaves)


@settings(deadline=None)
@given(st.data(), st.integers(1, LARGE))
def test_ranges_of_a_proof_are_made_of_perfect_subtrees(data: st.DataObject, size: int) -> None:
    """A range divides, without gap, into perfect subtrees of falling height, at most one of each."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    for start, stop in [*inclusion_ranges(index, size), *consistency_ranges(old, size), Range(0, size)]:
        at, heights = start, []
        for height, number in subtrees(Range(start, stop)):
            assert number << height == at
            at += 1 << height
            heights.append(height)
        assert at == stop
        assert heights == sorted(set(heights), reverse=True)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """A proof is only asked for a leaf of the log."""
    with pytest.raises(ProofError, match="no leaf"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5)])
def test_no_proof_of_a_log_that_shrank(old: int, new: int) -> None:
    """A log does not extend a larger one."""
    with pytest.raises(ProofError, match="does not extend"):
        consistency_ranges(old, new)
