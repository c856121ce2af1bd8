"""The JSON documents of one publication, read for the observer's answers: pages, and what was moved out of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw, Struct

from replayglass.canon import encode
from replayglass.collection import json_path
from replayglass.live.files import UnsettledError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.live.publication import Publication
    from replayglass.row import Collection

T = TypeVar("T")


class _Listed(Struct, frozen=True):
    folder: str
    pages: int


class _Account(Struct, frozen=True):
    stream: str
    unreadable: int


class _Index(Struct, frozen=True):
    """The part of ``v1/index.json`` that matters here."""

    account: tuple[_Account, ...]
    collections: tuple[_Listed, ...]


class _Pointer(Struct, frozen=True):
    blob: str | None = None


class Documents:
    """The documents of ``publication``; each method raises UnsettledError when one is not as listed."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication

    def blob(self, path: str) -> bytes:
        """Return the bytes of a file that another one names."""
        data = self._file(path)
        if data is None:
            message = f"{path} is missing"
            raise UnsettledError(message)
        return data

    def document(self, path: str, absent: object) -> bytes:
        """Return a document that is no page, or ``absent`` as JSON if the publication holds no such data.

        One that was too large (schema ``moved-document``) is in a blob.
        """
        data = self._file(path)
        if data is None:
            return encode(absent)
        moved = decode(data, _Pointer).blob
        return data if moved is None else self.blob(moved)

    def page_count(self, collection: Collection) -> int:
        """Return how many pages a collection has; none if the publication does not have it."""
        return sum(item.pages for item in self._index.collections if item.folder == collection.json_folder)

    def page(self, collection: Collection, number: int, kind: type[T]) -> T:
        """Return a page of a collection."""
        return decode(self.blob(json_path(collection, number)), kind)

    def pages(self, collection: Collection, kind: type[T]) -> Iterator[T]:
        """Give all pages of a collection in order."""
        return (self.page(collection, number, kind) for number in range(self.page_count(collection)))

    def row(self, found: bytes | str) -> bytes:
        """Return the bytes of a row that `rows_of` found."""
        return self.blob(found) if isinstance(found, str) else found

    def unreadable(self, stream: str) -> int:
        """Return how many records of a stream could not be read; a torn tail is no record yet."""
        return sum(item.unreadable for item in self._index.account if item.stream == stream)

    @cached_property
    def _index(self) -> _Index:
        return decode(self.blob("v1/index.json"), _Index)

    def _file(self, path: str) -> bytes | None:
        entry = self._publication.find(path)
        if entry is None:
            return None
        with self._publication.open(entry) as file:
            return file.read()


def decode(data: bytes | Raw, kind: type[T], what: str = "a document of the publication") -> T:
    """Return the JSON value that ``data`` is; ``what`` it is called in an error.

    Raises:
        UnsettledError: it is none of that shape, so the site was not written by this version.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        message = f"{what} is not written as ours are"
        raise UnsettledError(message) from error


def rows_of(numbers: Iterable[int], kept: Iterable[Raw], moved: Mapping[int, str]) -> Iterator[bytes | str]:
    """Give the rows of a page with these numbers: the next of those that it ``kept``, or the path where it was moved.

    Raises:
        UnsettledError: it has fewer rows than it counts.
    """
    standing = iter(kept)
    for number in numbers:
        if number in moved:
            yield moved[number]
            continue
        row = next(standing, None)
        if row is None:
            message = "a page of the publication counts more rows than it has"
            raise UnsettledError(message)
        yield bytes(row)


def joined(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Give ``parts`` with a comma between any two; empty ones are left out."""
    comma = b""
    for part in parts:
        if part:
            yield comma + part
            comma = b","
