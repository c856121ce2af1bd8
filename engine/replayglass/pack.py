"""A site as one zip archive whose bytes depend on nothing but the site's."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from hashlib import sha256
from os.path import realpath
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from replayglass.errors import InputError, OutputError
from replayglass.output.paths import MANIFEST
from replayglass.output.published import read_manifest
from replayglass.proof.failure import ProofError
from replayglass.verify.manifest import check_manifest
from replayglass.verify.site import MAX_FILE, SiteFolder
from replayglass.verify.tree import check_tree
from replayglass.verify.whole import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can name."""

_MODE = 0o100644 << 16
_UNIX = 3


class Packed(NamedTuple):
    """An archive: how many files it holds, its bytes, its SHA-256."""

    files: int
    bytes: int
    sha256: str


def pack(site: Path, out: Path, announce: Callable[[str, int], None]) -> Packed:
    """Write the site in the folder ``site`` to the zip archive ``out``, which appears when it is whole.

    Files are in the order of their paths, stored as they are (no compressor's version shows in the bytes), with one
    time and one mode.

    Raises:
        InputError: the folder's files are not exactly those that its manifest lists.
        OutputError: the archive cannot be written; what was there before is as it was.
    """
    if Path(realpath(out)).is_relative_to(realpath(site)):
        message = f"{out} would be a file of the site that its manifest does not list"
        raise InputError(message, "write it to another folder")
    folder = open_folder(str(site))
    listed = _listed(site, folder, announce)
    announce("archive", 0)
    with _appearing(out) as file:
        with ZipFile(file, "w", ZIP_STORED) as archive:
            for path in sorted(listed):
                _add(archive, folder, path, listed[path])
        file.seek(0)
        hasher = sha256()
        while piece := file.read(1 << 20):
            hasher.update(piece)
        return Packed(len(listed), file.tell(), hasher.hexdigest())


def _listed(site: Path, folder: SiteFolder, announce: Callable[[str, int], None]) -> dict[str, str]:
    """Return the SHA-256 of every file of the site by its path, after all of them were found to be right."""
    manifest, listing = check_manifest(folder, announce)
    tree = check_tree(folder, listing, lambda _path: True)
    for check in (manifest, tree):
        if check.failures:
            message = f"{site} is not what its manifest says: {check.failures[0]}"
            raise InputError(message, "restore it from a copy of the site, or build it again")
    listed = {path: entry.sha256 for path, entry in read_manifest(site).items()}
    return {**listed, MANIFEST: folder.digest(MANIFEST)[0]}


def _add(archive: ZipFile, folder: SiteFolder, path: str, wanted: str) -> None:
    info = ZipInfo(path, _TIME)
    info.create_system = _UNIX
    info.external_attr = _MODE
    info.file_size = folder.size(path) or 0
    with archive.open(info, "w") as member:
        both = _Both(member)
        try:
            folder.feed(path, both, MAX_FILE)
        except ProofError as error:
            raise InputError(str(error)) from error
    if both.hasher.hexdigest() != wanted:
        message = f"{path} changed while it was packed"
        raise InputError(message, "wait until no build is writing to the site")


class _Both:
    """Writes what it takes, and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hasher = sha256()

    def update(self, piece: bytes, /) -> None:
        """Take the next piece."""
        self._file.write(piece)
        self.hasher.update(piece)


@contextmanager
def _appearing(out: Path) -> Iterator[IO[bytes]]:
    """Give a new file that becomes ``out`` at the end, and goes away if something fails; no link is followed."""
    draft = None
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name[:80]}.", delete=False) as file:
            draft = file.name
            yield file.file
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o666 & ~_umask())
        os.replace(draft, out)  # noqa: PTH105 - both are names in one folder
        draft = None
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror or 'input/output error'}"
        raise OutputError(message) from error
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
