"""The parsers of keys, notes, checkpoints and proof files: one spelling for each value, and no other failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.proof.checkpoint import (
    Checkpoint,
    format_checkpoint,
    parse_checkpoint,
)
from replayglass.proof.failure import ProofError
from replayglass.proof.keys import parse_vkey
from replayglass.proof.note import (
    Note,
    Signature,
    format_note,
    parse_note,
)
from replayglass.proof.tlogproof import TlogProof, format_proof, parse_proof
from replayglass.verify.heads import open_signed

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
LOG = parse_vkey(VECTORS["keys"]["log"]["vkey"])
SIZES = VECTORS["tree"]["sizes"]
PROOF = VECTORS["tlog_proof_files"][0]["text"].encode()
LINES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=12)
PARSERS: list[tuple[bytes, Callable[[bytes], Any], Callable[[Any], bytes]]] = [
    (SIZES[4]["checkpoint_note_with_cosignature"].encode(), parse_note, format_note),
    (SIZES[4]["checkpoint_text"].encode(), parse_checkpoint, format_checkpoint),
    (PROOF, parse_proof, format_proof),
]
NAMES = st.text(st.sampled_from("ab/.-é\u2014"), min_size=1, max_size=12)
NOTES = st.builds(
    Note,
    st.lists(LINES, max_size=4).map(lambda lines: "".join(f"{line}\n" for line in ["x", *lines]).encode()),
    st.lists(
        st.builds(Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=9)),
        min_size=1,
        max_size=3,
    ).map(tuple),
)
CHECKPOINTS = st.builds(
    Checkpoint,
    NAMES,
    st.integers(0, (1 << 63) - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES, max_size=2).map(tuple),
)


@settings(deadline=None)
@given(NOTES)
def test_note_and_bytes_are_one(note: Note) -> None:
    """What was written is read as what it was."""
    assert parse_note(format_note(note)) == note


@settings(deadline=None)
@given(CHECKPOINTS)
def test_checkpoint_and_text_are_one(checkpoint: Checkpoint) -> None:
    """What was written is read as what it was."""
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@settings(deadline=None)
@given(
    CHECKPOINTS,
    st.integers(0, (1 << 63) - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.none() | st.binary(max_size=40),
)
def test_proof_and_file_are_one(
    checkpoint: Checkpoint, leaf: int, hashes: tuple[bytes, ...], extra: bytes | None
) -> None:
    """What was written is read as what it was."""
    note = format_note(Note(format_checkpoint(checkpoint), (Signature("a", b"1234", b"5"),)))
    proof = TlogProof(leaf, hashes, note, extra)
    assert parse_proof(format_proof(proof)) == proof


def mutated(data: st.DataObject, original: bytes) -> bytes:
    """Draw bytes that are nearly ``original``: a piece of it replaced by others."""
    start = data.draw(st.integers(0, len(original)))
    stop = data.draw(st.integers(start, min(len(original), start + 40)))
    piece = data.draw(st.binary(max_size=6) | st.sampled_from([b"\n", b"\n\n", b"\xe2\x80\x94 ", b"=", b"+", b"0"]))
    return original[:start] + piece + original[stop:]


@settings(deadline=None)
@given(st.data())
def test_no_bytes_break_a_parser(data: st.DataObject) -> None:
    """Any bytes are read as a value that is written as the same bytes, or are refused as what proves nothing."""
    original, parse, write = data.draw(st.sampled_from(PARSERS))
    changed = mutated(data, original)
    try:
        value = parse(changed)
    except ProofError:
        return
    assert write(value) == changed


@settings(deadline=None)
@given(st.data())
def test_no_change_of_a_signed_checkpoint_goes_unseen(data: st.DataObject) -> None:
    """Whatever is changed in a signed note: it says the same, or it is refused."""
    original = SIZES[4]["checkpoint_note"].encode()
    wanted = open_signed(original, [LOG])[:5]
    try:
        assert open_signed(mutated(data, original), [LOG])[:5] == wanted
    except ProofError:
        return


@settings(deadline=None)
@given(st.text(max_size=90) | st.integers(0, 90).map(lambda cut: LOG.vkey[:cut] + LOG.vkey[cut + 1 :]))
def test_no_text_breaks_the_reader_of_keys(text: str) -> None:
    """A text is the one spelling of a key, or it is refused."""
    try:
        verifier = parse_vkey(text)
    except ProofError:
        return
    assert verifier.vkey == text
