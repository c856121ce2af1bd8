"""Two publications of a library are compared: the page about them becomes a part of the library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.canon import digest
from replayglass.compare.comparison import compare
from replayglass.compare.folder import comparison_files
from replayglass.compare.page import Hrefs
from replayglass.errors import InputError
from replayglass.library.catalogue import Difference, Side, with_row
from replayglass.library.changing import change, is_finished
from replayglass.library.entries import clipped
from replayglass.library.opening import open_library
from replayglass.library.pages import latest_of
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.publication.published import PublishedSite

if TYPE_CHECKING:
    from replayglass.compare.documents import Comparison
    from replayglass.library.catalogue import Library, Publication
    from replayglass.library.storage import Storage

_UP = "../../"
_SENTENCE = 400
_SIDE = re.compile(r"(?P<run>[a-z0-9][a-z0-9-]{0,63})(?:/(?P<size>[0-9]{1,18}))?", re.ASCII)


def differ(storage: Storage, a: str, b: str) -> tuple[Difference, Comparison]:
    """Compare the publications ``a`` and ``b``, each RUN (its newest publication) or RUN/SIZE.

    Raises:
        InputError: there is no such publication, or it was removed, or cannot be read.
        OutputError: the library cannot be used or written.
    """
    library = open_library(storage)
    mine, other = find(library, a), find(library, b)
    with storage.site(mine.address) as one, storage.site(other.address) as two:
        shown = (f"{storage.shown}/{side.address}" for side in (mine, other))
        found = compare(*(PublishedSite(folder, name) for folder, name in zip((one, two), shown, strict=True)))
    says = clipped(found.verdict, _SENTENCE)
    row = Difference(Side(mine.run, mine.size), Side(other.run, other.size), found.same, says)
    _write(storage, row, found, Hrefs(f"{_UP}{mine.address}/", f"{_UP}{other.address}/"))
    rows = with_row(library.rows, row)
    if rows != library.rows or not is_finished(library):
        change(storage, library, rows)
    return row, found


def find(library: Library, name: str) -> Publication:
    """Return the publication that RUN or RUN/SIZE names.

    Raises:
        InputError: there is none, or it was removed.
    """
    named = _SIDE.fullmatch(name)
    run = [] if named is None else library.run(named["run"])
    size = None if named is None or named["size"] is None else int(named["size"])
    found = [one for one in run if size is None or one.size == size]
    if not found:
        message = f"the library has no publication {name}"
        raise InputError(message, "RUN or RUN/SIZE; the names of the runs: see its first page")
    one = latest_of(found)
    if one.removed is not None:
        message = f"the publication {one.run}/{one.size} was removed from the library"
        raise InputError(message, f"the rule was: {one.removed.rule}")
    return one


def _write(storage: Storage, row: Difference, found: Comparison, hrefs: Hrefs) -> None:
    """Write the folder of a comparison, its manifest last, so that `verify` can check it."""
    files = comparison_files(found, hrefs, f"{_UP}index.html")
    entries = [FileEntry(path, digest(data), len(data)) for path, data in files.items()]
    for path, data in (*files.items(), *build_manifest(entries)):
        storage.write(f"{row.address}/{path}", data)
