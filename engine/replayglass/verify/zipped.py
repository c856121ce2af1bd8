"""A site in a zip archive, read where it is: nothing is unpacked, and an archive that could do harm is refused."""

from __future__ import annotations

from contextlib import nullcontext
from errno import EIO, ENOENT
from io import SEEK_END, BufferedReader, FileIO
from stat import S_IFMT, S_ISDIR, S_ISREG
from struct import error as StructError  # noqa: N812 - the name of a class
from typing import TYPE_CHECKING, NamedTuple, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - the name of a class

from replayglass.errors import InputError
from replayglass.output.paths import is_plain, parent_of
from replayglass.verify.site import Entry, SiteFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from zipfile import ZipInfo

MAX_DIRECTORY = 1 << 25
"""Bytes of the largest directory of an archive that is read: more than 300,000 files of a site."""

MAX_RATIO = 200
"""How many times larger than the archive its files may be together; sites come to 30 at most."""

_SMALL = 1 << 24
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER = 30
_DAMAGE = (BadZipFile, NotImplementedError, ValueError, EOFError, StructError, ZlibError, OverflowError, RuntimeError)


class _Member(NamedTuple):
    """A name in a folder of the archive."""

    name: str
    is_folder: bool

    def is_dir(self, *, follow_symlinks: bool) -> bool:  # noqa: ARG002 - as os.DirEntry has it; there are no links
        """Tell whether it is a folder."""
        return self.is_folder

    def is_file(self, *, follow_symlinks: bool) -> bool:  # noqa: ARG002 - as os.DirEntry has it; there are no links
        """Tell whether it is a file."""
        return not self.is_folder


class SiteArchive(SiteFolder):
    """The files of a zip archive that was found to be harmless; ``root`` is its path."""

    def __init__(self, root: str, archive: ZipFile, files: dict[str, ZipInfo], folders: Iterable[str]) -> None:
        super().__init__(root)
        self._archive = archive
        self._files = files
        self._members: dict[str, list[Entry]] = {folder: [] for folder in ("", *folders)}
        for folder in filter(None, self._members):
            self._members[parent_of(folder)].append(_Member(folder.rpartition("/")[2], is_folder=True))
        for path in files:
            self._members[parent_of(path)].append(_Member(path.rpartition("/")[2], is_folder=False))

    def scan(self, folder: str) -> AbstractContextManager[Iterator[Entry]]:
        """Return what ``folder`` holds, as `SiteFolder.scan` does."""
        members = self._members.get(folder.removesuffix("/"))
        if members is None:
            raise FileNotFoundError(ENOENT, "no such folder in the archive")
        return nullcontext(iter(members))

    def size(self, path: str) -> int | None:
        """Return the size of the file in bytes, None if there is none."""
        info = self._files.get(path)
        return None if info is None else info.file_size

    def _open(self, path: str) -> _Checked:
        return _Checked(self._archive, self._files[path])


class _Checked:
    """A file of an archive; whatever is wrong with how it is packed is an OSError."""

    def __init__(self, archive: ZipFile, info: ZipInfo) -> None:
        try:
            self._file = archive.open(info)
        except _DAMAGE as error:
            raise _damaged() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes."""
        try:
            return self._file.read(size)
        except _DAMAGE as error:
            raise _damaged() from error


class _Bounded(BufferedReader):
    """An archive's file: what is read of it at once is bounded, so its directory is, too."""

    def __init__(self, path: str) -> None:
        super().__init__(FileIO(path))
        self.size = self.seek(0, SEEK_END)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = max(0, self.size - self.tell())
        if size > MAX_DIRECTORY:
            message = "a directory that is too large"
            raise BadZipFile(message)
        return super().read(size)


def open_archive(path: str) -> SiteArchive:
    """Return the site in the zip archive ``path``.

    Stored and deflated files are read, as `pack`, `zip` and CI systems write them.

    Raises:
        InputError: it is no such archive, or one that could do harm; nothing of a file was read.
    """
    try:
        raw = _Bounded(path)
        archive = ZipFile(raw)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or 'input/output error'}"
        raise InputError(message) from error
    except _DAMAGE as error:
        message = f"{path} is neither the folder of a site nor a zip archive that can be read"
        raise InputError(message) from error
    infos = archive.infolist()
    files = {info.filename: info for info in infos if not info.is_dir()}
    folders = _folders(files, infos)
    reason = next(filter(None, map(_harm, infos)), None) or _harm_of_all(infos, files, folders, raw.size)
    if reason is not None:
        message = f"the archive {path} is refused: {reason}"
        raise InputError(message, "A site is packed with replayglass pack.")
    return SiteArchive(path, archive, files, folders)


def _folders(files: Iterable[str], infos: Iterable[ZipInfo]) -> dict[str, None]:
    """Return every folder, each behind the one that it is in."""
    found = {parent_of(path) for path in files} | {info.filename.rstrip("/") for info in infos if info.is_dir()}
    whole = {folder[:end] for folder in found for end in _ends(folder)}
    return dict.fromkeys(sorted(whole))


def _ends(folder: str) -> Iterator[int]:
    yield from (place for place, char in enumerate(folder) if char == "/" and place)
    if folder:
        yield len(folder)


def _harm(info: ZipInfo) -> str | None:
    """Return why an entry is refused, None if it is not; its name may hold anything."""
    name = info.orig_filename
    kind = S_IFMT(info.external_attr >> 16)
    wrong = {
        "is not a path of a site": info.filename != name or not is_plain(name.removesuffix("/")),
        "is a link or a device": kind and not (S_ISDIR(kind) if info.is_dir() else S_ISREG(kind)),
        "is encrypted": info.flag_bits & _ENCRYPTED,
        "is compressed by another method than deflate": info.compress_type not in {ZIP_STORED, ZIP_DEFLATED},
        "is a folder with content": info.is_dir() and info.file_size,
        "has two sizes": info.compress_type == ZIP_STORED and info.file_size != info.compress_size,
    }
    reason = next((reason for reason, is_so in wrong.items() if is_so), None)
    return None if reason is None else f"{name[:200]!r} {reason}"


def _harm_of_all(infos: Iterable[ZipInfo], files: Iterable[str], folders: Iterable[str], size: int) -> str | None:
    infos = sorted(infos, key=lambda info: info.header_offset)
    names = {info.filename.rstrip("/") for info in infos}
    if len(names) < len(infos):
        return "it has two entries of one name"
    if not set(files).isdisjoint(folders):
        return "a file has the name of a folder"
    end = 0
    for info in infos:
        if info.header_offset < end:
            return f"{info.filename!r} overlaps another file"
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
    if sum(info.file_size for info in infos) > max(_SMALL, size * MAX_RATIO):
        return f"its files would be more than {MAX_RATIO} times as large"
    return None


def _damaged() -> OSError:
    return OSError(EIO, "the archive is damaged")
