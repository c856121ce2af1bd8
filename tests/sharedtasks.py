"""Tasks of a build, as the process that publishes gives them to workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.continuing.aside import key_of
from replayglass.registry import domain_of
from replayglass.run import open_run
from replayglass.sharing.worker import Task, ends_of

if TYPE_CHECKING:
    from pathlib import Path

    from replayglass.output.writer import SiteWriter
    from replayglass.share import Share


def task_of(run: Path, site: SiteWriter, share: Share) -> Task:
    """Return a share of the build of ``run`` as it is now."""
    opened = open_run(run, domain_of(run))
    return Task(run.absolute(), ends_of(opened), site.workplace, share, key_of(opened, {}), {})
