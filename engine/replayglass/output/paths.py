"""Which paths a site may hold: the one rule for what we write and for what a manifest or journal claims."""

import re

MANIFEST = "manifest.json"
SHARD_FOLDER = "manifest/"
MAX_PATH = 200
"""Longest path of a page: the name of its shard is derived from it and has to stay below 255 bytes."""

_MAX_ANY = 255
_COMPONENT = r"(?!\.\.?(?:/|\Z))[A-Za-z0-9._-]+"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_SHARD = re.compile(r"manifest/[A-Za-z0-9_-][A-Za-z0-9._-]{0,240}\.json")


def check_path(path: str) -> None:
    """Accept ``path`` as the place of a page: relative, POSIX, of ``[A-Za-z0-9._/-]``, no empty, ``.`` or ``..`` part.

    Raises:
        ValueError: it is not such a path, or it belongs to the manifest.
    """
    if len(path) > MAX_PATH or not _PATH.fullmatch(path):
        message = f"not a path of a site: {path[:MAX_PATH]!r}"
        raise ValueError(message)
    if path == MANIFEST or path.startswith(SHARD_FOLDER):
        message = f"the manifest's own path: {path!r}"
        raise ValueError(message)


def is_plain(path: str) -> bool:
    """Tell whether ``path`` is one that a file or folder of a site, its manifest included, can have."""
    return len(path) <= _MAX_ANY and _PATH.fullmatch(path) is not None


def is_shard_path(path: str) -> bool:
    """Tell whether ``path`` can be that of a manifest shard."""
    return _SHARD.fullmatch(path) is not None


def parent_of(path: str) -> str:
    """Return the folder of ``path``, ``""`` for the root."""
    return path.rpartition("/")[0]
