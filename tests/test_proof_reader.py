"""The read side of a log: every file is vouched for by the checkpoint before it is used."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

import naivetree
from logentries import entries_of
from replayglass.proof.checkpoint import Checkpoint
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import Growth
from replayglass.proof.merkle import EMPTY_ROOT, leaf_hash, leaf_hashes
from replayglass.proof.reader import LogReader
from replayglass.proof.tiles import tiles_of
from replayglass.proof.verifying import verify_consistency, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE = 70_000


def leaves(size: int) -> list[bytes]:
    """Return the first entries of the log that is read here."""
    return [b"leaf-%d" % number for number in range(size)]


@cache
def published(size: int, *earlier: int) -> tuple[Mapping[str, bytes], Checkpoint]:
    """Return files and checkpoint of a log published at these sizes."""
    growth = Growth(earlier)
    files = dict(growth.add(leaves(size)))
    files.update(growth.finish())
    return files, Checkpoint("example.org/log", size, growth.root())


def reader_of(size: int, *earlier: int) -> LogReader:
    """Return the reader of such a log."""
    files, checkpoint = published(size, *earlier)
    return LogReader(files.get, checkpoint)


def nothing(_: str) -> None:
    """Find no file."""


def check(files: Mapping[str, bytes], checkpoint: Checkpoint, *earlier: int) -> None:
    """Check every file of a log."""
    reader = LogReader(files.get, checkpoint)
    entries_of(reader)
    reader.check_partials(earlier)


def test_every_entry_is_read() -> None:
    """Reading a log gives its entries in order, and reads every file of it."""
    files, checkpoint = published(SIZE)
    asked: set[str] = set()

    def read(path: str) -> bytes | None:
        asked.add(path)
        return files.get(path)

    reader = LogReader(read, checkpoint)
    assert entries_of(reader) == leaves(SIZE)
    reader.check_partials()
    assert asked == {tile.path for tile in tiles_of(SIZE)} == set(files)


def test_proofs_are_made_of_tiles() -> None:
    """Inclusion of any entry and consistency with any older size is proven from the files alone."""
    reader, root = reader_of(SIZE), published(SIZE)[1].root
    for index in (0, 1, 255, 256, 4095, 65_535, 65_536, 69_887, 69_888, SIZE - 1):
        assert reader.entry(index) == b"leaf-%d" % index
        verify_inclusion(leaf_hash(b"leaf-%d" % index), index, SIZE, root, reader.inclusion(index))
    for old in (0, 1, 3, 255, 256, 257, 65_535, 65_536, 65_537, SIZE - 1, SIZE):
        assert reader.root_at(old) == naivetree.root(leaves(old))
        verify_consistency(old, reader.root_at(old), SIZE, root, reader.consistency(old))


def test_empty_log() -> None:
    """A log of size 0 needs no file, and has the empty root and no other."""
    reader = LogReader(nothing, Checkpoint("a", 0, EMPTY_ROOT))
    assert entries_of(reader) == []
    assert reader.root_at(0) == EMPTY_ROOT
    reader.check_partials([0])
    with pytest.raises(ProofError, match="root of the checkpoint"):
        LogReader(nothing, Checkpoint("a", 0, bytes(32)))


@pytest.mark.parametrize("size", [1 << 62, (1 << 63) - 1, (1 << 62) + 5, 256**3])
def test_a_huge_log_without_files_fails_at_once(size: int) -> None:
    """What a checkpoint claims costs nothing before the files are there."""
    asked: list[str] = []
    with pytest.raises(ProofError, match="missing"):
        LogReader(asked.append, Checkpoint("a", size, bytes(32)))
    assert len(asked) == 2


def test_a_huge_log_of_one_tile_fails_at_its_first_proof() -> None:
    """A root can be made for any size; the first entry, proof or older root shows that there is nothing below."""
    tile = b"".join(leaf_hashes(leaves(64)))
    reader = LogReader({"tile/7/000.p/64": tile}.get, Checkpoint("a", 1 << 62, naivetree.root(leaves(64))))
    with pytest.raises(ProofError, match="missing"):
        reader.bundle(0)
    with pytest.raises(ProofError, match="missing"):
        reader.entry((1 << 62) - 1)
    with pytest.raises(ProofError, match="missing"):
        reader.inclusion(0)
    with pytest.raises(ProofError, match="missing"):
        reader.root_at(1)
    assert len(reader.consistency(1 << 61)) == 1


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "lose"])
def test_no_damaged_file_goes_unseen(damage: str) -> None:
    """Any file of a log that is changed, shortened, lengthened or lost is found."""
    files, checkpoint = published(700, 0, 3, 513, 600)
    check(files, checkpoint, 0, 3, 513, 600)
    for path, data in files.items():
        changed = {
            "flip": data[:-1] + bytes([data[-1] ^ 1]),
            "cut": data[:-1],
            "grow": data + b"\0",
            "lose": None,
        }[damage]
        broken = {other: content for other, content in files.items() if other != path}
        if changed is not None:
            broken[path] = changed
        with pytest.raises(ProofError):
            check(broken, checkpoint, 0, 3, 513, 600)


def test_tiles_of_higher_levels_vouch_for_those_below() -> None:
    """A full tile whose bundle agrees with it is still not of this log if the tile above says otherwise."""
    files, checkpoint = published(SIZE)
    forged = dict(files)
    other = Growth()
    forged.update(other.add([b"forged"] * 256))
    with pytest.raises(ProofError, match="tile/0/000 does not have the hash"):
        check(forged, checkpoint)
    with pytest.raises(ProofError, match="tile/0/000 does not have the hash"):
        LogReader(forged.get, checkpoint).inclusion(0)


def test_a_bundle_is_checked_against_its_tile() -> None:
    """Entries are given only if their hashes are in the log, also of the last, partial bundle."""
    files, checkpoint = published(700)
    for path, index in [("tile/entries/001", 256), ("tile/entries/002.p/188", 699)]:
        forged = {**files, path: files[path].replace(b"leaf-", b"loaf-")}
        with pytest.raises(ProofError, match="does not hold the entries"):
            LogReader(forged.get, checkpoint).entry(index)


def test_an_older_checkpoint_is_read_from_a_newer_log() -> None:
    """Partial tiles give way to full ones; a reader that holds the older checkpoint reads their beginning."""
    files, _ = published(SIZE)
    _, older = published(700)
    reader = LogReader(files.get, older)
    assert entries_of(reader) == leaves(700)
    assert reader.inclusion(699) == reader_of(700).inclusion(699)
    with pytest.raises(ProofError, match="missing or not the beginning"):
        reader.check_partials()


def test_reading_is_flat_in_memory() -> None:
    """However many tiles a log has, only a bounded number of them is held."""
    reader = reader_of(SIZE)
    for number in range(-(-SIZE // 256)):
        reader.bundle(number)
        assert len(reader._cache) <= 64  # noqa: SLF001 - what is held is the rule


def test_nothing_outside_the_log_is_asked_for() -> None:
    """Leaves and sizes are within the log."""
    reader = reader_of(700)
    for use in (reader.entry, reader.inclusion):
        for index in (-1, 700):
            with pytest.raises(ProofError, match="no leaf"):
                use(index)
    for number in (-1, 3):
        with pytest.raises(ProofError, match="no leaf"):
            reader.bundle(number)
    for size in (-1, 701):
        with pytest.raises(ProofError, match="does not extend"):
            reader.root_at(size)
        with pytest.raises(ProofError, match="does not extend"):
            reader.consistency(size)
        with pytest.raises(ProofError, match="does not extend"):
            reader.check_partials([size])
