"""The commit of a later build: a journal of what is going to be moved and removed, and its completion after a crash.

Once the journal is in the staging folder the build counts. Every step can be repeated, so whoever comes next goes on.
"""

# ruff: noqa: PTH119 - thousands of paths pass here as plain strings

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from replayglass.canon import digest, encode
from replayglass.errors import OutputError
from replayglass.output.disk import Disk, is_same
from replayglass.output.folder import Folder
from replayglass.output.paths import MANIFEST, check_path, is_shard_path, parent_of

JOURNAL = "journal.json"
TREE = "tree"
_MAX_JOURNAL = 256 * 1024 * 1024
_MAX_MANIFEST = 64 * 1024 * 1024
FRONT_PAGES = frozenset({"index.html", "v1/index.json", "verdict.js"})
"""Pages that speak of all the others."""

_HEAD = re.compile(r"log/[^/]+/checkpoint(?:\.unsigned)?")


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a commit does, in order: ``new`` files get a free name, ``changed`` ones are replaced, then ``removed``.

    ``base`` and ``target`` are the digests of the site's ``manifest.json`` before and after.
    """

    base: str
    target: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Exchange(NamedTuple):
    """The two trees of a commit, the staging folder (an absolute path) that has the journal, and the disk."""

    staging: str
    staged: Folder
    site: Folder
    disk: Disk


def exchange_between(staging: str, site: Folder, disk: Disk) -> Exchange:
    """Return the exchange between a staging folder's tree and the site."""
    return Exchange(staging, Folder(f"{staging}/{TREE}", f"staging folder of {site.shown}"), site, disk)


def in_order(paths: Iterable[str]) -> tuple[str, ...]:
    """Return ``paths`` in the order of a commit: by path, but what refers to other files after them.

    Pages, front pages, log checkpoints, manifest shards, ``manifest.json``.
    """
    return tuple(sorted(paths, key=lambda path: (_rank(path), path)))


def manifest_digest(site: Folder) -> str | None:
    """Return the digest of the site's ``manifest.json`` as it is now, None when there is none."""
    size = site.size(MANIFEST)
    return None if size is None else digest(site.read(MANIFEST, min(size, _MAX_MANIFEST)))


def begin(journal: Journal, exchange: Exchange) -> None:
    """Write the journal in one step, after all that was staged: from here on the commit is going to be completed."""
    draft = f"{exchange.staging}/{JOURNAL}.draft"
    exchange.disk.create(draft, encode(msgspec.to_builtins(journal)))
    exchange.disk.settle()
    exchange.disk.move(draft, f"{exchange.staging}/{JOURNAL}")


def run(journal: Journal, exchange: Exchange) -> None:
    """Carry out a journal that was begun just now; when a new file cannot be placed, undo all of it.

    A failure after that leaves the journal for the next build.
    """
    try:
        for path in journal.new:
            _place(path, exchange)
    except BaseException:
        _undo(journal, exchange)
        raise
    _finish(journal, exchange)


def recover(exchange: Exchange) -> None:
    """Complete the commit that an earlier build began in this staging folder, if any, and if it was about this site.

    Raises:
        OutputError: the journal is damaged, or the site was changed so that it cannot be completed.
        OSError: a step failed; the journal stays.
    """
    journal = _load(exchange)
    if journal is not None and manifest_digest(exchange.site) in {journal.base, journal.target}:
        _inspect(journal, exchange)
        for path in journal.new:
            _place(path, exchange)
        _finish(journal, exchange)


def is_begun(staging: str) -> bool:
    """Tell whether the staging folder holds a commit that is neither completed nor undone."""
    return os.path.lexists(f"{staging}/{JOURNAL}")


def is_head(path: str) -> bool:
    """Tell whether a file is the newest checkpoint of a log."""
    return _HEAD.fullmatch(path) is not None


def _rank(path: str) -> int:
    if path == MANIFEST:
        return 4
    if is_shard_path(path):
        return 3
    if is_head(path):
        return 2
    return 1 if path in FRONT_PAGES else 0


def _place(path: str, exchange: Exchange) -> None:
    if _is_placed(path, exchange):
        return
    exchange.site.make(parent_of(path), exchange.disk)
    try:
        exchange.disk.place(f"{exchange.staged.root}/{path}", f"{exchange.site.root}/{path}")
    except FileExistsError as error:
        raise in_the_way(exchange.site, path) from error


def in_the_way(site: Folder, path: str) -> OutputError:
    """Return the refusal to overwrite a file that the site's manifest does not list."""
    message = f"{site.shown}/{path} is in the way: it is not a file of the site"
    return OutputError(message, "remove it, or choose another output folder")


def _is_placed(path: str, exchange: Exchange) -> bool:
    """Tell whether the new file has its final name: as a second name of the staged one, or moved there."""
    staged, there = exchange.staged.size(path), exchange.site.size(path)
    if staged is None and there is None:
        message = f"{exchange.site.shown}/{path} of an unfinished build is lost"
        raise OutputError(message, f"delete {exchange.site.shown} and build again")
    if staged is None:
        return True
    return is_same(f"{exchange.staged.root}/{path}", f"{exchange.site.root}/{path}")


def _inspect(journal: Journal, exchange: Exchange) -> None:
    """Refuse a journal with files that are lost, or behind a link in either tree, before any step is taken."""
    for path in journal.new:
        _is_placed(path, exchange)
    for path in (*journal.changed, *journal.removed):
        exchange.staged.size(path)
        exchange.site.size(path)


def _undo(journal: Journal, exchange: Exchange) -> None:
    """Take back every new file that was placed, then forget the journal."""
    disk = exchange.disk
    for path in reversed(journal.new):
        disk.take_back(f"{exchange.staged.root}/{path}", f"{exchange.site.root}/{path}")
    disk.remove_empty(exchange.site.root, map(parent_of, journal.new))
    disk.remove(f"{exchange.staging}/{JOURNAL}")


def _finish(journal: Journal, exchange: Exchange) -> None:
    disk, staged, site = exchange.disk, exchange.staged, exchange.site
    for path in journal.changed:
        if staged.size(path) is not None:
            site.size(path)
            disk.move(f"{staged.root}/{path}", f"{site.root}/{path}")
    for path in journal.removed:
        if site.size(path) is not None:
            disk.remove(f"{site.root}/{path}")
    disk.remove_empty(site.root, map(parent_of, journal.removed))
    disk.remove(f"{exchange.staging}/{JOURNAL}")


def _load(exchange: Exchange) -> Journal | None:
    folder = Folder(exchange.staging, f"staging folder of {exchange.site.shown}")
    size = folder.size(JOURNAL)
    if size is None:
        return None
    try:
        journal = msgspec.json.decode(folder.read(JOURNAL, min(size, _MAX_JOURNAL)), type=Journal)
        for path in (*journal.new, *journal.changed, *journal.removed):
            if path != MANIFEST and not is_shard_path(path):
                check_path(path)
    except (ValueError, RecursionError) as error:
        message = f"the unfinished build beside {exchange.site.shown} is damaged"
        raise OutputError(message, f"delete {os.path.basename(exchange.staging)} beside it") from error
    return journal
