"""The parts of a library: what its catalogue may hold, pages of bounded size, changes that can be interrupted."""

from __future__ import annotations

import errno
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from replayglass.canon import digest
from replayglass.errors import InputError, OutputError
from replayglass.library.catalogue import (
    NOTHING,
    Difference,
    Head,
    Library,
    Publication,
    Side,
    Window,
    parts_of,
    with_row,
)
from replayglass.library.changing import change, is_finished, record
from replayglass.library.entries import clipped
from replayglass.library.names import check_name, derive_name
from replayglass.library.opening import open_library
from replayglass.library.pages import pages_of
from replayglass.library.pruning import prune
from replayglass.library.shape import LIMIT, make_theme
from replayglass.library.storage import FolderStorage
from replayglass.library.trends import charts_of
from replayglass.output.manifest import FileEntry, build_manifest
from sites import tree

if TYPE_CHECKING:
    from pathlib import Path

    from replayglass.library.catalogue import Row

LONG = "\U0001f600" * 200
"""A text that takes as many bytes as one of the catalogue can."""


def publication(run: str, size: int, **values: object) -> Publication:
    """Return a row of the catalogue that is as long as it can be."""
    row = Publication(
        run=run,
        size=size,
        title=LONG,
        origin=LONG,
        domain="paper",
        version="1" * 64,
        manifest="0" * 64,
        verdict="Clean: no errors, no warnings, nothing odd.",
        tone="good",
        findings={"error": 0, "warning": 0, "info": 0},
        codes={f"{number:040}": size for number in range(128)},
        events=size,
        decisions=size,
        first_logical_time="1",
        last_logical_time=str(size),
        heads=tuple(Head(f"stream-{number}", size, "0" * 64, signed=False) for number in range(2)),
        skipped={LONG[:61] + f"{number:03}": size for number in range(12)},
        skipped_others=size,
        deviations={LONG[:61] + f"{number:03}": size for number in range(12)},
        latency=tuple(Window(LONG[:64], size, size, size) for _ in range(8)),
    )
    return replace(row, **values)


def small(run: str, size: int) -> Publication:
    """Return a row of the catalogue with as little as there can be."""
    empty = {"codes": {}, "skipped": {}, "skipped_others": 0, "deviations": {}, "latency": ()}
    return publication(run, size, title="A run", origin=None, last_logical_time=None, **empty)


def test_files_are_bounded() -> None:
    """With 2,000 publications of 1,000 runs, each with the longest texts, no page and no part exceeds the limit."""
    one = [publication("one", size) for size in range(1, 1001)]
    others = [publication(f"{'x' * 58}{number:06}", 10**15 + number) for number in range(1000)]
    compared = [
        Difference(Side("one", size), Side("one", size + 1), is_same=True, says=LONG * 2) for size in range(1, 100)
    ]
    rows: tuple[Row, ...] = (*one, *others, *compared)
    assert max(len(data) for _, data in parts_of(rows)) < LIMIT
    theme = make_theme()
    pages = pages_of(Library(NOTHING.catalogue, rows, None))
    assert len(pages) == 2 + 32 + 16 + 1 + 16 + 1000 + 1 + 2
    lists = [path for path in pages if not path.startswith("runs/x")] + ["runs/" + "x" * 58 + "000000/index.html"]
    assert max(len(theme.render(pages[path])) for path in lists) < LIMIT
    longer = pages_of(Library(NOTHING.catalogue, (*rows, publication("one", 2000)), None))
    changed = {path for path, page in longer.items() if pages.get(path) != page}
    home = {"index.html", "runs/one/index.html", "trends/index.html"}
    assert changed == home | {"all/000000.html", "runs/one/000015.html", "trends/000031.html"}


def test_charts_need_something_to_draw() -> None:
    """What no publication has gets no chart and is named; a chart of one kind of thing says which."""
    bare = small("one", 1)
    assert [getattr(block, "name", "") for block in charts_of([bare])] == ["events", ""]
    assert "Nothing to draw" in str(charts_of([])[0])
    told = [getattr(block, "title", "") for block in charts_of([replace(bare, deviations={"failed": 2})])]
    assert "Deviations: failed" in told
    same = [small(f"{'x' * 20}{number}", 1) for number in range(2)]
    assert getattr(charts_of(same)[0], "x", ()) == [f"{one.run} 1" for one in same]


@pytest.mark.parametrize(
    ("origin", "title", "name"),
    [
        ("example.org/Replay/1", "x", "example-org-replay-1"),
        (None, "Täglich: Lauf 7!", "t-glich-lauf-7"),
        ("x" * 63 + "/" + "y" * 9, "", "x" * 63),
    ],
)
def test_names(origin: str | None, title: str, name: str) -> None:
    """A run is named after the origin of its logs, or the title of its site, in few signs."""
    assert derive_name(origin, title) == name
    assert check_name(name, "--name") == name


@pytest.mark.parametrize("name", ["", "latest", "-a", "A", "a/b", "..", "a" * 65, "a\n", "ä"])
def test_names_that_no_run_has(name: str) -> None:
    """A name that could be mistaken for something else is refused, also when it was derived."""
    with pytest.raises(InputError, match="cannot be the name"):
        check_name(name, "--name")
    with pytest.raises(InputError, match="neither"):
        derive_name(None, "Latest!" if name else "…")


def test_texts_are_clipped() -> None:
    """A text of a site is cut, and what cannot be seen in it is not kept."""
    assert clipped("a\x1b[31m\u202eb\ud800", 20) == "a\ufffd[31m\ufffdb\ufffd"
    assert clipped("abcdef", 5) == "abcd…"
    assert clipped("abcde", 5) == "abcde"


def fill(folder: Path, one: Publication) -> None:
    """Put a publication of few files where a library has it."""
    files = {
        "index.html": b"<p>page",
        "a/b/c.html": b"<p>page",
        "v1/index.json": b"{}",
        "log/s/checkpoint.unsigned": b"head",
        "log/s/checkpoints/7": b"head",
        "log/s/tile/0/000": b"tile",
    }
    entries = [FileEntry(path, digest(data), len(data)) for path, data in files.items()]
    for path, data in (*files.items(), *build_manifest(entries)):
        (folder / one.address / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / one.address / path).write_bytes(data)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library with two publications of a run, made without sites."""
    folder = tmp_path_factory.mktemp("two") / "library"
    rows = (small("one", 1), replace(small("one", 2), extends=1))
    with FolderStorage(folder) as storage:
        library = change(storage, record(storage, open_library(storage), ()), rows[:1])
        change(storage, library, with_row(library.rows, rows[1]))
    for row in rows:
        fill(folder, row)
    return folder


def test_a_removal_that_is_interrupted(two: Path, tmp_path: Path) -> None:
    """Whatever step fails, the next command finds a library, completes what was begun, and loses nothing."""
    whole = shutil.copytree(two, tmp_path / "whole")
    steps: list[str] = []
    with FolderStorage(whole, lambda step, _: steps.append(step)) as storage:
        prune(storage, 1, None)
    expected = tree(whole)
    assert expected["runs/one/1/log/s/checkpoints/7"] == b"head"
    assert "runs/one/1/manifest.json" not in expected
    for failing in range(len(steps)):
        folder = shutil.copytree(two, tmp_path / "again")
        left = [failing]

        def announce(_: str, path: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise OSError(errno.ENOSPC, "No space left on device", path)

        with suppress(OutputError), FolderStorage(folder, announce) as storage:
            prune(storage, 1, None)
        with FolderStorage(folder) as storage:
            prune(storage, 1, None)
            assert is_finished(open_library(storage))
        assert tree(folder) == expected, failing
        shutil.rmtree(folder)


def test_two_writers(two: Path, tmp_path: Path) -> None:
    """Who finds the catalogue changed since it was read says so, and changes nothing."""
    folder = shutil.copytree(two, tmp_path / "library")
    with FolderStorage(folder) as storage:
        mine = open_library(storage)
        change(storage, mine, (*mine.rows, small("two", 1)))
        before = tree(folder)
        with pytest.raises(OutputError, match="another command has changed the library"):
            record(storage, mine, (*mine.rows, small("three", 1)))
    held = {path for path in tree(folder) if not path.startswith("catalogue/")}
    assert held == {path for path in before if not path.startswith(("catalogue/", ".library"))}


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("runs/one/1/manifest.json", b"{}", "the manifest of"),
        ("runs/one/1/manifest/root.json", b"{}", "the manifest of"),
        ("library.json", b" " * (1 << 24) + b" ", "at most"),
        ("library.json", b"[" * 100_000, "is damaged"),
    ],
)
def test_damage(path: str, data: bytes, says: str, two: Path, tmp_path: Path) -> None:
    """What is damaged, absurdly nested or too large is named in one sentence."""
    folder = shutil.copytree(two, tmp_path / "library")
    (folder / path).write_bytes(data)
    with pytest.raises(OutputError, match=says), FolderStorage(folder) as storage:
        prune(storage, 1, None)


def test_a_publication_listed_twice(two: Path, tmp_path: Path) -> None:
    """A catalogue in which an address stands twice is damaged."""
    folder = shutil.copytree(two, tmp_path / "library")
    with FolderStorage(folder) as storage:
        library = open_library(storage)
        record(storage, library, (*library.rows, library.rows[0]))
        with pytest.raises(OutputError, match="is damaged"):
            open_library(storage)


def test_an_empty_library(tmp_path: Path) -> None:
    """Nothing is removed from a library that is not there, and no trace is left."""
    with FolderStorage(tmp_path / "new" / "library") as storage:
        assert prune(storage, 1, None) == []
    assert list(tmp_path.iterdir()) == []
