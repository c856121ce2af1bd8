"""A folder as a target: read file by file, and written by the one writer of sites, in one commit under its lock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from replayglass.errors import OutputError
from replayglass.output.paths import MANIFEST
from replayglass.output.target import is_vacant
from replayglass.proof.failure import ProofError
from replayglass.publish.source import is_of_manifest
from replayglass.publish.target import Stored
from replayglass.verify.site import SiteFolder, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replayglass.output.writer import SiteWriter
    from replayglass.publish.plan import Plan
    from replayglass.publish.source import Source


class FolderTarget:
    """The folder ``root``, which may be missing."""

    def __init__(self, root: str, shown: str) -> None:
        self.shown = shown
        self._folder = SiteFolder(root)

    def files(self) -> dict[str, Stored]:
        """Return every file; a link is one, too.

        Raises:
            OutputError: (as `is_vacant` does, too) it can be no site, or cannot be read.
        """
        root = self._folder.root
        try:
            return {} if is_vacant(root, self.shown) else dict(self._below(""))
        except OSError as error:
            raise self._failure(unreadable("it", error)) from error

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes."""
        try:
            return self._folder.read(path, limit)
        except ProofError as error:
            raise self._failure(error) from error

    def is_same(self, path: str, stored: Stored, source: Source) -> bool:
        """Tell whether the file has the source's digest."""
        try:
            return self._folder.digest(path, stored.size)[0] == source.files[path].sha256
        except ProofError as error:
            raise self._failure(error) from error

    def _below(self, folder: str) -> Iterator[tuple[str, Stored]]:
        with os.scandir(f"{self._folder.root}/{folder}") as entries:
            for entry in entries:
                path = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    yield from self._below(f"{path}/")
                else:
                    yield path, Stored(entry.stat(follow_symlinks=False).st_size)

    def _failure(self, error: ProofError) -> OutputError:
        return OutputError(f"cannot read {self.shown}: {error}", "choose another folder, or see to its permissions")


def write_into(
    writer: SiteWriter, source: Source, plan: Plan, announce: Callable[[str, int], None], *, prune: bool
) -> None:
    """Put the whole site through the writer, which leaves equal files alone; its manifest as it is.

    Raises:
        ReplayglassError: a file of the site changed, or the folder cannot be written; then it is as it was.
    """
    if not plan.steps and not plan.removed:
        return
    announce("files sent", 0)
    manifest = []
    for path in sorted(source.files):
        if not is_of_manifest(path):
            writer.write(path, source.read(path))
        elif path != MANIFEST:
            manifest.append((path, source.read(path)))
    writer.commit([*manifest, (MANIFEST, source.read(MANIFEST))], prune=prune)
