"""A whole run in one screen: open the run folder, replay it, render what it says, put the site on disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from replayglass.continuing.begin import Material, begin
from replayglass.continuing.keeper import HALTING, Halting
from replayglass.output.writer import SiteWriter
from replayglass.plan import Outcome, Plan
from replayglass.proof.keys import signer_from_pem
from replayglass.publishedlogs import is_archived
from replayglass.registry import domain_of
from replayglass.render.overlay import NO_THEME
from replayglass.run import open_run
from replayglass.share import shares
from replayglass.sharing.processes import spread
from replayglass.sharing.worker import Task, ends_of, pinned
from replayglass.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from replayglass.output.stage import Staged
    from replayglass.output.writer import Written
    from replayglass.record import Finding
    from replayglass.render.overlay import Overlay
    from replayglass.sources import Announce


Executor = Callable[["Sequence[Task]"], AbstractContextManager["Callable[[], Iterator[list[Staged]]]"]]
"""Starts tasks on entering; what it gives waits for their answers, in order."""


class Report(NamedTuple):
    """What a build came to; ``since`` is the record of the leading stream from which it went on, 0 for a full one."""

    outcome: Outcome
    written: Written
    since: int


def build(  # noqa: PLR0913 - what a build is made from, and how
    path: Path,
    out: Path,
    announce: Announce,
    key: bytes | None = None,
    *,
    full: bool = False,
    jobs: int = 1,
    executor: Executor = spread,
    halting: Halting = HALTING,
    overlay: Overlay = NO_THEME,
) -> Report:
    """Replay the run folder ``path`` and publish it as the site ``out``, its logs signed with ``key`` (PEM) if given.

    A build goes on where the last one was put aside, if what that read is still there as far as samples tell; a
    ``full`` one reads every byte. ``halting`` says when a build is put aside. A full build is made in ``jobs`` shares,
    one of them here and the others where the ``executor`` has them made. ``overlay`` is a theme.

    Raises:
        InputError: the run, the key or the theme cannot be used.
        OutputError: ``out`` cannot be used or written; an older site in it is untouched.
        AccountError: a record that was read is shown nowhere.
        RewrittenError: the run is no extension of what ``out`` has published; it is untouched.
    """
    run = open_run(path, domain_of(path))
    ends = ends_of(run)
    run = pinned(run, ends)
    signer = None if key is None else partial(signer_from_pem, pem=key)
    with SiteWriter(out, forbidden=path) as site:
        own, *others = shares(jobs)
        made_from = Material(run, site.published(is_archived), signer, announce, halting, own, overlay)
        begun = begin(made_from, site, full=full)
        shared = () if begun.since else others
        task = Task(path.absolute(), ends, site.workplace, own, begun.key, begun.keys, overlay=overlay)
        tasks = [task._replace(share=share) for share in shared]
        with begun.keeper as keeper:
            with executor(tasks) as answers:
                for name, data in begun.rendering.files():
                    site.write(name, data)
                for staged in chain.from_iterable(answers()):
                    site.adopt(staged)
            announce("writing", 0)
            written = site.commit()
            keeper.save(begun.key, site.file)
    return Report(begun.rendering.plan.outcome, written, begun.since)


def check(path: Path, announce: Announce) -> tuple[Outcome, list[Finding]]:
    """Replay the run folder ``path`` and return all findings; nothing is written.

    Raises:
        InputError: the run cannot be used.
        AccountError: a record that was read would be shown nowhere.
    """
    run = open_run(path, domain_of(path))
    kept: list[Finding] = []
    plan = Plan(run, keep=kept.append)
    for _ in plan.artifacts(Sources(run, announce).batches):
        pass
    return plan.outcome, kept
