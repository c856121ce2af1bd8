"""A publication is added to a library: nothing is written before it is known to continue what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from replayglass.errors import InputError
from replayglass.library.catalogue import with_row
from replayglass.library.changing import change, is_finished, record
from replayglass.library.entries import entry_of
from replayglass.library.names import derive_name
from replayglass.library.opening import open_library
from replayglass.proof.rewritten import RewrittenError
from replayglass.publication.published import PublishedSite
from replayglass.publication.streamlog import StreamLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from replayglass.library.catalogue import Publication
    from replayglass.library.storage import Storage


class Added(NamedTuple):
    """What was added; ``is_new`` is False when the library had it just so."""

    publication: Publication
    is_new: bool


def add(site: Path, storage: Storage, name: str | None, publish: Callable[[str], object]) -> Added:
    """Add a site as a publication of the run ``name`` (None: as the site is called) to a library.

    ``publish`` verifies the site and puts it at an address below the library's root.

    Raises:
        InputError: the site cannot be used, or the library has a publication of the run that is to come after it.
        OutputError: the library cannot be used or written.
        RewrittenError: the site's logs are no extension of the run's; nothing was written.
    """
    library = open_library(storage)
    opened = PublishedSite(str(site), str(site))
    run = name or derive_name(opened.index.origin, opened.index.title)
    entry = placed(entry_of(opened, run), library.run(run), opened)
    if library.data is None:
        library = record(storage, library, ())
    publish(entry.address)
    if PublishedSite(str(site), str(site)).digest != opened.digest:
        message = f"{site} was changed while it was added"
        raise InputError(message, "wait until no build is writing to it, then run this command again")
    rows = with_row(library.rows, entry)
    is_new = rows != library.rows
    if is_new or not is_finished(library):
        change(storage, library, rows)
    return Added(entry, is_new)


def placed(entry: Publication, earlier: Sequence[Publication], site: PublishedSite) -> Publication:
    """Return ``entry`` with the publication that it extends, one of the run's ``earlier`` ones.

    Raises:
        InputError: it was removed, or comes before one that is there.
        RewrittenError: it does not begin with the records of those before it.
    """
    same = next((one for one in earlier if one.size == entry.size), None)
    if same is not None and same.removed is not None:
        message = f"the publication of {entry.run} with {entry.size} records was removed from the library"
        raise InputError(message, f"the rule was: {same.removed.rule}")
    if same is None and earlier and earlier[-1].size > entry.size:
        message = f"{entry.run} has a publication of {earlier[-1].size} records, and this one has only {entry.size}"
        raise InputError(message, "add publications in the order in which the log grows, or as another run (--name)")
    before = [one for one in earlier if one.size <= entry.size]
    if before:
        _compare(entry, before[-1], site)
    smaller = [one.size for one in before if one.size < entry.size]
    return replace(entry, extends=smaller[-1] if smaller else None)


def _compare(entry: Publication, before: Publication, site: PublishedSite) -> None:
    sizes = {head.stream: head.size for head in entry.heads}
    if entry.origin != before.origin:
        _refuse(entry, before, "its logs have another origin")
    for head in before.heads:
        if sizes.get(head.stream, -1) < head.size:
            _refuse(entry, before, f"{head.stream} has fewer records")
        if StreamLog(site, head.stream).root_at(head.size).hex() != head.root:
            _refuse(entry, before, f"the first {head.size} records of {head.stream} are not the same")


def _refuse(entry: Publication, before: Publication, why: str) -> None:
    message = f"this is no continuation of {entry.run} with {before.size} records: {why}"
    raise RewrittenError(message)
