"""What is not ours, not a folder, behind a link or in the run folder is refused, and nothing is written."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from replayglass.errors import OutputError
from replayglass.output.writer import SiteWriter
from sitebuild import (
    NEW,
    OLD,
    build,
    names,
    put_link,
    tree,
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder with a site of `OLD` named ``site`` and nothing else."""
    build(tmp_path / "old/site", OLD)
    return tmp_path / "old"


def _put(site: Path, path: str, data: bytes) -> None:
    shutil.rmtree(site)
    site.mkdir()
    (site / path).write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda site: (site.rename(site.parent / "s"), site.write_bytes(b"")), "site is a file, not a folder"),
        (lambda site: (site.rename(site.parent / "s"), site.symlink_to(site.parent / "s")), "site is a symbolic link"),
        (lambda site: _put(site, "mine.txt", b""), "not empty and was not written by replayglass"),
        (lambda site: _put(site, "manifest.json", b'{"name":"web app"}'), "was not written by replayglass"),
        (lambda site: _put(site, "manifest.json", b"[]"), "is damaged"),
        (lambda site: _put(site, "manifest.json", b'{"generator":"replayglass","version":2}'), "a newer version"),
        (lambda site: put_link(site, "index.html"), "site/index.html is a symbolic link"),
        (lambda site: put_link(site, "v1/observe"), "site/v1/observe is a symbolic link"),
        (lambda site: put_link(site, "notes/gone/deep.html"), "site/notes/gone/deep.html is a symbolic link"),
        (lambda site: put_link(site, "notes"), "site/notes is a symbolic link"),
        (lambda site: put_link(site, "manifest"), "site/manifest is a symbolic link"),
        (lambda site: (site / "more").write_bytes(b""), "site/more is not a folder"),
        (lambda site: (site / "more/deep/page.html").mkdir(parents=True), "page.html is not a file"),
        (lambda site: ((site / "more/deep").mkdir(parents=True), (site / "more/deep/page.html").touch()), "in the way"),
        (lambda site: (site.parent / ".site.staging").touch(), "is not a staging folder of replayglass"),
        (lambda site: (site.parent / ".site.staging/mine").mkdir(parents=True), "is not a staging folder"),
    ],
)
def test_refusals(old: Path, spoil: Callable[[Path], object], message: str) -> None:
    """What is not ours, not a folder or behind a link is refused with a hint, and nothing is written or removed."""
    spoil(old / "site")
    before = tree(old)
    with pytest.raises(OutputError, match=message) as caught:
        build(old / "site", NEW)
    assert caught.value.hint
    assert tree(old) == before


def test_refused_places(old: Path) -> None:
    """The file system's root, a mount point and a place below a file are no output folders."""
    mount = next(path for path in ("/proc", "/dev") if os.path.ismount(path))
    for out, message in [
        (Path("/"), "^/ cannot be an output folder$"),
        (Path(mount), f"^{mount} is a mount point"),
        (old / "site/index.html/site", "^cannot write .*/index.html/site: Not a directory$"),
    ]:
        with pytest.raises(OutputError, match=message):
            build(out, NEW)


def test_run_folder_is_not_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output folder that is, holds or lies in the run folder is refused, links and dots resolved."""
    (tmp_path / "run/data").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    for out in ("run", "run/site", "run/data/..", "link/site", "link", ".", "x/../run"):
        with pytest.raises(OutputError, match="overlap") as caught, SiteWriter(Path(out), Path("run")):
            pass
        assert caught.value.message.startswith(f"{Path(out)} and run overlap")
    with SiteWriter(tmp_path / "run-site", tmp_path / "run") as writer:
        writer.commit()
    assert tree(tmp_path / "run") == {"data": None}


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
@pytest.mark.parametrize("links", [True, False])
def test_new_files_are_exclusive(old: Path, kind: str, *, links: bool) -> None:
    """What appears at a new file's path while the build runs is not overwritten, and the build is taken back."""
    path = old / "site/v1/observe/pages/000256.json"
    make: dict[str, Callable[[], None]] = {
        "file": path.touch,
        "link": lambda: path.symlink_to("000000.json"),
        "folder": path.mkdir,
    }

    def appear(operation: str, target: str) -> None:
        if operation == "link" and target == str(path):
            make[kind]()
        if operation == "link" and not links:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    before = tree(old / "site")
    with pytest.raises(OutputError, match=r"000256\.json is in the way"):
        build(old / "site", NEW, appear)
    (path.rmdir if kind == "folder" else path.unlink)()
    assert tree(old / "site") == before
    assert names(old) == ["site"]
