"""A site on disk: what a first and a later build leave, touch and remove."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.canon import digest
from replayglass.output.published import read_manifest
from replayglass.output.writer import SiteWriter, Written
from sitebuild import NEW, OLD, Pages, build, names, operations, tree


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder with a site of `OLD` named ``site`` and nothing else."""
    build(tmp_path / "old/site", OLD)
    return tmp_path / "old"


def test_first_build(tmp_path: Path) -> None:
    """A first build makes missing parents and leaves the pages and a manifest of them, and nothing beside the site."""
    written = build(tmp_path / "a/b/site", OLD)
    found = tree(tmp_path / "a/b/site")
    files = {path: data for path, data in found.items() if data is not None}
    assert {path: data for path, data in files.items() if not path.startswith("manifest")} == OLD
    assert written == Written(len(files), sum(map(len, files.values())), len(files), 0, 0)
    listed = {path: (row.sha256, row.size) for path, row in read_manifest(tmp_path / "a/b/site").items()}
    assert listed == {path: (digest(data), len(data)) for path, data in files.items() if path != "manifest.json"}
    assert names(tmp_path / "a/b") == ["site"]


def test_first_build_fills_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder becomes the site, also when it is named relative to the working directory."""
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path)
    build(Path("site"), OLD)
    monkeypatch.chdir("site")
    assert build(Path(), OLD).changed == 0
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_later_build(old: Path, tmp_path: Path) -> None:
    """A later build gives the same bytes as a first one, says what it did, and removes emptied folders."""
    before = tree(old / "site")
    written = build(old / "site", NEW)
    build(tmp_path / "site", NEW)
    after = tree(old / "site")
    assert after == tree(tmp_path / "site")
    files = {path for path, data in after.items() if data is not None}
    same = sum(before.get(path) == after[path] for path in files)
    gone = sum(path not in after for path, data in before.items() if data is not None)
    assert (written.files, *written[2:]) == (len(files), len(files) - same, same, gone)
    assert "notes" not in after


def test_equal_files_are_not_touched(old: Path) -> None:
    """A build of the same pages changes no inode and no time, of files and folders."""
    paths = [old / "site", *(old / "site").rglob("*")]
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]
    written = build(old / "site", OLD)
    assert before == [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]
    assert (written.changed, written.unchanged, written.removed) == (0, written.files, 0)


def test_commit_order(old: Path) -> None:
    """New files come first, then changed ones: pages, front pages, checkpoint, shards, manifest.json; removals last."""
    site = f"{old / 'site'}/"
    heard = [(name, path.removeprefix(site)) for name, path in operations(old / "site", NEW) if path.startswith(site)]
    assert [item for item in heard if item[0] in {"link", "replace", "unlink"}] == [
        ("link", "log/audit/tile/0/000"),
        ("link", "more/deep/page.html"),
        ("link", "v1/observe/pages/000256.json"),
        ("link", "manifest/v1-observe-pages-json-000001.json"),
        ("replace", "v1/observe/pages/000001.json"),
        ("replace", "index.html"),
        ("replace", "v1/index.json"),
        ("replace", "log/audit/checkpoint"),
        ("replace", "manifest/log-audit-tile-0.json"),
        ("replace", "manifest/root.json"),
        ("replace", "manifest/v1-observe-pages-json-000000.json"),
        ("replace", "manifest.json"),
        ("unlink", "log/audit/tile/0/000.p/2"),
        ("unlink", "notes/gone/deep.html"),
    ]


@settings(max_examples=30, deadline=None)
@given(*[st.dictionaries(st.sampled_from(sorted({*OLD, *NEW})), st.binary(max_size=3))] * 2)
def test_later_builds_equal_first_builds(tmp_path_factory: pytest.TempPathFactory, one: Pages, two: Pages) -> None:
    """Whatever was there before, a build leaves what it would leave in an empty folder."""
    folder = tmp_path_factory.mktemp("builds")
    build(folder / "later", one)
    build(folder / "later", two)
    build(folder / "first", two)
    assert tree(folder / "later") == tree(folder / "first")


def test_leaving_without_commit(old: Path, tmp_path: Path) -> None:
    """A build that is not committed leaves no trace: not in an old site, no folder above a new one."""
    before = tree(old)
    with SiteWriter(old / "site") as writer:
        writer.write("index.html", b"never")
        assert tree(old) != before
    with pytest.raises(ZeroDivisionError), SiteWriter(tmp_path / "a/b/site") as writer:
        writer.write("index.html", bytes(1 // len(b"")))
    assert tree(old) == before
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a b", "manifest.json", "index.html"])
def test_bad_paths_are_errors_of_the_caller(tmp_path: Path, path: str) -> None:
    """A path that no page may have, or that was written before, is a ValueError."""
    with SiteWriter(tmp_path / "site") as writer:
        writer.write("index.html", b"")
        with pytest.raises(ValueError, match=path):
            writer.write(path, b"")


def test_foreign_files_are_left_alone(old: Path) -> None:
    """Files and folders in the site that no manifest lists stay, whatever is removed around them."""
    for path in ("mine.txt", "notes/gone/mine.txt", "manifest/mine.json"):
        (old / "site" / path).write_bytes(b"mine")
    (old / "site/empty").mkdir()
    build(old / "site", NEW)
    found = tree(old / "site")
    assert found["mine.txt"] == found["notes/gone/mine.txt"] == found["manifest/mine.json"] == b"mine"
    assert "empty" in found
    assert "notes/gone/deep.html" not in found


def test_lost_and_spoilt_files_are_written_again(old: Path, tmp_path: Path) -> None:
    """A listed file that is missing or has other bytes is what it should be after the next build."""
    (old / "site/index.html").write_bytes(b"spoilt")
    (old / "site/same.css").unlink()
    (old / "site/notes/gone/deep.html").unlink()
    assert build(old / "site", OLD).changed == 3
    build(tmp_path / "site", OLD)
    assert tree(old / "site") == tree(tmp_path / "site")
    (old / "site/notes/gone/deep.html").unlink()
    assert build(old / "site", NEW).removed == 1
