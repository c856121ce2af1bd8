"""The file that proves one entry offline: c2sp.org/tlog-proof@v1 (verifiable-log.md section 1.8)."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from replayglass.proof.checkpoint import parse_checkpoint
from replayglass.proof.failure import ProofError
from replayglass.proof.merkle import MAX_PROOF
from replayglass.proof.note import MAX_NOTE, parse_note
from replayglass.proof.text import decode_base64, decode_decimal, decode_hash

SUFFIX = ".tlog-proof"
MAX_FILE = 2 * MAX_NOTE
"""Bytes of the largest file that is read."""

_FIRST_LINE = b"c2sp.org/tlog-proof@v1"


class TlogProof(NamedTuple):
    """An inclusion proof: number of the ``leaf``, hashes (the leaf's sibling first), the signed checkpoint verbatim.

    ``extra`` is a remark of whoever made the file; nothing vouches for it.
    """

    leaf: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_proof(proof: TlogProof) -> bytes:
    """Return the file of ``proof``.

    Raises:
        ProofError: it would not be read as this proof (an unsigned checkpoint, say, has no place in it).
    """
    lines = [_FIRST_LINE]
    if proof.extra is not None:
        lines.append(b"extra " + b64encode(proof.extra))
    lines += [b"index %d" % proof.leaf, *map(b64encode, proof.hashes), b"", proof.checkpoint]
    data = b"\n".join(lines)
    parse_proof(data)
    return data


def parse_proof(data: bytes) -> TlogProof:
    """Return the proof in a file; `verify.proofs` says whether it proves anything.

    Raises:
        ProofError: it is not such a file.
    """
    if len(data) > MAX_FILE:
        message = f"a proof has at most {MAX_FILE} bytes"
        raise ProofError(message)
    head, empty, note = data.partition(b"\n\n")
    lines = head.split(b"\n", MAX_PROOF + 4)
    if not empty or lines.pop(0) != _FIRST_LINE:
        message = "not a file of c2sp.org/tlog-proof@v1"
        raise ProofError(message)
    extra = None
    if lines and lines[0].startswith(b"extra "):
        extra = decode_base64(lines.pop(0).removeprefix(b"extra "))
    if not lines or not lines[0].startswith(b"index ") or len(lines) > MAX_PROOF + 1:
        message = f"a proof has an index and at most {MAX_PROOF} hashes"
        raise ProofError(message)
    index = decode_decimal(lines[0].removeprefix(b"index "))
    parse_checkpoint(parse_note(note).text)
    return TlogProof(index, tuple(map(decode_hash, lines[1:])), note, extra)
