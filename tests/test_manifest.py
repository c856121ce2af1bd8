"""The manifest lists every file once, in bounded shards that growth barely touches."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.canon import digest
from replayglass.output.manifest import MAX_ROWS, FileEntry, build_manifest, decode_manifest, decode_shard, shard_of
from replayglass.output.paths import MAX_PATH, check_path, is_shard_path, parent_of

LIMIT = 512 * 1024
PARTS = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,8}", fullmatch=True)
PATHS = st.one_of(
    st.lists(PARTS, min_size=1, max_size=4).map("/".join),
    st.builds("{}/{:06d}.{}".format, PARTS, st.integers(0, 3000), st.sampled_from(["html", "json"])),
).filter(lambda path: path.partition("/")[0] not in {"manifest", "manifest.json"})


def entry(path: str) -> FileEntry:
    """Return the entry of a file that holds its own path."""
    return FileEntry(path, digest(path.encode()), len(path))


def documents(paths: list[str]) -> dict[str, bytes]:
    """Return the manifest documents of a site with these files."""
    return dict(build_manifest(map(entry, paths)))


def site_of(events: int) -> list[str]:
    """Return the paths of a site about a log of ``events`` records."""
    pages = range((events + 255) // 256)
    tiles = [f"x{page // 1000:03d}/{page % 1000:03d}" if page > 999 else f"{page:03d}" for page in pages]
    full = [*tiles[:-1], f"{tiles[-1]}.p/{events % 256}"] if events % 256 else tiles
    kinds = ("events/{}.html", "v1/observe/persistence/audit-events/pages/{}.json", "decisions/{}.html")
    numbered = [kind.format(f"{page:06d}") for page in pages for kind in kinds]
    logs = [f"log/audit-events/tile/{level}/{tile}" for tile in full for level in ("0", "entries")]
    return [*numbered, *logs, "index.html", "v1/index.json", "log/audit-events/checkpoint"]


@given(st.lists(PATHS, unique=True, max_size=60), st.randoms(use_true_random=False))
def test_every_file_stands_in_one_shard(paths: list[str], order: random.Random) -> None:
    """The documents do not depend on the order of the entries, and give back every entry once, with true totals."""
    files = documents(paths)
    shuffled = list(paths)
    order.shuffle(shuffled)
    assert documents(shuffled) == files
    manifest = decode_manifest(files.pop("manifest.json"))
    assert [(row.path, row.sha256, row.size) for row in manifest.shards] == [
        (path, digest(data), len(data)) for path, data in files.items()
    ]
    rows = [row for data in files.values() for row in decode_shard(data)]
    assert sorted(rows, key=lambda row: row.path) == [entry(path) for path in sorted(paths)]
    assert (manifest.files, manifest.bytes) == (len(paths), sum(map(len, paths)))


@given(PATHS.filter(lambda path: len(path) <= MAX_PATH))
def test_every_page_has_a_shard_of_a_legal_name(path: str) -> None:
    """A path that a page may have gives a path that a shard may have."""
    check_path(path)
    assert is_shard_path(shard_of(path))


@pytest.mark.parametrize(
    ("path", "shard"),
    [
        ("events/000000.html", "manifest/events-html-000000.json"),
        ("events/000255.html", "manifest/events-html-000000.json"),
        ("events/000256.html", "manifest/events-html-000001.json"),
        ("v1/flow/pages/1000000.json", "manifest/v1-flow-pages-json-003906.json"),
        ("flow/000001", "manifest/flow-000000.json"),
        ("log/audit-events/tile/0/000", "manifest/log-audit-events-tile-0.json"),
        ("log/audit-events/tile/entries/x003/905.p/17", "manifest/log-audit-events-tile-entries-x003.json"),
        ("blob/" + "ab" * 32, "manifest/blob-ab.json"),
        ("log/audit-events/checkpoint", "manifest/root.json"),
        ("index.html", "manifest/root.json"),
        ("000000.html", "manifest/root.json"),
    ],
)
def test_shard_of(path: str, shard: str) -> None:
    """Pages go by 256 of a folder and kind, tiles by folder, blobs by first byte, the rest together."""
    assert shard_of(path) == shard


def test_shards_are_bounded() -> None:
    """No shard exceeds the size limit, however large the log, however long the paths, however many files are alike."""
    files = documents(site_of(3_000_000))
    assert max(map(len, files.values())) <= LIMIT
    long = [f"{'d' * (MAX_PATH - 5)}{number:05d}" for number in range(2 * MAX_ROWS + 1)]
    files = documents(long)
    assert list(files) == ["manifest/root.json", "manifest/root.1.json", "manifest/root.2.json", "manifest.json"]
    assert max(map(len, files.values())) <= LIMIT


def test_growth_changes_few_shards() -> None:
    """A log that grows by one page changes one shard for each collection and tile level, and manifest.json."""
    before, after = documents(site_of(900_000)), documents(site_of(900_256))
    assert len(after) > 50
    changed = [path for path, data in after.items() if before.get(path) != data]
    assert changed == [
        "manifest/decisions-html-000013.json",
        "manifest/events-html-000013.json",
        "manifest/log-audit-events-tile-0-x003.json",
        "manifest/log-audit-events-tile-entries-x003.json",
        "manifest/v1-observe-persistence-audit-events-pages-json-000013.json",
        "manifest.json",
    ]


@given(st.text(alphabet="aZ9._-/\\\n\0 ~é", max_size=12))
def test_accepted_paths_stay_inside(path: str) -> None:
    """An accepted path is its own normal form below the root and has none but the allowed characters."""
    try:
        check_path(path)
    except ValueError:
        return
    assert set(path) <= set("aZ9._-/")
    assert Path("/root", path).resolve() == Path(f"/root/{path}")
    assert all(part not in {"", ".", ".."} for part in path.split("/"))
    assert Path(parent_of(path) or ".") == Path(path).parent


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "a/..", ".", "a/./b", "a\\b", "a\n", "ä", "a b", "c:a"],
)
def test_refused_paths(path: str) -> None:
    """Absolute, climbing, empty and foreign paths are refused."""
    with pytest.raises(ValueError, match="not a path of a site"):
        check_path(path)


def test_reserved_paths() -> None:
    """The manifest's own paths are refused, and overlong ones."""
    for path in ("manifest.json", "manifest/root.json", "x" * (MAX_PATH + 1)):
        with pytest.raises(ValueError, match="path"):
            check_path(path)
