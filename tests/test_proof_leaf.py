"""What the leaf of a record is: its bytes, or a digest where these cannot stand in the log."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.proof.bundle import MAX_ENTRY
from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import DIGEST_PREFIX, Digest, Entry, blob_path, entry_of, parse_digest, unread_entry
from replayglass.record import Unread

LARGE = b"x" * (MAX_ENTRY + 1)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"id":1.0, "a":"\\ud800"}\r', b"\xff\x00", LARGE[:-1], DIGEST_PREFIX[:-1]]
)
def test_a_record_is_its_own_leaf(raw: bytes) -> None:
    """The exact bytes of the line, never a re-serialisation, up to 65,535 of them."""
    assert entry_of(raw) == Entry(raw)
    assert parse_digest(raw) is None


@pytest.mark.parametrize("raw", [LARGE, DIGEST_PREFIX, entry_of(LARGE).data, b"\xff" * 70_000])
def test_what_cannot_stand_in_the_log_is_a_digest(raw: bytes) -> None:
    """A record that is too large, or that begins like a digest entry, is published as a blob that the entry names."""
    entry = entry_of(raw)
    name = sha256(raw).hexdigest()
    text = f'{{"replayglass":"digest-leaf@1","sha256":"{name}","length":{len(raw)},"type":"text/plain"}}'
    assert entry == Entry(text.encode(), raw)
    assert parse_digest(entry.data) == Digest(name, len(raw), "text/plain")
    assert blob_path(name) == f"blob/{name}"


def test_a_line_that_was_not_read_is_a_digest_of_another_type() -> None:
    """Size and digest of a line beyond the limit are committed to; its bytes are published nowhere."""
    name = sha256(LARGE).hexdigest()
    entry = unread_entry(Unread(len(LARGE), name))
    assert entry.blob is None
    assert entry.data == b'{"replayglass":"digest-leaf@1","sha256":"%b","length":65536,"type":"unread"}' % name.encode()
    assert parse_digest(entry.data) == Digest(name, len(LARGE), "unread")


@pytest.mark.parametrize(
    "change",
    [
        (b"@1", b"@2"),
        (b"text/plain", b"text/html"),
        (b"65536", b"065536"),
        (b"65536", b"-1"),
        (b":65536", b": 65536"),
        (b'"}', b'"}\n'),
        (b'"}', b'"} '),
        (b'"}', b'","x":1}'),
        (b"65536", b"9" * 20),
    ],
)
def test_other_digest_entries_are_refused(change: tuple[bytes, bytes]) -> None:
    """What begins like a digest entry and is none of this version is nothing that we know how to read."""
    with pytest.raises(ProofError, match="none that this version knows"):
        parse_digest(entry_of(LARGE).data.replace(*change))


RECORDS = st.binary(max_size=40) | st.builds(
    lambda head, tail: head + tail,
    st.sampled_from([DIGEST_PREFIX, LARGE, entry_of(LARGE).data, entry_of(b"").data]),
    st.binary(max_size=3),
)


@settings(deadline=None)
@given(RECORDS, RECORDS)
def test_two_records_never_have_one_leaf(one: bytes, other: bytes) -> None:
    """The entry says which record it is of, and fits in a bundle."""
    entry, second = entry_of(one), entry_of(other)
    assert (entry == second) == (entry.data == second.data) == (one == other)
    assert len(entry.data) <= MAX_ENTRY
    found = parse_digest(entry.data)
    assert entry.data == one if found is None else (found.sha256 == sha256(one).hexdigest() and entry.blob == one)
