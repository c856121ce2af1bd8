"""How long a copy of each file of a site may be used unasked, by what the site itself says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import json_path
from replayglass.proof.failure import ProofError
from replayglass.proof.tiles import WIDTH, parse_tile_path
from replayglass.row import page_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from replayglass.row import Collection
    from replayglass.siteindex import Index

FOREVER = "public, max-age=31536000, immutable"
"""For files that are named by their content: another content has another name."""

A_DAY = "public, max-age=86400, immutable"
"""For full pages of records and full tiles: a log that grows never changes them, another version of replayglass may."""

ASKED = "no-cache"
"""For all else: a copy may be kept, and must be asked about before it is used."""

_BY_CONTENT = ("assets/", "blob/")


class Caching:
    """What the entry point of the JSON (``index``) says of the pages of ``streams``."""

    def __init__(self, index: Index, streams: Mapping[str, Collection]) -> None:
        self._full = set(_full_pages(index, streams.values()))

    def of(self, path: str) -> str:
        """Return the value of the header Cache-Control for a file of the site."""
        if path.startswith(_BY_CONTENT):
            return FOREVER
        return A_DAY if path in self._full or _is_full_tile(path) else ASKED

    def is_fixed(self, path: str) -> bool:
        """Tell whether a file never changes when the log grows."""
        return self.of(path) != ASKED


def _full_pages(index: Index, collections: Iterable[Collection]) -> Iterable[str]:
    """Give the HTML and JSON pages of records that are full; other pages may speak of the end of the log."""
    of_records = {collection.json_folder: collection for collection in collections}
    for entry in index.collections:
        if entry.folder in of_records:
            collection = of_records[entry.folder]
            for number in range(min(entry.count // collection.size, entry.pages)):
                yield page_path(collection, number)
                yield json_path(collection, number)


def _is_full_tile(path: str) -> bool:
    if not path.startswith("log/"):
        return False
    try:
        return parse_tile_path(path.split("/", 2)[-1]).width == WIDTH
    except ProofError:
        return False
