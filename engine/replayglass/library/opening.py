"""A library is opened: its catalogue is read with suspicion, or it is found that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.errors import OutputError
from replayglass.library.catalogue import CATALOGUE, NOTHING, Library, decode_catalogue, decode_part
from replayglass.output.manifest import GENERATOR, decode_marker

if TYPE_CHECKING:
    from replayglass.library.catalogue import Catalogue, Row
    from replayglass.library.storage import Storage

MAX_CATALOGUE = 1 << 24
"""Bytes of the largest ``library.json`` or part that is read."""

_VERSION = 1


def open_library(storage: Storage) -> Library:
    """Return the library that ``storage`` holds, an empty one where there is nothing at all.

    Raises:
        OutputError: there is something else, the catalogue is damaged, or of a newer version, or cannot be read.
    """
    data = storage.read(CATALOGUE, MAX_CATALOGUE)
    if data is None:
        if storage.is_vacant():
            return NOTHING
        message = f"{storage.shown} is not a library: it is not empty and has no {CATALOGUE}"
        raise OutputError(message, "name a library, or a folder that is empty or new")
    try:
        catalogue = _decode(storage, data)
        return Library(catalogue, _rows(storage, catalogue), data)
    except (ValueError, RecursionError) as error:
        message = f"the catalogue of the library {storage.shown} is damaged"
        raise OutputError(message, "nothing was written; restore its catalogue from a copy of the library") from error


def _decode(storage: Storage, data: bytes) -> Catalogue:
    marker = decode_marker(data)
    if marker.generator == GENERATOR and marker.version > _VERSION:
        message = f"the library {storage.shown} was written by a newer version of replayglass"
        raise OutputError(message, "upgrade replayglass")
    return decode_catalogue(data)


def _rows(storage: Storage, catalogue: Catalogue) -> tuple[Row, ...]:
    rows: list[Row] = []
    for entry in catalogue.parts:
        rows += decode_part(storage.read(entry.path, MAX_CATALOGUE) or b"", entry)
    if len({row.address for row in rows}) < len(rows):
        message = "a publication is listed twice"
        raise ValueError(message)
    return tuple(rows)
