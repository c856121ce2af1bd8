"""Whether a folder may become a site: looked at before anything is written."""

# ruff: noqa: PTH208 - thousands of paths pass here as plain strings

import os
from pathlib import Path
from stat import S_ISDIR, S_ISLNK

from replayglass.errors import OutputError
from replayglass.output.paths import MANIFEST


def locate(out: Path) -> str:
    """Return ``out`` as an absolute path whose parents are resolved, while ``out`` itself may still be a link.

    Raises:
        OutputError: ``out`` is the root of the file system.
    """
    real = out.resolve() if out.name in {"", ".."} else out.parent.resolve() / out.name
    if not real.name:
        message = f"{out} cannot be an output folder"
        raise OutputError(message, "choose a folder")
    return str(real)


def refuse_overlap(out: Path, forbidden: Path) -> None:
    """Refuse an output folder that is, contains or lies in the folder ``forbidden``, links resolved.

    Raises:
        OutputError: the two overlap.
    """
    site, run = out.resolve(), forbidden.resolve()
    if site.is_relative_to(run) or run.is_relative_to(site):
        message = f"{out} and {forbidden} overlap, and nothing is written into a run folder"
        raise OutputError(message, "choose an output folder outside the run folder")


def is_vacant(real: str, shown: str) -> bool:
    """Tell whether the output folder is missing or empty, as opposed to a site with a manifest.

    Raises:
        OutputError: it is a link, a file, a mount point, or a folder with something else in it.
        OSError: it cannot be looked at.
    """
    try:
        status = os.lstat(real)
    except FileNotFoundError:
        return True
    if S_ISLNK(status.st_mode):
        message = f"{shown} is a symbolic link"
        raise OutputError(message, "name the folder that it points to")
    if not S_ISDIR(status.st_mode):
        message = f"{shown} is a file, not a folder"
        raise OutputError(message, "choose another output folder")
    _refuse_mount(real, shown)
    names = os.listdir(real)
    if names and MANIFEST not in names:
        message = f"{shown} is not empty and was not written by replayglass"
        raise OutputError(message, "choose an empty or new folder")
    return not names


def _refuse_mount(real: str, shown: str) -> None:
    """A site is renamed into place, which needs its parent on the same file system."""
    if os.path.ismount(real):
        message = f"{shown} is a mount point, and a site is put in place by renaming it"
        raise OutputError(message, "choose a folder inside it")
