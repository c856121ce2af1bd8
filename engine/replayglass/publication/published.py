"""A published site opened for reading: nothing is used but the exact bytes that its manifest lists.

A blob has its SHA-256 for a name, so a file that the manifest lists vouches for those that it names: they need no look
at the manifest, in which blobs are scattered over hundreds of shards.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

from msgspec import Struct

from replayglass.errors import InputError
from replayglass.live.documents import decode
from replayglass.live.files import UnsettledError
from replayglass.live.publication import Publication
from replayglass.output.manifest import FileEntry
from replayglass.output.paths import MANIFEST
from replayglass.output.published import MAX_DOCUMENT
from replayglass.proof.earlier import checkpoint_name
from replayglass.proof.failure import ProofError
from replayglass.proof.note import MAX_NOTE
from replayglass.registry import domain_named
from replayglass.siteindex import Index, MovedDocument
from replayglass.verify.counts import INDEX
from replayglass.verify.heads import open_signed, open_unsigned
from replayglass.verify.whole import open_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.verify.report import Commitment

T = TypeVar("T")

MAX_READ = 1 << 26
"""Bytes of the largest document, page or record that is read: most are of 512 KiB at most, by default."""

_HINT = "replayglass verify says what is wrong with a site; or a build is at work in it"


class _Pointer(Struct, frozen=True):
    blob: str | None = None


class PublishedSite:
    """The site in ``folder``; errors call it ``shown``.

    ``digest`` is the SHA-256 of its manifest and names the publication, ``index`` is the entry point of its JSON,
    ``domain`` the kind of run that it shows. Signatures are not checked here: that is what `verify` is for.

    Raises (as every method does):
        InputError: there is no site, or a file of it is missing, not the one that the manifest lists, larger than any
            can be, or not written as ours are.
    """

    def __init__(self, folder: str, shown: str) -> None:
        self._shown = shown
        with self.explaining():
            self._listed = Publication(folder, open_site(folder).require(MANIFEST, MAX_DOCUMENT))
        self.digest = self._listed.digest
        self.index = self.document(INDEX, Index)
        domain = domain_named(self.index.domain)
        if domain is None:
            self.refuse("it shows a kind of run that this version does not know")
        self.domain = domain

    def find(self, path: str) -> FileEntry | None:
        """Return what the manifest says of a file, None if the site does not have it."""
        with self.explaining():
            return self._listed.find(path)

    def read(self, path: str, limit: int = MAX_READ) -> bytes | None:
        """Return the bytes of a file, None if the site does not have it."""
        entry = self.find(path)
        return None if entry is None else self.take(entry, limit)

    def take(self, entry: FileEntry, limit: int = MAX_READ) -> bytes:
        """Return the bytes of a file that `find` found."""
        if entry.size > limit:
            self.refuse(f"{entry.path} has {entry.size} bytes; at most {limit} are read")
        with self.explaining(), self._listed.open(entry) as file:
            return file.read()

    def require(self, path: str) -> bytes:
        """Return the bytes of a file that the site must have."""
        data = self.read(path)
        if data is None:
            self.refuse(f"{path} is missing")
        return data

    def document(self, path: str, kind: type[T]) -> T:
        """Return a document that is no page; one that was too large for its place is read from its blob."""
        data = self.require(path)
        if self.decode(data, _Pointer, path).blob is not None:
            moved = self.decode(data, MovedDocument, path)
            data = self.blob(moved.blob, moved.size)
        return self.decode(data, kind, path)

    def blob(self, path: str, size: int) -> bytes:
        """Return the bytes of the blob ``path``, which a file of this site names with its size."""
        return self.take(FileEntry(path, path.removeprefix("blob/"), size))

    def decode(self, data: bytes, kind: type[T], what: str = "a document of it") -> T:
        """Return the JSON value that ``data``, from this site, is; ``what`` it is called where it is none of ours."""
        with self.explaining():
            return decode(data, kind, what)

    def pages(self, folder: str) -> Iterator[FileEntry]:
        """Give the JSON pages of the collection in ``folder`` in order, as the manifest lists them."""
        number = 0
        while (entry := self.find(f"{folder}/pages/{number:06d}.json")) is not None:
            yield entry
            number += 1

    def head(self, stream: str) -> Commitment:
        """Return the newest checkpoint of the log of a stream."""
        signed, unsigned = (
            self.read(f"log/{stream}/{checkpoint_name(signed=signed)}", MAX_NOTE) for signed in (True, False)
        )
        if signed is None and unsigned is None:
            self.refuse(f"log/{stream}/ has no checkpoint")
        with self.explaining():
            return open_unsigned(unsigned or b"", ()) if signed is None else open_signed(signed, ())

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn what is wrong with files of this site that are read meanwhile into an InputError."""
        try:
            yield
        except (UnsettledError, ProofError) as error:
            self.refuse(error)

    def refuse(self, what: object) -> NoReturn:
        """Stop because of what is wrong with the site."""
        message = f"{self._shown} cannot be read as a site: {what}"
        raise InputError(message, _HINT)
