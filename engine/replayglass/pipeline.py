"""A whole run in one screen: open the run folder, replay it, render what it says, put the site on disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from replayglass import __version__
from replayglass.log.ndjson import read_batches
from replayglass.output.writer import SiteWriter
from replayglass.page import Page
from replayglass.plan import SECTIONS_AFTER, Outcome, Plan
from replayglass.proof.keys import signer_from_pem
from replayglass.publishedlogs import PublishedLogs, is_archived
from replayglass.record import Severity
from replayglass.registry import domain_of
from replayglass.render.html import Entry, Frame, Theme
from replayglass.run import Run, open_run
from replayglass.secretscan.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from replayglass.output.writer import Written
    from replayglass.proof.keys import Signer
    from replayglass.record import Batch, Finding
    from replayglass.secretscan.rules import SecretRule

Announce = Callable[[str, int], None]
"""Takes the name of a stage and how many records it has come to."""


class Report(NamedTuple):
    """What a build came to."""

    outcome: Outcome
    written: Written


def build(path: Path, out: Path, announce: Announce, key: bytes | None = None) -> Report:
    """Replay the run folder ``path`` and publish it as the site ``out``, its logs signed with ``key`` (PEM) if given.

    Raises:
        InputError: the run or the key cannot be used.
        OutputError: ``out`` cannot be used or written; an older site in it is untouched.
        AccountError: a record that was read is shown nowhere.
        RewrittenError: the run is no extension of what ``out`` has published; it is untouched.
    """
    run = open_run(path, domain_of(path))
    with SiteWriter(out, forbidden=path) as site:
        archive = site.published(is_archived)
        rendering = Rendering(run, archive, None if key is None else partial(signer_from_pem, pem=key))
        for name, data in rendering.files(announce):
            site.write(name, data)
        announce("writing", 0)
        written = site.commit()
    return Report(rendering.plan.outcome, written)


class Rendering:
    """A run on its way to the files of its site; ``plan.outcome`` says at the end what it came to.

    ``archive`` is what was published before, as (path, bytes); ``signer`` gives the key of a log by its origin.
    """

    def __init__(
        self, run: Run, archive: Iterable[tuple[str, bytes]], signer: Callable[[str], Signer] | None = None
    ) -> None:
        self._run = run
        streams = [stream.name for stream in run.streams]
        self.plan = Plan(run, PublishedLogs(streams, run.config.origin, archive, signer))

    def files(self, announce: Announce) -> Iterator[tuple[str, bytes]]:
        """Give every file of the site but its manifest, as path and bytes."""
        theme = Theme(frame_of(self._run), self._run.config.max_file_bytes)
        yield from theme.assets().items()
        for artifact in self.plan.artifacts(_batches(self._run, announce)):
            yield artifact.path, theme.render(artifact) if isinstance(artifact, Page) else artifact.data


def check(path: Path, announce: Announce) -> tuple[Outcome, list[Finding]]:
    """Replay the run folder ``path`` and return all findings; nothing is written.

    Raises:
        InputError: the run cannot be used.
        AccountError: a record that was read would be shown nowhere.
    """
    run = open_run(path, domain_of(path))
    kept: list[Finding] = []
    plan = Plan(run, keep=kept.append)
    for _ in plan.artifacts(_batches(run, announce)):
        pass
    return plan.outcome, kept


def exit_code(outcome: Outcome) -> int:
    """Return 1 if there are findings of severity error, else 0 (DESIGN section 5)."""
    return 1 if outcome.findings.by_severity[Severity.ERROR] else 0


def frame_of(run: Run) -> Frame:
    """Return what all pages of a site share."""
    sections = (*run.domain.sections, *SECTIONS_AFTER)
    entries = (Entry(key, words, f"{key}/index.html") for key, words in sections)
    return Frame(run.config.title, (Entry("overview", "Overview", "index.html"), *entries), __version__)


def _batches(run: Run, announce: Announce) -> dict[str, Iterator[Batch]]:
    limit, rules = run.config.max_line_bytes, run.config.secret_rules
    return {
        stream.name: _announced(
            stream.name, _scanned(stream.name, read_batches(stream, max_line_bytes=limit), rules), announce
        )
        for stream in run.streams
    }


def _scanned(name: str, batches: Iterator[Batch], rules: Sequence[SecretRule]) -> Iterator[Batch]:
    """Give batches without the secrets that are to be redacted; each has the findings about its own."""
    found: list[Finding] = []
    for batch in Scanner(rules, found.append).batches(name, batches):
        yield batch._replace(findings=[*batch.findings, *found]) if found else batch
        found.clear()


def _announced(name: str, batches: Iterator[Batch], announce: Announce) -> Iterator[Batch]:
    for batch in batches:
        announce(name, batch.first + len(batch.raws))
        yield batch
