"""What is put aside of a build for the next one, and what must be the same for that."""

from __future__ import annotations

import contextlib
import platform
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

import replayglass
from replayglass.canon import digest
from replayglass.continuing.freezer import FreezeError, freeze, thaw
from replayglass.continuing.statefile import read_state
from replayglass.log.segment import file_size
from replayglass.render.assets import templates_folder
from replayglass.render.overlay import NO_THEME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from replayglass.continuing.statefile import Draft
    from replayglass.output.manifest import FileEntry
    from replayglass.render.overlay import Overlay
    from replayglass.run import Run
    from replayglass.trail import Halted


class Aside(NamedTuple):
    """A build between two batches but for its state: where each stream is, the end of what was read, the files made."""

    halted: Mapping[str, Halted]
    tails: Mapping[str, str]
    files: tuple[FileEntry, ...]


class Earlier(NamedTuple):
    """A build that was put aside: ``state`` is the open file, where its state of ``size`` bytes begins."""

    aside: Aside
    state: BinaryIO
    size: int


def key_of(run: Run, keys: Mapping[str, str | None], overlay: Overlay = NO_THEME) -> str:
    """Return a digest of all that must be the same for a build to go on, but for the records.

    ``keys`` are the verifier keys of the logs by stream, None for a log that is not signed; ``overlay`` is the
    theme.
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
        overlay.digest,
    )
    return digest(msgspec.json.encode(parts, order="sorted"))


def save(draft: Draft, key: str, aside: Aside) -> None:
    """Finish the file of which ``draft`` has the state; if that fails, the next build begins at the beginning."""
    head = BytesIO()
    freeze(aside, {}, head)
    draft.finish(key, head.getvalue())


def load(path: str, key: str) -> Earlier | None:
    """Return what ``path`` holds, None if there is nothing of use; whoever has it closes its ``state``."""
    stored = read_state(path)
    if stored is None:
        return None
    with contextlib.suppress(FreezeError):
        found = thaw(BytesIO(stored.head), {}) if stored.key == key else None
        if isinstance(found, Aside):
            return Earlier(found, stored.state, stored.size)
    stored.state.close()
    return None


@cache
def _code() -> str:
    """Return a digest of this package and its templates: pages of two versions must not stand in one site."""
    return digest("".join(map(content_of, (Path(replayglass.__file__).parent, templates_folder()))).encode())


def content_of(folder: Path) -> str:
    """Return a digest of all files below ``folder``, their paths and their bytes, but for what is compiled of them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    named = [f"{digest(path.read_bytes())} {path.relative_to(folder).as_posix()}\n" for path in files]
    return digest("".join(named).encode())
