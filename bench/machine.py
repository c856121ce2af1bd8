"""What figures were measured on: no name of a host, nothing that tells whose machine it is."""

from __future__ import annotations

import os
import platform

from replayglass import __version__


def machine() -> str:
    """Return version, interpreter, cores and memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"replayglass {__version__}; {python}; {platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB"
    )
