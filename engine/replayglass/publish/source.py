"""The site that is going to be published: every file as its manifest lists it, read once more when it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest
from replayglass.errors import InputError
from replayglass.output.manifest import FileEntry
from replayglass.output.paths import MANIFEST, is_shard_path
from replayglass.output.published import MAX_DOCUMENT, read_manifest
from replayglass.proof.failure import ProofError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.verify.site import SiteFolder


class Source(NamedTuple):
    """The folder of a site, and each of its files by path, manifest and shards included."""

    folder: SiteFolder
    files: Mapping[str, FileEntry]

    def read(self, path: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            InputError: they are not those that were listed at the beginning.
        """
        entry = self.files[path]
        try:
            data = self.folder.require(path, entry.size)
        except ProofError as error:
            raise _changed(str(error)) from error
        if digest(data) != entry.sha256:
            raise _other(path)
        return data

    def look_at(self, path: str) -> None:
        """Make sure that a file is the one that was listed at the beginning; raises as `read` does."""
        entry = self.files[path]
        try:
            found = self.folder.digest(path, entry.size)[0]
        except ProofError as error:
            raise _changed(str(error)) from error
        if found != entry.sha256:
            raise _other(path)


def open_source(folder: SiteFolder) -> Source:
    """Return the site as its manifest lists it now.

    Raises:
        ReplayglassError: the manifest is missing or damaged.
    """
    data = folder.require(MANIFEST, MAX_DOCUMENT)
    listed = read_manifest(Path(folder.root))
    return Source(folder, {**listed, MANIFEST: FileEntry(MANIFEST, digest(data), len(data))})


def is_of_manifest(path: str) -> bool:
    """Tell whether a file is ``manifest.json`` or one of its shards."""
    return path == MANIFEST or is_shard_path(path)


def _other(path: str) -> InputError:
    return _changed(f"{path} is another file than a moment ago")


def _changed(reason: str) -> InputError:
    return InputError(f"the site changed while it was published: {reason}", "wait until no build is writing to it")
