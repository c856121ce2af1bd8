"""A run on its way to the files of its site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass import __version__
from replayglass.page import Page
from replayglass.plan import SECTIONS_AFTER, Plan
from replayglass.render.html import Entry, Frame, Theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.plan import Halts
    from replayglass.publishedlogs import PublishedLogs
    from replayglass.run import Run
    from replayglass.sources import Sources


class Rendering:
    """Gives the files of a site; ``plan.outcome`` says at the end what the replay came to. ``halts`` as in `plan.Plan`.

    Raises:
        ValueError: the earlier replay cannot be taken up.
    """

    def __init__(self, run: Run, logs: PublishedLogs, sources: Sources, halts: Halts | None = None) -> None:
        self._run = run
        self.plan = Plan(run, logs)
        self._artifacts = self.plan.artifacts(sources.batches, halts)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give every file but the manifest, as path and bytes; of a replay that goes on only those that come after."""
        theme = Theme(frame_of(self._run), self._run.config.max_file_bytes)
        yield from theme.assets().items()
        for artifact in self._artifacts:
            yield artifact.path, theme.render(artifact) if isinstance(artifact, Page) else artifact.data


def frame_of(run: Run) -> Frame:
    """Return what all pages of a site share."""
    sections = (*run.domain.sections, *SECTIONS_AFTER)
    entries = (Entry(key, words, f"{key}/index.html") for key, words in sections)
    return Frame(run.config.title, (Entry("overview", "Overview", "index.html"), *entries), __version__)
