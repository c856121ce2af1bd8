"""A library behind a URL: any place that fsspec knows, where the exchange of the catalogue compares and swaps."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from replayglass.library.removing import listed_of
from replayglass.library.storage import FolderStorage, changed_meanwhile
from replayglass.mediatypes import kind_of
from replayglass.publish.caching import ASKED, FOREVER
from replayglass.publish.failure import LostError
from replayglass.publish.place import Place, place_of
from replayglass.publish.store import Packet, open_store
from replayglass.verify.site import MAX_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from replayglass.publish.target import Stored


_BY_CONTENT = ("assets/", "catalogue/")


class StoreStorage:
    """A library behind a URL. Nobody is kept out: who finds the catalogue changed stops, and the next one goes on."""

    def __init__(self, place: Place) -> None:
        self.shown = place.shown
        self._place = place

    def __enter__(self) -> Self:
        self._store = open_store(self._place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave what was written."""

    def is_vacant(self) -> bool:
        """Tell whether there is nothing at all."""
        return not self._store.files()

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes, None if there is none."""
        return self._store.read(path, limit)

    def write(self, path: str, data: bytes) -> None:
        """Write a file, which appears whole."""
        self._put(path, data, self._store.find(path))

    def exchange(self, path: str, before: bytes | None, data: bytes) -> None:
        """Write a file that must be as it was ``before``; where the place can tell, at the very moment of writing."""
        known = self._store.find(path)
        if self._store.read(path, MAX_FILE) != before:
            raise changed_meanwhile(self.shown)
        self._put(path, data, known)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        self._store.remove((path,))

    def _put(self, path: str, data: bytes, known: Stored | None) -> None:
        caching = FOREVER if path.startswith(_BY_CONTENT) else ASKED
        try:
            self._store.put(Packet(kind_of(path), caching, {path: data}), {} if known is None else {path: known})
        except LostError as error:
            raise changed_meanwhile(self.shown) from error

    @contextmanager
    def site(self, address: str) -> Iterator[str]:
        """Give the publication at ``address`` as a folder, fetched into a temporary one."""
        with TemporaryDirectory(prefix="replayglass-") as folder:
            for path in listed_of(self, address):
                data = self.read(f"{address}/{path}", MAX_FILE)
                if data is not None:
                    Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                    Path(folder, path).write_bytes(data)
            yield folder


def storage_of(place: Place) -> FolderStorage | StoreStorage:
    """Return what reads and writes the library at ``place``."""
    return FolderStorage(Path(place.folder)) if place.folder else StoreStorage(place)


def below(place: Place, address: str) -> Place:
    """Return the place of a publication in the library at ``place``."""
    if place.folder:
        return place_of(f"{place.folder.rstrip('/')}/{address}")
    url, mark, options = place.url.partition("?")
    return place_of(f"{url.rstrip('/')}/{address}{mark}{options}")
