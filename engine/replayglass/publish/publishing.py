"""A whole publishing in one screen: look, verify, plan, send."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError
from replayglass.output.target import locate
from replayglass.output.writer import SiteWriter
from replayglass.publish.caching import Caching
from replayglass.publish.checked import check, refuse_stale_heads
from replayglass.publish.look import look_at
from replayglass.publish.plan import make_plan
from replayglass.publish.source import open_source
from replayglass.publish.store import Store, open_store
from replayglass.publish.tofolder import FolderTarget, write_into
from replayglass.publish.tostore import Upload
from replayglass.verify.counts import read_index
from replayglass.verify.whole import open_folder, streams_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.publish.place import Place
    from replayglass.publish.plan import Plan
    from replayglass.verify.report import Commitment


class Wish(NamedTuple):
    """What the user wants: the site (a folder), the place, the pinned keys, and how.

    ``prune`` removes what the target's old manifest lists and the new one does not; ``is_dry`` writes nothing.
    """

    site: Path
    place: Place
    keys: Sequence[Verifier] = ()
    prune: bool = False
    is_dry: bool = False


class Published(NamedTuple):
    """What was sent and removed (or would be), and the checkpoint of each log that readers now see."""

    plan: Plan
    logs: Mapping[str, Commitment]


def publish(wish: Wish, announce: Callable[[str, int], None]) -> Published:
    """Publish a site.

    Raises:
        InputError: the site cannot be used, or is none that `verify` accepts.
        OutputError: the place is not ours or cannot be written, or somebody else is at work there.
        RewrittenError: the site is no continuation of what is published there.
    """
    if wish.place.folder:
        return _to_folder(wish, announce)
    return _to(wish, open_store(wish.place), None, announce)


def _to_folder(wish: Wish, announce: Callable[[str, int], None]) -> Published:
    """Publish to a folder; it is locked from the first look on, unless nothing is going to be written."""
    out = Path(wish.place.folder)
    site, folder = wish.site.resolve(), out.resolve()
    if site.is_relative_to(folder) or folder.is_relative_to(site):
        message = f"{out} and {wish.site} overlap"
        raise InputError(message, "publish to a folder outside the site")
    target = FolderTarget(locate(out), wish.place.shown)
    with nullcontext() if wish.is_dry else SiteWriter(out) as writer:
        return _to(wish, target, writer, announce)


def _to(
    wish: Wish, target: FolderTarget | Store, writer: SiteWriter | None, announce: Callable[[str, int], None]
) -> Published:
    site = open_folder(str(wish.site))
    source = open_source(site)
    streams = streams_of(site)
    look = look_at(target, source)
    report = check(source, streams, look, target.shown, wish.keys, announce)
    if not wish.prune:
        refuse_stale_heads(source, look, target.shown)
    caching = Caching(read_index(site), streams)
    plan = make_plan(source, look, target, caching, prune=wish.prune)
    if writer is not None:
        write_into(writer, source, plan, announce, prune=wish.prune)
    elif isinstance(target, Store) and not wish.is_dry:
        Upload(target, source, look, plan, caching).run(announce)
    return Published(plan, report.logs)
