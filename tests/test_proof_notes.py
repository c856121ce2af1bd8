"""Keys, signed notes, checkpoints and proof files, against the vectors of Go's x/mod."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from replayglass.errors import InputError
from replayglass.proof.checkpoint import (
    Checkpoint,
    format_checkpoint,
    log_origin,
    parse_checkpoint,
)
from replayglass.proof.failure import ProofError
from replayglass.proof.keys import Signer, parse_vkey, signer_from_pem
from replayglass.proof.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    Signature,
    format_note,
    parse_note,
    sign_note,
    verify_note,
)
from replayglass.verify.heads import open_signed
from replayglass.verify.pins import read_keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
LOG = parse_vkey(VECTORS["keys"]["log"]["vkey"])
WITNESS = parse_vkey(VECTORS["keys"]["witness"]["vkey"])
SIZES = VECTORS["tree"]["sizes"]


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:  # noqa: ANN401 - any private key
    """Return a private key as openssl writes it."""
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return written


def log_key() -> ed25519.Ed25519PrivateKey:
    """Return the private key of the vectors' log."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["keys"]["log"]["ed25519_seed_hex"]))


def log_signer() -> Signer:
    """Return the signer of the vectors' log."""
    return signer_from_pem(LOG.name, pem(log_key()))


def test_own_example_of_the_specification() -> None:
    """The worked example of signed-note verifies with its key."""
    example = VECTORS["spec_example"]
    verifier = parse_vkey(example["vkey"])
    assert verify_note(parse_note(example["note"].encode()), [verifier]) == (verifier,)


@pytest.mark.parametrize("case", VECTORS["notes"], ids=lambda case: case["why"])
def test_notes(case: dict[str, str]) -> None:
    """A note is accepted exactly where x/mod accepts it."""
    data = b64decode(case["note_b64"])
    if case["x_mod_note_says"] == "accepted":
        assert verify_note(parse_note(data), [LOG]) == (LOG,)
        assert open_signed(data, [LOG]).origin == LOG.name
    else:
        with pytest.raises(ProofError):
            verify_note(parse_note(data), [LOG])


@pytest.mark.parametrize("name", ["a+b", "a\u00a0b", "a\u2028b", "", " "])
def test_signature_lines_have_names(name: str) -> None:
    """A line without dash, or a name that is none or has a plus sign or white space, makes the note malformed."""
    armored = b64encode(b"12345").decode()
    assert parse_note(f"x\n\n\u2014 ab {armored}\n".encode()).signatures == (Signature("ab", b"1234", b"5"),)
    with pytest.raises(ProofError):
        parse_note(f"x\n\n\u2014 {name} {armored}\n".encode())
    with pytest.raises(ProofError):
        parse_note(f"x\n\nab {armored}\n".encode())


@pytest.mark.parametrize("case", VECTORS["checkpoint_bodies"], ids=lambda case: case["why"])
def test_checkpoint_bodies(case: dict[str, str]) -> None:
    """Of checkpoints that are all signed well, only the canonical ones are read."""
    note = parse_note(case["signed_note"].encode())
    assert verify_note(note, [LOG]) == (LOG,)
    assert note.text == case["text"].encode()
    if case["expected"] == "accept":
        assert format_checkpoint(parse_checkpoint(note.text)) == note.text
        assert open_signed(case["signed_note"].encode(), [LOG]).size == 7
    else:
        with pytest.raises(ProofError):
            parse_checkpoint(note.text)
        with pytest.raises(ProofError):
            open_signed(case["signed_note"].encode(), [LOG])


@pytest.mark.parametrize("case", SIZES, ids=lambda case: str(case["size"]))
def test_checkpoints_are_signed_as_x_mod_signs_them(case: dict[str, Any]) -> None:
    """Text, signature and whole note are the same bytes, and a witness's cosignature verifies."""
    checkpoint = Checkpoint(LOG.name, case["size"], bytes.fromhex(case["root_hex"]))
    text = format_checkpoint(checkpoint)
    assert text == case["checkpoint_text"].encode()
    assert sign_note(text, log_signer()) == case["checkpoint_note"].encode()
    cosigned = case["checkpoint_note_with_cosignature"].encode()
    note = parse_note(cosigned)
    assert parse_checkpoint(note.text) == checkpoint
    assert verify_note(note, [LOG, WITNESS]) == (LOG, WITNESS)
    assert verify_note(note, [LOG]) == (LOG,)
    assert open_signed(cosigned, [LOG])[:4] == (*checkpoint[:3], True)
    time = note.signatures[1].blob[:8]
    assert int.from_bytes(time) == case["cosignature_time"]


def test_cosignature_binds_time_and_text() -> None:
    """A cosignature with another time, another text or a piece missing makes the whole note invalid."""
    note = parse_note(SIZES[4]["checkpoint_note_with_cosignature"].encode())
    log, witness = note.signatures
    for blob in [b"\1" + witness.blob[1:], witness.blob[8:], witness.blob[:-1], b"\0", SIZES[5]["root_hex"].encode()]:
        changed = parse_note(format_note(Note(note.text, (log, witness._replace(blob=blob)))))
        assert verify_note(changed, [LOG]) == (LOG,)
        with pytest.raises(ProofError, match=r"witness\.example\.net/w1 does not verify"):
            verify_note(changed, [LOG, WITNESS])


def test_checkpoint_must_be_signed_by_its_own_log() -> None:
    """A witness alone does not make a checkpoint, nor does a log sign for another one, nor a witness's key as a log."""
    note = parse_note(SIZES[4]["checkpoint_note_with_cosignature"].encode())
    witnessed = format_note(Note(note.text, note.signatures[1:]))
    with pytest.raises(ProofError, match="no signature is by the log itself"):
        open_signed(witnessed, [LOG])
    with pytest.raises(InputError, match="key of a witness"):
        read_keys([WITNESS.vkey])
    other = Checkpoint("example.org/other-log", 7, bytes(32))
    with pytest.raises(ProofError, match="no signature is by the log itself"):
        open_signed(sign_note(format_checkpoint(other), log_signer()), [LOG])
    stranger = signer_from_pem(LOG.name, pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))))
    with pytest.raises(ProofError, match="no signature of a known key"):
        open_signed(sign_note(note.text, stranger), [LOG])


def test_notes_have_limits() -> None:
    """A note of more than 1 MiB or more than 100 signatures is not read."""
    line = Signature("a", b"1234", b"5")
    assert parse_note(format_note(Note(b"x\n", (line,) * MAX_SIGNATURES))).signatures[-1] == line
    with pytest.raises(ProofError, match="100 signatures"):
        format_note(Note(b"x\n", (line,) * (MAX_SIGNATURES + 1)))
    with pytest.raises(ProofError, match="1048576"):
        parse_note(bytes(MAX_NOTE + 1))
    with pytest.raises(ProofError, match="1048576"):
        parse_checkpoint(bytes(MAX_NOTE + 1))


@pytest.mark.parametrize(
    "note",
    [
        Note(b"x", (Signature("a", b"1234", b"5"),)),
        Note(b"x\n", (Signature("a b", b"1234", b"5"),)),
        Note(b"x\n", (Signature("a", b"1234", b""),)),
        Note(b"x\n", (Signature("a", b"12345", b"6"),)),
        Note(b"x\n", ()),
        Note(b"x\ry\n", (Signature("a", b"1234", b"5"),)),
    ],
)
def test_what_would_be_read_otherwise_is_not_written(note: Note) -> None:
    """Formatting refuses whatever parsing would not give back."""
    with pytest.raises(ProofError):
        format_note(note)


def test_checkpoints_that_are_none_are_not_written() -> None:
    """Formatting refuses names, roots and lines that the format has no place for."""
    good = Checkpoint(log_origin("example.org", "log"), 7, bytes(32))
    assert format_checkpoint(good).startswith(b"example.org/log\n7\nAAAA")
    for bad in [
        good._replace(origin="a b"),
        good._replace(size=-1),
        good._replace(size=1 << 63),
        good._replace(root=bytes(31)),
        good._replace(extensions=("a\nb",)),
        good._replace(extensions=("",)),
        good._replace(origin="a\nb"),
    ]:
        with pytest.raises(ProofError):
            format_checkpoint(bad)
