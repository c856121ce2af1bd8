"""What a worker does: replay the run as the publishing process found it, and put its share of the files in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.continuing.aside import key_of
from replayglass.errors import InputError, OutputError, ReplayglassError
from replayglass.log.segment import file_size
from replayglass.output.disk import Disk
from replayglass.output.folder import Folder
from replayglass.output.published import read_listing
from replayglass.output.stage import Stage, Staged
from replayglass.output.target import is_vacant
from replayglass.registry import domain_of
from replayglass.render.overlay import NO_THEME
from replayglass.rendering import Rendering
from replayglass.run import open_run
from replayglass.sources import Sources, silently

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from replayglass.output.stage import Workplace
    from replayglass.render.overlay import Overlay
    from replayglass.run import Run
    from replayglass.share import Share


class Task(NamedTuple):
    """A share of a build: no event, only where the run is and how many bytes of each segment are read.

    ``key`` is `aside.key_of` the run, ``keys`` and ``overlay``, the theme itself, for no worker needs its folder.
    ``is_again`` says that another worker died over the share, and may have left some of its files.
    """

    run: Path
    ends: Mapping[str, tuple[int, ...]]
    workplace: Workplace
    share: Share
    key: str
    keys: Mapping[str, str | None]
    is_again: bool = False
    overlay: Overlay = NO_THEME


class Refusal(NamedTuple):
    """Why a share could not be made: message and hint of an error."""

    message: str
    hint: str


def ends_of(run: Run) -> dict[str, tuple[int, ...]]:
    """Return how many bytes of each segment there are now."""
    return {stream.name: tuple(map(file_size, stream.segments)) for stream in run.streams}


def pinned(run: Run, ends: Mapping[str, tuple[int, ...]]) -> Run:
    """Return ``run`` with segments that are read up to ``ends``, whatever is appended meanwhile.

    Raises:
        InputError: the run has other segments.
    """
    streams = []
    for stream in run.streams:
        sizes = ends[stream.name]
        if len(sizes) != len(stream.segments):
            raise _changed()
        segments = [one._replace(end=end) for one, end in zip(stream.segments, sizes, strict=True)]
        streams.append(stream._replace(segments=tuple(segments)))
    return run._replace(streams=tuple(streams))


def render_share(task: Task) -> list[Staged] | Refusal:
    """Make the files of a share and return what the manifest will say of them; an error is returned, not raised."""
    try:
        return _render(task)
    except ReplayglassError as error:
        return Refusal(error.message, error.hint)
    except OSError as error:
        return Refusal(f"cannot write {task.workplace.shown}: {error.strerror or 'input/output error'}", "")


def _render(task: Task) -> list[Staged]:
    run = pinned(open_run(task.run, domain_of(task.run)), task.ends)
    if key_of(run, task.keys, task.overlay) != task.key:
        raise _changed()
    place, disk = task.workplace, Disk()
    site = None if is_vacant(place.site, place.shown) else Folder(place.site, place.shown)
    old = {} if site is None else read_listing(site)
    stage = Stage(site, Folder(place.tree, place.shown), old, disk, is_again=task.is_again)
    is_scanned = not (task.share.is_first or any(rule.action == "redact" for rule in run.config.secret_rules))
    rendering = Rendering(
        run, None, Sources(run, silently, is_scanned=is_scanned), share=task.share, overlay=task.overlay
    )
    return [stage.put(path, data) for path, data in rendering.files()]


def _changed() -> InputError:
    hint = "Build again; workers of a cluster need the same version of replayglass, templates included."
    return InputError("the run was changed while it was read", hint)


def taken(answer: list[Staged] | Refusal) -> list[Staged]:
    """Return what a worker made.

    Raises:
        OutputError: it could not.
    """
    if isinstance(answer, Refusal):
        raise OutputError(answer.message, answer.hint)
    return answer
