"""The file that proves one entry offline."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from replayglass.proof.failure import ProofError
from replayglass.proof.keys import parse_vkey
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.note import (
    parse_note,
)
from replayglass.proof.tlogproof import MAX_FILE, format_proof, parse_proof
from replayglass.verify.proofs import verify_proof
from replayglass.verify.report import Status
from signedsites import said

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
LOG = parse_vkey(VECTORS["keys"]["log"]["vkey"])
PROOFS = VECTORS["tlog_proof_files"]


@pytest.mark.parametrize("case", PROOFS, ids=lambda case: case["leaf_utf8"])
def test_proof_files(case: dict[str, str]) -> None:
    """A proof file of the vectors is read, written as it was, and proves its entry and no other."""
    data, entry = case["text"].encode(), case["leaf_utf8"].encode()
    assert format_proof(parse_proof(data)) == data
    report = verify_proof(data, entry, None, [LOG])
    assert (report.verdict, report.logs["proof"].origin) == (Status.OK, LOG.name)
    for key, shown, words in [
        (LOG, entry + b"x", "another root"),
        (LOG._replace(public=bytes(32)), entry, "no signature of a known key"),
    ]:
        report = verify_proof(data, shown, None, [key])
        assert report.verdict is Status.FAILED
        assert words in said(report)


PROOF = PROOFS[0]["text"].encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PROOF.replace(b"@v1", b"@v2"),
        PROOF.replace(b"index 12345", b"index 012345"),
        PROOF.replace(b"index 12345", b"index 12345 "),
        PROOF.replace(b"index 12345\n", b""),
        PROOF.replace(b"index 12345\n", b"index 12345\nindex 12345\n"),
        PROOF.replace(b"index 12345\n", b"extra ?\nindex 12345\n"),
        PROOF.replace(b"index 12345\n", b"extra QQ==\nextra QQ==\nindex 12345\n"),
        PROOF.replace(b"index 12345\n", b"index 12345\n" + b"A" * 43 + b"=\n" * 48),
        PROOF.replace(b"index 12345\n", b"index 12345\n" + (b"A" * 43 + b"=\n") * 47),
        PROOF.replace(b"index 12345\n", b"index 12345\n\n"),
        PROOF.replace(b"index 12345\n", b"index 12345\r\n"),
        PROOF.replace(b"adCcDz", b"adCcD"),
        PROOF.replace(b"=\n\nexample", b"=\nexample"),
        PROOF[: PROOF.index("\u2014".encode())],
        PROOF.replace(b"\n70000\n", b"\n070000\n"),
    ],
)
def test_wrong_proof_files(data: bytes) -> None:
    """Another version, another spelling, too many hashes or no signed checkpoint: refused."""
    with pytest.raises(ProofError):
        parse_proof(data)


def test_proof_of_an_unsigned_checkpoint_is_not_written() -> None:
    """The format has no place for a checkpoint that nobody signed, nor for a leaf below 0."""
    proof = parse_proof(PROOF)
    text = parse_note(proof.checkpoint).text
    for bad in [proof._replace(checkpoint=text), proof._replace(leaf=-1)]:
        with pytest.raises(ProofError):
            format_proof(bad)


def test_proof_files_have_a_limit() -> None:
    """A file of more than 2 MiB is not read."""
    with pytest.raises(ProofError, match="2097152"):
        parse_proof(bytes(MAX_FILE + 1))


def test_base64_has_one_spelling() -> None:
    """A proof whose hash has stray low bits is refused, although it decodes to the same bytes."""
    line = b64encode(leaf_hash(b""))
    stray = line[:-2] + bytes([line[-2] + 1]) + b"="
    assert b64decode(stray) == b64decode(line)
    note = PROOF.partition(b"\n\n")[2]
    assert parse_proof(b"c2sp.org/tlog-proof@v1\nindex 1\n" + line + b"\n\n" + note).hashes == (leaf_hash(b""),)
    with pytest.raises(ProofError, match="base64"):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 1\n" + stray + b"\n\n" + note)
