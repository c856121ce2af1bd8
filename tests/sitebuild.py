"""Small sites, faults and processes for the tests of the site writer."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from replayglass.errors import OutputError
from replayglass.output.disk import Announce, silently
from replayglass.output.writer import SiteWriter, Written

Pages = dict[str, bytes]
OLD: Pages = {
    "index.html": b"overview of 2",
    "v1/index.json": b"{}",
    "v1/observe/pages/000000.json": b"full page",
    "v1/observe/pages/000001.json": b"last page",
    "log/audit/checkpoint": b"2",
    "log/audit/tile/0/000.p/2": b"partial tile",
    "notes/gone/deep.html": b"to be removed",
    "same.css": b"",
}
NEW: Pages = {
    "index.html": b"overview of 300",
    "v1/index.json": b"[]",
    "v1/observe/pages/000000.json": b"full page",
    "v1/observe/pages/000001.json": b"last page, longer",
    "v1/observe/pages/000256.json": b"new page",
    "log/audit/checkpoint": b"3",
    "log/audit/tile/0/000": b"full tile",
    "more/deep/page.html": b"new folder",
    "same.css": b"",
}


def build(out: Path, pages: Pages, announce: Announce = silently) -> Written:
    """Build a site of ``pages`` in ``out``."""
    with SiteWriter(out, announce=announce) as writer:
        for path, data in pages.items():
            writer.write(path, data)
        return writer.commit()


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return what a folder holds: bytes for a file, None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def names(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def in_child(action: Callable[[], object]) -> int:
    """Run ``action`` in a process of its own and return its exit code, 1 when it raised."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001 - nothing may run on into the test session
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Fault:
    """Hears operations, at number ``at`` (from 0) does ``action``; with ``links`` False no hard link can be made."""

    def __init__(self, at: int, action: Callable[[], None], *, links: bool = True) -> None:
        self.left = at
        self.action = action
        self.links = links
        self.heard: list[tuple[str, str]] = []

    def __call__(self, operation: str, path: str) -> None:
        """Hear of an operation."""
        self.heard.append((operation, path))
        self.left -= 1
        if self.left == -1:
            self.action()
        if operation == "link" and not self.links:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def full() -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def operations(folder: Path, pages: Pages, *, links: bool = True) -> list[tuple[str, str]]:
    """Return the operations of a build into the folder."""
    fault = Fault(-9, full, links=links)
    build(folder, pages, fault)
    return fault.heard


def assert_whole(site: Path, *trees: dict[str, bytes | None]) -> None:
    """Assert that every file of the site is what it is in one of the ``trees``, and none is gone that all have."""
    found = tree(site)
    assert set.intersection(*map(set, trees)) <= found.keys()
    for path, data in found.items():
        assert any(path in known and known[path] == data for known in trees), path


def failure_of(action: Callable[[], object]) -> OutputError | None:
    """Run ``action`` and return the refusal that it ended with, None when it went well."""
    try:
        action()
    except OutputError as error:
        return error
    return None


def put_link(site: Path, path: str) -> None:
    """Move ``path`` out of the site and put a link to it there."""
    target = site.parent / "elsewhere"
    (site / path).rename(target)
    (site / path).symlink_to(target)


def say(pipe: int) -> None:
    """Wake up the process that reads from the pipe."""
    os.write(pipe, b".")
