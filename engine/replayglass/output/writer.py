"""A site on disk, whole or not at all: pages are staged beside the site and take its place in one commit."""

# ruff: noqa: PTH119, PTH120 - thousands of paths pass here as plain strings

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.output import commit, lock
from replayglass.output.disk import Announce, Disk, silently
from replayglass.output.folder import Folder
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.output.paths import check_path
from replayglass.output.published import read_listing
from replayglass.output.stage import Stage, Staged, Workplace
from replayglass.output.target import is_vacant, locate, refuse_overlap


class Written(NamedTuple):
    """What a build did to the site.

    ``files`` and ``bytes`` are the site as it is now, manifest included; ``changed`` of its files are new or have
    other bytes than before, ``unchanged`` were not touched; ``removed`` files of the earlier build are gone.
    """

    files: int
    bytes: int
    changed: int
    unchanged: int
    removed: int


class SiteWriter:
    """Context manager that writes one build to the folder ``out``; leaving it without `commit` undoes all of it.

    A missing or empty folder becomes a site by one rename. In a site that an earlier build wrote, equal files are not
    touched, and the others are exchanged under a journal, so that every file is whole at any moment and the next build
    completes what a crash interrupted. Files that no manifest lists are left alone. ``forbidden`` is the run folder,
    which is never written into. ``announce`` hears of each change to the file system before it is made.

    Raises:
        OutputError: on entering, writing or committing; the site is as it was unless the message's hint says otherwise.
    """

    def __init__(self, out: Path, forbidden: Path | None = None, *, announce: Announce = silently) -> None:
        self._out = out
        self._forbidden = forbidden
        self._shown = str(out)
        self._disk = Disk(announce)
        self._exit = contextlib.ExitStack()
        self._entries: dict[str, FileEntry] = {}
        self._old: dict[str, FileEntry] = {}
        self._new: list[str] = []
        self._changed: list[str] = []

    def __enter__(self) -> Self:
        if self._forbidden is not None:
            refuse_overlap(self._out, self._forbidden)
        self._real = locate(self._out)
        self._staging = f"{os.path.dirname(self._real)}/.{os.path.basename(self._real)}.staging"
        with contextlib.ExitStack() as undo, self._explained():
            is_vacant(self._real, self._shown)
            self._make_parents(undo)
            handle = lock.acquire(self._staging, self._shown, self._disk)
            undo.callback(self._release, handle)
            self._prepare()
            self._exit = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def published(self, wanted: Callable[[str], bool]) -> list[tuple[str, bytes]]:
        """Return path and bytes of the site's files that are ``wanted`` by their path, as the earlier build left them.

        Raises:
            OutputError: one is missing, has other bytes than the manifest says, or cannot be read.
        """
        with self._explained():
            return [(path, self._earlier(self._old[path])) for path in sorted(self._old) if wanted(path)]

    @property
    def workplace(self) -> Workplace:
        """Return where this build works, for other processes that share it."""
        return Workplace(self._real, self._shown, self._tree.root)

    def file(self, path: str) -> FileEntry:
        """Return what the manifest will say of a file that was written."""
        return self._entries[path]

    def has(self, entry: FileEntry) -> bool:
        """Say whether the earlier build left a file, as its manifest and the file's size say."""
        is_listed = self._old.get(entry.path) == entry
        return is_listed and self._site is not None and self._site.size(entry.path) == entry.size

    def keep(self, entry: FileEntry) -> None:
        """Take a file of the earlier build over as it is; it must be one that the site `has`."""
        self._entries[entry.path] = entry

    def write(self, path: str, data: bytes) -> None:
        """Stage the page ``path``, unless the site has it with the same bytes.

        Raises:
            ValueError: ``path`` is no path of a site, or was written before.
            OutputError: it cannot be written, or a file that is not ours is in the way.
        """
        self._refuse_twice(path)
        self._take(self._put(path, data))

    def adopt(self, staged: Staged) -> None:
        """Take a file in that another process has put into the staging tree.

        Raises:
            ValueError: its path is no path of a site, or was written before.
        """
        self._refuse_twice(staged.entry.path)
        self._take(staged)

    def commit(self, manifest: list[tuple[str, bytes]] | None = None, *, prune: bool = True) -> Written:
        """Write the manifest, then put the build in the place of the earlier one.

        ``manifest`` are the documents of one that was made elsewhere, ``manifest.json`` last. Without ``prune`` files
        that the earlier build alone has stay, although no manifest lists them any more.

        Raises:
            OutputError: it cannot be; the earlier site stays, or, when replacing had begun, the next build goes on.
        """
        documents = build_manifest(self._entries.values()) if manifest is None else manifest
        for path, data in documents:
            self._count(self._put(path, data))
        with self._explained():
            removed = self._publish() if self._site is None else self._exchange(self._site, documents, prune=prune)
        files = len(self._entries) + len(documents)
        total = sum(entry.size for entry in self._entries.values()) + sum(len(data) for _, data in documents)
        changed = len(self._new) + len(self._changed)
        return Written(files, total, changed, files - changed, removed)

    def _earlier(self, entry: FileEntry) -> bytes:
        size = None if self._site is None else self._site.size(entry.path)
        if self._site is not None and size == entry.size:
            data = self._site.read(entry.path, size)
            if digest(data) == entry.sha256:
                return data
        message = f"{self._shown}/{entry.path} is missing or was changed since it was published"
        raise OutputError(message, "restore it from a copy of the site, or publish to a new folder")

    def _make_parents(self, undo: contextlib.ExitStack) -> None:
        """Make the missing folders above the site; ``undo`` removes those that stay empty."""
        missing = []
        folder = os.path.dirname(self._real)
        while not os.path.lexists(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                self._disk.make_folder(folder)
            undo.callback(self._disk.remove_folder, folder)

    def _prepare(self) -> None:
        """Complete or discard what an earlier build left, and look at the site as it is then."""
        site = Folder(self._real, self._shown)
        commit.recover(commit.exchange_between(self._staging, site, self._disk))
        lock.clear(self._staging, self._disk)
        site = Folder(self._real, self._shown)
        self._site = None if is_vacant(self._real, self._shown) else site
        if self._site:
            self._old = read_listing(site)
            self._base = commit.manifest_digest(site) or ""
        self._tree = commit.exchange_between(self._staging, site, self._disk).staged
        self._disk.make_folder(self._tree.root)
        self._stage = Stage(self._site, self._tree, self._old, self._disk)

    def _release(self, handle: int) -> None:
        """Leave the staging folder only to a commit that is to be completed; what else stays, the next build clears."""
        with contextlib.suppress(OSError):
            lock.release(self._staging, handle, self._disk, keep=commit.is_begun(self._staging))

    def _refuse_twice(self, path: str) -> None:
        check_path(path)
        if path in self._entries:
            message = f"written twice: {path!r}"
            raise ValueError(message)

    def _take(self, staged: Staged) -> None:
        self._count(staged)
        self._entries[staged.entry.path] = staged.entry

    def _put(self, path: str, data: bytes) -> Staged:
        try:
            return self._stage.put(path, data)
        except OSError as error:
            raise self._failure(error, "/", path) from error

    def _count(self, staged: Staged) -> None:
        if staged.state == "new":
            self._new.append(staged.entry.path)
        elif staged.state == "changed":
            self._changed.append(staged.entry.path)

    def _publish(self) -> int:
        self._disk.settle()
        self._disk.move(self._tree.root, self._real)
        return 0

    def _exchange(self, site: Folder, documents: list[tuple[str, bytes]], *, prune: bool) -> int:
        gone = self._old.keys() - self._entries.keys() - {path for path, _ in documents}
        removed = commit.in_order(path for path in gone if prune and site.size(path) is not None)
        if self._new or self._changed or removed:
            new, changed = commit.in_order(self._new), commit.in_order(self._changed)
            journal = commit.Journal(self._base, digest(documents[-1][1]), new, changed, removed)
            exchange = commit.exchange_between(self._staging, site, self._disk)
            commit.begin(journal, exchange)
            commit.run(journal, exchange)
        return len(removed)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError, *path: str) -> OutputError:
        hint = "the site is as it was; see to the folder's permissions and free space, then build again"
        if commit.is_begun(self._staging):
            hint = "the next build into this folder completes what was begun, once the cause is removed"
        message = f"cannot write {self._shown}{''.join(path)}: {error.strerror or 'input/output error'}"
        return OutputError(message, hint)
