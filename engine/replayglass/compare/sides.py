"""What is compared: a published site as it is, a run folder as the site that it comes to."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from os.path import lexists
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from replayglass.continuing.keeper import Halting
from replayglass.errors import OutputError
from replayglass.output.paths import MANIFEST
from replayglass.pipeline import build
from replayglass.publication.published import PublishedSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NEVER = Halting(())
"""No later build goes on from a site that is removed at once."""


@contextmanager
def opened(path: Path, announce: Callable[[str, int], None]) -> Iterator[PublishedSite]:
    """Give the site in the folder ``path``, or, removed afterwards, the one that the run folder ``path`` comes to.

    Raises:
        InputError: it is neither, or cannot be read.
        OutputError: there is no room for the site of a run.
    """
    if lexists(path / MANIFEST):
        yield PublishedSite(str(path), str(path))
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory(prefix="replayglass-"))
        except OSError as error:
            message = f"the run {path} cannot be replayed: no temporary folder can be made"
            raise OutputError(message, "Set TMPDIR to a folder with free space, or compare published sites.") from error
        site = Path(folder, "site")
        build(path, site, announce, full=True, halting=_NEVER)
        yield PublishedSite(str(site), str(path))
