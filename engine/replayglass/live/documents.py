"""The JSON documents of one publication, read for the observer's answers: pages, and what was moved out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw, Struct

from replayglass.damage import TORN
from replayglass.live.files import UnsettledError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.live.publication import Publication

T = TypeVar("T")


class Collection(Struct, frozen=True):
    """A paged collection as ``v1/index.json`` lists it."""

    folder: str
    pages: int = 0


class Account(Struct, frozen=True):
    """How many records of a stream could not be read."""

    stream: str
    unreadable: int


class Index(Struct, frozen=True):
    """The part of ``v1/index.json`` that matters here."""

    account: tuple[Account, ...]
    collections: tuple[Collection, ...]


class Moved(Struct, frozen=True):
    """Where a row is that did not fit its page; ``seq`` numbers records, ``row`` other rows."""

    blob: str
    seq: int = -1
    row: int = -1


class Damaged(Struct, frozen=True):
    """A record that is not among the page's events or snapshots, or not valid."""

    seq: int
    line: int
    offset: int
    code: str


class Blobbed(Struct, frozen=True):
    """Bytes that are a file of their own."""

    blob: str


class _Pointer(Struct, frozen=True):
    blob: str | None = None


class Documents:
    """The documents of ``publication``; each method raises UnsettledError when one is not as listed."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication

    def file(self, path: str) -> bytes | None:
        """Return the bytes of a file, None if the publication has none: then it holds no such data."""
        entry = self._publication.find(path)
        if entry is None:
            return None
        with self._publication.open(entry) as file:
            return file.read()

    def blob(self, path: str) -> bytes:
        """Return the bytes of a file that another one names."""
        data = self.file(path)
        if data is None:
            message = f"{path} is missing"
            raise UnsettledError(message)
        return data

    def document(self, path: str) -> bytes | None:
        """Return a document that is no page; one that was too large (schema ``moved-document``) is in a blob."""
        data = self.file(path)
        moved = None if data is None else decode(data, _Pointer).blob
        return data if moved is None else self.blob(moved)

    def index(self) -> Index:
        """Return the entry point of the JSON."""
        return decode(self.blob("v1/index.json"), Index)

    def collection(self, folder: str) -> Collection:
        """Return a collection; one without pages if the publication does not have it."""
        found = (item for item in self.index().collections if item.folder == folder)
        return next(found, Collection(folder))

    def page(self, collection: Collection, number: int, kind: type[T]) -> T:
        """Return a page of a collection."""
        return decode(self.blob(f"{collection.folder}/pages/{number:06d}.json"), kind)

    def pages(self, collection: Collection, kind: type[T]) -> Iterator[T]:
        """Give all pages of a collection in order."""
        return (self.page(collection, number, kind) for number in range(collection.pages))

    def unreadable(self, stream: str) -> int:
        """Return how many records of a stream could not be read; a torn tail is no record yet."""
        return sum(item.unreadable for item in self.index().account if item.stream == stream)


def decode(data: bytes | Raw, kind: type[T]) -> T:
    """Return the JSON value that ``data`` is.

    Raises:
        UnsettledError: it is none of that shape, so the site was not written by this version.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        message = "a document of the publication is not written as ours are"
        raise UnsettledError(message) from error


def records(damaged: tuple[Damaged, ...]) -> tuple[Damaged, ...]:
    """Return the damaged records without a torn tail: the writer may be about to complete it."""
    return tuple(item for item in damaged if item.code != TORN.code)


def taken(kept: Iterator[Raw]) -> bytes:
    """Return the next row that a page holds; raises UnsettledError when it has fewer than it counts."""
    row = next(kept, None)
    if row is None:
        message = "a page of the publication counts more rows than it has"
        raise UnsettledError(message)
    return bytes(row)


def joined(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Give ``parts`` with a comma between any two; empty ones are left out."""
    comma = b""
    for part in parts:
        if part:
            yield comma + part
            comma = b","
