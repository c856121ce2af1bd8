"""A change of a library, in steps that any later command can complete.

The catalogue comes first and says that something is unfinished; then what it says is carried out: publications are
removed, pages written, parts dropped that nothing needs; then the catalogue says that all is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from replayglass import __version__
from replayglass.library.catalogue import CATALOGUE, Catalogue, Library, encode_catalogue, parts_of
from replayglass.library.pages import latest_of, pages_of, runs_of
from replayglass.library.removing import remove_publication
from replayglass.library.shape import fixed_files, latest_page, look, make_theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.library.catalogue import Publication, Row, Side
    from replayglass.library.storage import Storage


def is_finished(library: Library) -> bool:
    """Tell whether all that the catalogue says is carried out, by this version."""
    catalogue = library.catalogue
    by_us = catalogue.generator_version == __version__ and catalogue.look == look()
    return by_us and catalogue.pages == "written" and not catalogue.removing and not catalogue.stale


def change(storage: Storage, library: Library, rows: tuple[Row, ...], removing: tuple[Side, ...] = ()) -> Library:
    """Have the catalogue hold ``rows`` and carry that out; of the pages only those are written that differ.

    Raises:
        OutputError: the library cannot be written, or somebody else has changed it meanwhile.
    """
    before = library if is_finished(library) else None
    return finish(storage, record(storage, library, rows, removing), before)


def record(storage: Storage, library: Library, rows: tuple[Row, ...], removing: tuple[Side, ...] = ()) -> Library:
    """Write a catalogue of ``rows`` that says what is to be done; raises as `change` does."""
    old = {entry.path for entry in library.catalogue.parts}
    parts = parts_of(rows)
    for entry, data in parts:
        if entry.path not in old:
            storage.write(entry.path, data)
    stale = (old | set(library.catalogue.stale)) - {entry.path for entry, _ in parts}
    catalogue = Catalogue(
        1,
        "replayglass",
        __version__,
        tuple(entry for entry, _ in parts),
        look(),
        "unwritten",
        (*library.catalogue.removing, *(side for side in removing if side not in library.catalogue.removing)),
        tuple(sorted(stale)),
    )
    return _exchange(storage, library, Library(catalogue, rows, None))


def finish(storage: Storage, library: Library, before: Library | None) -> Library:
    """Carry out what the catalogue says; ``before``: the library whose pages stand there, None if some may not."""
    if before is None:
        for path, data in fixed_files().items():
            storage.write(path, data)
    named = {one.address: one for one in library.publications}
    for side in library.catalogue.removing:
        remove_publication(storage, named[f"runs/{side.run}/{side.size}"])
    for path, data in _pages(library, before):
        storage.write(path, data)
    for path in library.catalogue.stale:
        storage.remove(path)
    done = replace(library.catalogue, pages="written", removing=(), stale=())
    return _exchange(storage, library, library._replace(catalogue=done))


def _exchange(storage: Storage, before: Library, after: Library) -> Library:
    data = encode_catalogue(after.catalogue)
    storage.exchange(CATALOGUE, before.data, data)
    return after._replace(data=data)


def _pages(library: Library, before: Library | None) -> Iterator[tuple[str, bytes]]:
    """Give the pages that are not as they were ``before``."""
    theme = make_theme()
    known = {} if before is None else pages_of(before)
    for path, page in pages_of(library).items():
        if known.get(path) != page:
            yield path, theme.render(page)
    latest = {} if before is None else _latest(before)
    for run, one in _latest(library).items():
        if latest.get(run) != one:
            yield f"runs/{run}/latest/index.html", latest_page(one)


def _latest(library: Library) -> dict[str, Publication]:
    return {run: latest_of(publications) for run, publications in runs_of(library).items()}
