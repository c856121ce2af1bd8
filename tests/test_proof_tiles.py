"""Files of a log: paths of tiles, which there are, bundles, and the trees of the vectors file by file."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.proof.bundle import MAX_BUNDLE, MAX_ENTRY, pack, unpack
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import Growth
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.tiles import ENTRIES, Tile, kept_partials, parse_tile_path, partials_of, tiles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

VECTORS = json.loads((Path(__file__).parent / "data/tlog_vectors.json").read_text())
TILES = st.builds(Tile, st.integers(ENTRIES, 63), st.integers(0, (1 << 63) - 1), st.integers(1, 256))


def grown(leaves: Sequence[bytes], step: int = 300) -> tuple[Growth, dict[str, bytes]]:
    """Return the tree of ``leaves``, added ``step`` at a time, and its files."""
    growth = Growth()
    files: dict[str, bytes] = {}
    for start in range(0, len(leaves), step):
        files.update(growth.add(leaves[start : start + step]))
    files.update(growth.finish())
    return growth, files


def mixed_leaf(number: int) -> bytes:
    """Return the leaf of the mixed-length tree, as the vectors describe it."""
    length = number * number * 7919 % 401
    data = b""
    for part in count():
        if len(data) >= length:
            return data[:length]
        data += sha256(b"mixed-%d-%d" % (number, part)).digest()
    raise AssertionError


def check_files(shown: list[dict[str, Any]], files: dict[str, bytes]) -> None:
    """Compare the files that the vectors show with those that were made."""
    for file in shown:
        data = files[file["path"]]
        assert (len(data), sha256(data).hexdigest()) == (file["bytes"], file["sha256_hex"])


@pytest.mark.parametrize("size", VECTORS["tree"]["sizes"], ids=lambda size: str(size["size"]))
def test_files_of_a_tree(size: dict[str, Any]) -> None:
    """Root and every file, byte for byte, are those that x/mod makes of the same leaves."""
    leaves = [b"leaf-%d" % number for number in range(size["size"])]
    growth, files = grown(leaves)
    assert (growth.size, growth.root().hex()) == (size["size"], size["root_hex"])
    lines = [b"%b %b\n" % (path.encode(), sha256(files[path]).hexdigest().encode()) for path in sorted(files)]
    assert sha256(b"".join(lines)).hexdigest() == size["file_list_digest_sha256_hex"]
    check_files(size["files_shown"], files)
    assert sorted(files) == sorted(tile.path for tile in tiles_of(size["size"]))
    bundles = [path for path in files if "/entries/" in path]
    assert (len(bundles), len(files) - len(bundles)) == (size["entry_bundles"], size["hash_tiles"])


@pytest.mark.parametrize("size", VECTORS["mixed_length_tree"]["sizes"], ids=lambda size: str(size["size"]))
def test_files_of_a_tree_of_mixed_lengths(size: dict[str, Any]) -> None:
    """Entries of 0 to 400 bytes."""
    growth, files = grown([mixed_leaf(number) for number in range(size["size"])], 7)
    assert growth.root().hex() == size["root_hex"]
    check_files(size["files"], files)


def test_entries_at_the_edges() -> None:
    """The empty entry, one byte, and the largest entry that a bundle takes."""
    cases = VECTORS["edge_entries"]["cases"]
    entries = [b"", b"\0", b"a", b"\xff" * MAX_ENTRY]
    assert len(cases) == len(entries)
    for case, entry in zip(cases, entries, strict=True):
        assert sha256(entry).hexdigest() == case["entry_sha256_hex"]
        assert leaf_hash(entry).hex() == case["leaf_hash_hex"]
        bundle = pack([entry])
        assert (len(bundle), sha256(bundle).hexdigest()) == (
            case["bundle_of_one_bytes"],
            case["bundle_of_one_sha256_hex"],
        )
        assert unpack(bundle, 1) == [entry]
    assert len(pack([entries[3]] * 256)) == MAX_BUNDLE


def test_too_large_an_entry_is_never_truncated() -> None:
    """An entry whose length has no place in two bytes is refused before anything is packed."""
    with pytest.raises(ValueError, match="65535"):
        pack([b"", b"x" * (MAX_ENTRY + 1)])


@pytest.mark.parametrize("case", VECTORS["bad_bundles_hex"], ids=lambda case: case["why"])
@pytest.mark.parametrize("expected", [0, 1, 2])
def test_damaged_bundles_are_rejected(case: dict[str, str], expected: int) -> None:
    """A dangling byte and a length past the end are refused, whatever count is expected."""
    with pytest.raises(ProofError, match="exactly"):
        unpack(bytes.fromhex(case["hex"]), expected)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=256), st.integers(0, 256))
def test_bundles_hold_exactly_so_many_entries(entries: list[bytes], expected: int) -> None:
    """What was packed comes back, and only with the right count."""
    if expected == len(entries):
        assert unpack(pack(entries), expected) == entries
    else:
        with pytest.raises(ProofError):
            unpack(pack(entries), expected)


@settings(deadline=None)
@given(st.binary(max_size=600), st.integers(0, 256))
def test_no_bundle_breaks_the_reader(data: bytes, expected: int) -> None:
    """Any bytes are either exactly one list of entries or refused."""
    try:
        entries = unpack(data, expected)
    except ProofError:
        return
    assert pack(entries) == data


@pytest.mark.parametrize("case", VECTORS["tile_paths"]["good"], ids=lambda case: case["path"])
def test_paths_of_tiles(case: dict[str, Any]) -> None:
    """Levels, groups of three digits, and the width of partial tiles are spelled as in tlog-tiles."""
    tile = Tile(case["level"], case["index"], case["width"])
    assert tile.path == case["path"]
    assert parse_tile_path(case["path"]) == tile


MORE_BAD_PATHS = [
    "",
    "tile",
    "tile/64/000",
    "tile/0/000.p/257",
    "tile/0/000.p/999",
    "tile/0/000\n",
    "tile/0/000.p/1\n",
    "tile/data/000",
    "tile/8/0/000",
    "tile/entries/x000/000",
    "/tile/0/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
]


@pytest.mark.parametrize("path", VECTORS["tile_paths"]["bad"] + MORE_BAD_PATHS)
def test_only_one_path_for_a_tile(path: str) -> None:
    """Whatever is not the one spelling of a tile's path is refused."""
    with pytest.raises(ProofError):
        parse_tile_path(path)


@settings(deadline=None)
@given(TILES)
def test_path_and_tile_are_one(tile: Tile) -> None:
    """Every tile has a path and is found by it."""
    assert parse_tile_path(tile.path) == tile


@settings(deadline=None)
@given(st.from_regex(r"tile/(entries|[0-9]{1,2})/(x?[0-9]{3}/?){1,3}(\.p/[0-9]{1,3})?") | st.text(max_size=40))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    """Parsing never fails in another way, and never finds a tile that has another path."""
    try:
        tile = parse_tile_path(path)
    except ProofError:
        return
    assert tile.path == path


def test_partials_of_worked_sizes() -> None:
    """A level with a whole number of tiles has no partial one; size 0 has no files."""
    assert partials_of(0) == []
    assert list(tiles_of(0)) == []
    assert partials_of(256) == [Tile(1, 0, 1)]
    assert partials_of(70_000) == [Tile(ENTRIES, 273, 112), Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_partials_are_kept_until_their_tile_is_full() -> None:
    """A checkpoint of an earlier size keeps its partial tiles until the full tile is there, level by level."""
    assert [tile.path for tile in kept_partials(700, [0, 3, 255, 256, 513, 600, 700])] == [
        "tile/entries/002.p/1",
        "tile/entries/002.p/88",
        "tile/entries/002.p/188",
        "tile/0/002.p/1",
        "tile/0/002.p/88",
        "tile/0/002.p/188",
        "tile/1/000.p/1",
        "tile/1/000.p/2",
    ]
    assert kept_partials(65_536, [3, 600, 65_535]) == [Tile(2, 0, 1)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=8), max_size=700), st.integers(1, 700))
def test_files_do_not_depend_on_batches(entries: list[bytes], step: int) -> None:
    """Adding entries one by one or all at once gives the same files."""
    assert grown(entries, step)[1] == grown(entries)[1]


def test_a_growing_tree_gives_full_files_at_once() -> None:
    """What is complete is given with the entries that complete it, so that only the open tiles are held."""
    growth = Growth()
    sizes = []
    for _ in range(257):
        sizes.append(len(growth.add([b"x"] * 256)))
        assert growth.edge().level0 == ()
        assert [group.number for group in growth.groups] == ([0] if growth.size == 65_536 else [])
    assert sizes == [2] * 255 + [3, 2]
