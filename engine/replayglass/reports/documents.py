"""The JSON documents of a published site, read with suspicion: of their types, no larger than they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from replayglass.canon import digest
from replayglass.collection import json_path
from replayglass.findings import FINDINGS, FindingRow, FindingsPage
from replayglass.proof.failure import ProofError
from replayglass.siteindex import MovedDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.verify.site import SiteFolder

T = TypeVar("T")

_MOST = 1 << 26
"""Bytes of the largest document that is read: ours stay far below, whatever the limits of a run are."""


class _Pointer(msgspec.Struct):
    schema: str = ""
    blob: str = ""


class Documents:
    """The documents of ``site``.

    Raises (as every method does):
        ProofError: one is missing, too large, or not of its type.
    """

    def __init__(self, site: SiteFolder) -> None:
        self._site = site

    def has(self, path: str) -> bool:
        """Say whether there is such a document."""
        return self._site.size(path) is not None

    def document(self, path: str, kind: type[T]) -> T:
        """Return a document; one that was too large for a file stands in a blob."""
        data = self._site.require(path, _MOST)
        if _decode(path, data, _Pointer).blob:
            moved = _decode(path, data, MovedDocument)
            data = self._blob(moved.blob)
        return _decode(path, data, kind)

    def findings(self, pages: int) -> Iterator[FindingRow]:
        """Give the findings of so many pages, in order."""
        number = 0
        for page in range(pages):
            for row in self._page(page):
                if row.row != number:
                    message = f"{json_path(FINDINGS, page)} does not hold finding {number}"
                    raise ProofError(message)
                number += 1
                yield row

    def _page(self, number: int) -> list[FindingRow]:
        path = json_path(FINDINGS, number)
        page = _decode(path, self._site.require(path, _MOST), FindingsPage)
        moved = [_decode(row.blob, self._blob(row.blob), FindingRow) for row in page.moved]
        return sorted([*page.findings, *moved], key=lambda row: row.row) if moved else page.findings

    def _blob(self, path: str) -> bytes:
        data = self._site.require(path, _MOST)
        if path != f"blob/{digest(data)}":
            message = f"{path} is not what its name says"
            raise ProofError(message)
        return data


_DECODERS: dict[type, Any] = {}


def _decode(path: str, data: bytes, kind: type[T]) -> T:
    decoder = _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))
    try:
        made: T = decoder.decode(data)
    except (ValueError, RecursionError):
        message = f"{path} is not a document of its type"
        raise ProofError(message) from None
    return made
