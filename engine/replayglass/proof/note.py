"""Signed notes: a text and the signatures under it (C2SP signed-note; verifiable-log.md section 1.6)."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.failure import ProofError
from replayglass.proof.text import decode_base64, decode_text, is_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.proof.keys import Signer, Verifier

MAX_NOTE = 1 << 20
"""Bytes of the largest note that is read."""

MAX_SIGNATURES = 100
"""Most signature lines of a note that is read."""

_DASH = "\u2014 ".encode()
_ID_BYTES = 4


class Signature(NamedTuple):
    """One signature line; ``blob`` is what follows the 4 bytes of the key id, at least one byte."""

    name: str
    key_id: bytes
    blob: bytes


class Note(NamedTuple):
    """A text that ends in LF, and its signatures (at least one)."""

    text: bytes
    signatures: tuple[Signature, ...]


def parse_note(data: bytes) -> Note:
    """Return the note in ``data``; what its signatures are worth is for `verify_note` to say.

    Raises:
        ProofError: it is not a note.
    """
    if len(data) > MAX_NOTE:
        message = f"a note has at most {MAX_NOTE} bytes"
        raise ProofError(message)
    decode_text(data)
    end = data.rfind(b"\n\n")
    lines = data[end + 2 :].split(b"\n")
    if end < 0 or len(lines) < 2 or lines.pop():  # noqa: PLR2004 - a signature and the end of its line
        message = "not a signed note: no empty line with whole signature lines behind it"
        raise ProofError(message)
    if len(lines) > MAX_SIGNATURES:
        message = f"a note has at most {MAX_SIGNATURES} signatures"
        raise ProofError(message)
    return Note(data[: end + 1], tuple(map(_parse_signature, lines)))


def format_note(note: Note) -> bytes:
    """Return the bytes of ``note``.

    Raises:
        ProofError: these would not be read as this note.
    """
    lines = [
        b"%b%b %b\n" % (_DASH, signature.name.encode(), b64encode(signature.key_id + signature.blob))
        for signature in note.signatures
    ]
    data = b"%b\n%b" % (note.text, b"".join(lines))
    if parse_note(data) != note:
        message = "not a note: its text must end in LF, its names have no white space"
        raise ProofError(message)
    return data


def sign_note(text: bytes, signer: Signer) -> bytes:
    """Return the note of ``text`` with one signature. Ed25519 is deterministic: same text and key, same bytes.

    Raises:
        ProofError: ``text`` cannot be that of a note.
    """
    verifier = signer.verifier
    return format_note(Note(text, (Signature(verifier.name, verifier.key_id, signer.sign(text)),)))


def verify_note(note: Note, verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """Return those of ``verifiers`` whose signature the note carries. Lines of other keys are ignored.

    Raises:
        ProofError: none of them signed it, or one line of theirs does not verify (even if another does).
        InputError: the extra for signing is not installed.
    """
    signed = []
    for verifier in verifiers:
        mark = verifier.name, verifier.key_id
        blobs = [signature.blob for signature in note.signatures if signature[:2] == mark]
        if not all(verifier.verifies(note.text, blob) for blob in blobs):
            message = f"a signature of {verifier.name} does not verify"
            raise ProofError(message)
        if blobs:
            signed.append(verifier)
    if not signed:
        message = "the note carries no signature of a known key"
        raise ProofError(message)
    return tuple(signed)


def _parse_signature(line: bytes) -> Signature:
    name, space, armored = line.removeprefix(_DASH).decode().partition(" ")
    if not line.startswith(_DASH) or not space or not is_name(name):
        message = "not a signature line"
        raise ProofError(message)
    data = decode_base64(armored.encode())
    if len(data) <= _ID_BYTES:
        message = "a signature line without signature"
        raise ProofError(message)
    return Signature(name, data[:_ID_BYTES], data[_ID_BYTES:])
