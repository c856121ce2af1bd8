"""A run on its way to the files of its site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass import __version__
from replayglass.page import Blob, Page
from replayglass.plan import SECTIONS_AFTER, Plan
from replayglass.render.frame import Entry, Frame
from replayglass.render.html import Theme
from replayglass.render.overlay import NO_THEME
from replayglass.share import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.plan import Halts
    from replayglass.publishedlogs import PublishedLogs
    from replayglass.render.overlay import Overlay
    from replayglass.run import Run
    from replayglass.share import Share
    from replayglass.sources import Sources


class Rendering:
    """Gives the files of a site; ``plan.outcome`` says at the end what the replay came to. ``halts`` as in `plan.Plan`.

    ``logs`` is None where others publish the logs; to ``made`` the path of each file but assets is added.
    ``overlay`` is a theme.

    Raises:
        ValueError: the earlier replay cannot be taken up.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what files are made from, and which
        self,
        run: Run,
        logs: PublishedLogs | None,
        sources: Sources,
        halts: Halts | None = None,
        made: list[str] | None = None,
        share: Share = WHOLE,
        overlay: Overlay = NO_THEME,
    ) -> None:
        self._overlay = overlay
        self._run = run
        self._made = [] if made is None else made
        self._share = share
        self.plan = Plan(run, logs, share=share)
        self._artifacts = self.plan.artifacts(sources.batches, halts)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give every file of the share but the manifest, as path and bytes.

        Of a replay that goes on only those are given that come after.
        """
        theme = Theme(frame_of(self._run), self._run.config.max_file_bytes, self._overlay)
        if self._share.is_first:
            yield from theme.assets().items()
        for artifact in self._artifacts:
            self._made.append(artifact.path)
            if self._share.has(artifact.path, None if isinstance(artifact, Blob) else artifact.stretch):
                yield artifact.path, theme.render(artifact) if isinstance(artifact, Page) else artifact.data


def frame_of(run: Run) -> Frame:
    """Return what all pages of a site share."""
    sections = (*run.domain.sections, *SECTIONS_AFTER)
    entries = (Entry(key, words, f"{key}/index.html") for key, words in sections)
    return Frame(
        run.config.title,
        (Entry("overview", "Overview", "index.html"), *entries),
        __version__,
        library=run.config.library,
    )
