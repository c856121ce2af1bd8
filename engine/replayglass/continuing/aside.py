"""What is put aside of a build for the next one, and the file that keeps it."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

import replayglass
from replayglass.canon import digest
from replayglass.continuing.freezer import FreezeError, freeze, thaw
from replayglass.continuing.statefile import Stored, read_state, write_state
from replayglass.log.segment import file_size
from replayglass.render.assets import templates_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.output.manifest import FileEntry
    from replayglass.run import Run
    from replayglass.trail import Halted


class Aside(NamedTuple):
    """A build between two batches: where each stream is, the end of what was read of it, the files made, the state."""

    halted: Mapping[str, Halted]
    tails: Mapping[str, str]
    files: tuple[FileEntry, ...]
    state: bytes


def key_of(run: Run, keys: Mapping[str, str | None]) -> str:
    """Return a digest of all that must be the same for a build to go on, but for the records.

    ``keys`` are the verifier keys of the logs by stream, None for a log that is not signed.
    """
    segments = {
        stream.name: [(one.path, one.compression, file_size(one)) for one in stream.segments[:-1]]
        + [(one.path, one.compression) for one in stream.segments[-1:]]
        for stream in run.streams
    }
    parts = (
        _code(),
        platform.python_version(),
        np.__version__,
        run.domain.name,
        msgspec.to_builtins(run.config),
        dict(run.files),
        run.notes,
        run.findings,
        segments,
        dict(keys),
    )
    return digest(msgspec.json.encode(parts, order="sorted"))


def save(path: str, key: str, aside: Aside) -> None:
    """Write the file ``path``; if that fails, the next build begins at the beginning."""
    write_state(path, Stored(key, freeze(aside._replace(state=b""), {}), aside.state))


def load(path: str, key: str) -> Aside | None:
    """Return what ``path`` holds, None if there is nothing of use."""
    stored = read_state(path)
    if stored is None or stored.key != key:
        return None
    try:
        found = thaw(stored.head, {})
    except FreezeError:
        return None
    return found._replace(state=stored.state) if isinstance(found, Aside) else None


@cache
def _code() -> str:
    """Return a digest of this package and its templates: pages of two versions must not stand in one site."""
    return digest("".join(map(content_of, (Path(replayglass.__file__).parent, templates_folder()))).encode())


def content_of(folder: Path) -> str:
    """Return a digest of all files below ``folder``, their paths and their bytes, but for what is compiled of them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    named = [f"{digest(path.read_bytes())} {path.relative_to(folder).as_posix()}\n" for path in files]
    return digest("".join(named).encode())
