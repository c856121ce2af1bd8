"""Files of a build on their way into the staging tree; several processes may put files into one tree."""

from collections.abc import Container
from typing import Literal, NamedTuple

from replayglass.canon import digest
from replayglass.output import commit
from replayglass.output.disk import Disk
from replayglass.output.folder import Folder
from replayglass.output.manifest import FileEntry
from replayglass.output.paths import MANIFEST, parent_of


class Workplace(NamedTuple):
    """Where a build works: the site as it is (absolute), what messages call it, and the staging tree."""

    site: str
    shown: str
    tree: str


class Staged(NamedTuple):
    """A file of the build: what the manifest will say of it, and whether the site has no such file, another, or it."""

    entry: FileEntry
    state: Literal["new", "changed", "same"]


class Stage:
    """Puts files into a staging tree, unless the site has them; ``old`` has the paths that the site's manifest lists.

    ``is_again``: what stands in the tree already is exchanged.
    """

    def __init__(
        self, site: Folder | None, tree: Folder, old: Container[str], disk: Disk, *, is_again: bool = False
    ) -> None:
        self._site = site
        self._tree = tree
        self._old = old
        self._disk = disk
        self._is_again = is_again

    def put(self, path: str, data: bytes) -> Staged:
        """Write the file ``path``, which passed the site's path rule, into the tree, unless the site has its bytes.

        Raises:
            OutputError: a file that is not ours is in the way.
            OSError: it cannot be written.
        """
        state = self._state(path, data)
        if state != "same":
            self._tree.make(parent_of(path), self._disk)
            if self._is_again:
                self._disk.remove(f"{self._tree.root}/{path}")
            self._disk.create(f"{self._tree.root}/{path}", data)
        return Staged(FileEntry(path, digest(data), len(data)), state)

    def _state(self, path: str, data: bytes) -> Literal["new", "changed", "same"]:
        size = self._site.size(path) if self._site else None
        if self._site is None or size is None:
            return "new"
        if self._site.holds(path, size, data):
            return "same"
        if path == MANIFEST or path in self._old:
            return "changed"
        raise commit.in_the_way(self._site, path)
