"""Begins a build: where an earlier one was put aside, if what that read and wrote is still there, else anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.continuing.aside import key_of, load
from replayglass.continuing.keeper import Keeper
from replayglass.continuing.prefix import is_there
from replayglass.continuing.statefile import Draft, path_beside
from replayglass.publishedlogs import PublishedLogs
from replayglass.render.overlay import NO_THEME
from replayglass.rendering import Rendering
from replayglass.share import WHOLE
from replayglass.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.continuing.aside import Aside, Earlier
    from replayglass.continuing.keeper import Halting
    from replayglass.output.writer import SiteWriter
    from replayglass.proof.keys import Signer
    from replayglass.render.overlay import Overlay
    from replayglass.run import Run
    from replayglass.share import Share
    from replayglass.sources import Announce


class Material(NamedTuple):
    """What a build is made from: the run, the archive of its site's checkpoints, who signs, when it is put aside.

    ``share`` is what this process makes of it, ``overlay`` the theme that it wears.
    """

    run: Run
    archive: Sequence[tuple[str, bytes]]
    signer: Callable[[str], Signer] | None
    announce: Announce
    halting: Halting
    share: Share = WHOLE
    overlay: Overlay = NO_THEME

    def logs(self) -> PublishedLogs:
        """Return the logs of the site, at their beginning."""
        streams = [stream.name for stream in self.run.streams]
        return PublishedLogs(streams, self.run.config.origin, self.archive, self.signer)


class Begun(NamedTuple):
    """A build that has begun; ``since`` is the record of the leading stream at which it does, 0 for a full build.

    ``key`` is `aside.key_of` the run and ``keys``, the verifier keys of its logs.
    """

    rendering: Rendering
    keeper: Keeper
    key: str
    keys: Mapping[str, str | None]
    since: int


def begin(made_from: Material, site: SiteWriter, *, full: bool) -> Begun:
    """Begin the build of ``site``; a ``full`` one at the beginning of all streams.

    A build that goes on is made as a whole, whatever the share.

    Raises:
        InputError: a stream or the key cannot be used.
        OutputError: the archive is damaged.
        RewrittenError: an earlier checkpoint is of another log.
    """
    run, logs = made_from.run, made_from.logs()
    key = key_of(run, logs.keys, made_from.overlay)
    earlier = None if full or not run.domain.can_go_on else load(path_beside(site.workplace.site), key)
    if earlier is None:
        return _begun(made_from, logs, None, site, key)
    with earlier.state:
        if _is_usable(run, site, earlier.aside):
            try:
                begun = _begun(made_from, logs, earlier, site, key)
            except ValueError:
                logs = made_from.logs()
            else:
                for entry in earlier.aside.files:
                    site.keep(entry)
                return begun
    return _begun(made_from, logs, None, site, key)


def _begun(made_from: Material, logs: PublishedLogs, earlier: Earlier | None, site: SiteWriter, key: str) -> Begun:
    run, aside = made_from.run, None if earlier is None else earlier.aside
    made = [] if aside is None else [entry.path for entry in aside.files]
    sources = Sources(run, made_from.announce, None if aside is None else aside.halted)
    keeper = Keeper(run, sources, made, earlier, made_from.halting, Draft(path_beside(site.workplace.site)))
    place = None if aside is None else aside.halted[run.streams[0].name].reached.place
    share = made_from.share if aside is None else WHOLE
    rendering = Rendering(run, logs, sources, keeper, made, share, made_from.overlay)
    return Begun(rendering, keeper, key, logs.keys, 0 if place is None else place.seq)


def _is_usable(run: Run, site: SiteWriter, aside: Aside) -> bool:
    """Say whether what was read and what was written are still there."""
    if not all(map(site.has, aside.files)):
        return False
    digests = {entry.path: entry.sha256 for entry in aside.files}
    return is_there(run, aside, digests.get)
