"""Checks that a site's folder holds nothing but what its manifest lists, and no file where its logs leave no place."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from replayglass.output.paths import MAX_PATH
from replayglass.verify.report import Failures
from replayglass.verify.site import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replayglass.verify.manifest import Listing
    from replayglass.verify.report import Check
    from replayglass.verify.site import Entry, SiteFolder

_BATCH = 1024
"""Names of one folder that are put in order together: a shard of the manifest is then read once."""


def check_tree(site: SiteFolder, listing: Listing, has_place: Callable[[str], bool]) -> Check:
    """Walk the folder; ``has_place`` tells whether a listed file can be part of this site.

    Memory stays flat whatever the folder holds; the walk ends when enough failures are found.
    """
    failures = Failures()
    files = folders = 0
    stack = [_Level(site, "")]
    while stack and not failures.enough:
        level = stack[-1]
        entry = next(level, None)
        if entry is None:
            stack.pop()
            if level.failure or level.is_empty:
                failures.add(level.failure or f"{level.folder or 'the site'} is an empty folder")
            continue
        path = level.folder + entry.name
        if entry.is_dir(follow_symlinks=False) and len(path) < MAX_PATH:
            folders += 1
            stack.append(_Level(site, f"{path}/"))
        elif not entry.is_file(follow_symlinks=False):
            failures.add(f"{path} is neither a regular file nor a folder of a site")
        elif not _is_listed(listing, path):
            failures.add(f"{path} is not in the manifest")
        elif not has_place(path):
            failures.add(f"{path} has no place in a site of this size")
        else:
            files += 1
    return failures.check("folder", "nothing else is in the folder", {"files": files, "folders": folders})


def _is_listed(listing: Listing, path: str) -> bool:
    try:
        return listing.holds(path)
    except ValueError:  # a shard that was whole a moment ago
        return False


class _Level:
    """The entries of one folder, in order within batches; ``failure`` says why they ended too early."""

    def __init__(self, site: SiteFolder, folder: str) -> None:
        self.folder = folder
        self.failure = ""
        self.is_empty = True
        self._entries = self._read(site)

    def __next__(self) -> Entry:
        return next(self._entries)

    def _read(self, site: SiteFolder) -> Iterator[Entry]:
        try:
            with site.scan(self.folder) as entries:
                while batch := list(islice(entries, _BATCH)):
                    self.is_empty = False
                    yield from sorted(batch, key=lambda entry: entry.name)
        except OSError as error:
            self.failure = str(unreadable(self.folder or "the site", error))
