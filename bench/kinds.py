"""What the bytes of a site are spent on."""

from __future__ import annotations

import os
from typing import NamedTuple

KINDS = ("HTML pages", "JSON documents", "proofs", "index", "assets", "blobs")
"""Proofs are all below log/: tiles, entries, checkpoints, and the scripts by which a page checks itself.

Index is what only lists or sums up others: the manifest and its shards, and every index.html and index.json.
"""

_FOLDERS = {"log": "proofs", "manifest": "index", "assets": "assets", "blob": "blobs"}
_INDEX = {"manifest.json", "index.html", "index.json"}


class Weight(NamedTuple):
    """How many files, of how many bytes."""

    files: int = 0
    size: int = 0


def kind_of(path: str) -> str:
    """Return the kind of the file ``path`` of a site."""
    first, _, rest = path.partition("/")
    if rest and first in _FOLDERS:
        return _FOLDERS[first]
    if path.rsplit("/", 1)[-1] in _INDEX:
        return "index"
    return "HTML pages" if path.endswith(".html") else "JSON documents"


def weigh(site: str | os.PathLike[str]) -> dict[str, Weight]:
    """Return the weight of each kind in the site at ``site``."""
    found = dict.fromkeys(KINDS, Weight())
    for folder, _, names in os.walk(site):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - a site has tens of thousands of files
            kind = kind_of(os.path.relpath(path, site))
            files, size = found[kind]
            found[kind] = Weight(files + 1, size + os.stat(path).st_size)  # noqa: PTH116 - the same
    return found


def total(weights: dict[str, Weight]) -> Weight:
    """Return the weight of all kinds together."""
    return Weight(sum(one.files for one in weights.values()), sum(one.size for one in weights.values()))
