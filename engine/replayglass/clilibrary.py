"""The commands `library add`, `library prune`, `library diff`: arguments in, a line and an exit code out; no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayglass.canon import encode
from replayglass.errors import InputError
from replayglass.library.adding import add
from replayglass.library.comparing import differ
from replayglass.library.names import check_name
from replayglass.library.pruning import prune
from replayglass.library.remote import below, storage_of
from replayglass.progress import Progress
from replayglass.publish.place import place_of
from replayglass.publish.publishing import Wish, publish
from replayglass.terminal import plain, say

if TYPE_CHECKING:
    from replayglass.publish.place import Place

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a line.")


@click.group("library")
def library_group() -> None:
    """Keep publications of many runs in one place: permanent addresses, an index, trends, differences."""


@library_group.command("add")
@click.argument("site", type=click.Path(path_type=Path))
@click.argument("library")
@click.option("--name", help="The name of the run; else it is made of the origin or the title of SITE.")
@_JSON
def add_command(site: Path, library: str, name: str | None, *, as_json: bool) -> None:
    """Add the published SITE to LIBRARY, a folder or URL, as a publication of its run.

    Exit codes: 0 added, or there already; 2 SITE or LIBRARY cannot be used; 3 SITE is no continuation of the run.
    """
    run = None if name is None else check_name(name, "--name")
    place = place_of(library)
    with Progress(sys.stderr) as progress, storage_of(place) as storage:
        added = add(site, storage, run, lambda to: publish(_wish(site, below(place, to)), progress.announce))
    one = added.publication
    if as_json:
        said = {"version": 1, "library": place.shown, "run": one.run, "size": one.size, "address": f"{one.address}/"}
        say(encode({**said, "extends": one.extends, "added": added.is_new}))
    else:
        how = "added" if added.is_new else "was there already"
        say(f"{plain(place.shown)}: {one.address}/ {how}")


def _wish(site: Path, place: Place) -> Wish:
    """Return the wish to have exactly the files of ``site`` at ``place``."""
    return Wish(site, place, prune=True)


@library_group.command("diff")
@click.argument("library")
@click.argument("a")
@click.argument("b")
@_JSON
@click.pass_context
def diff_command(ctx: click.Context, library: str, a: str, b: str, *, as_json: bool) -> None:
    """Compare two publications of LIBRARY, and keep the page about them there.

    A and B are RUN (its newest publication) or RUN/SIZE.

    Exit codes: 0 the same, 1 different, 2 LIBRARY, A or B cannot be used.
    """
    place = place_of(library)
    with storage_of(place) as storage:
        row, found = differ(storage, a, b)
    if as_json:
        say(encode(found))
    else:
        say(f"{plain(place.shown)}: {row.address}/: {plain(row.says)}")
    ctx.exit(0 if found.same else 1)


@library_group.command("prune")
@click.argument("library")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep the newest N publications of each run.")
@click.option("--before", type=click.IntRange(min=0), metavar="TIME", help="Remove what ends before this logical time.")
@_JSON
def prune_command(library: str, keep: int | None, before: int | None, *, as_json: bool) -> None:
    """Remove publications from LIBRARY; each of their pages becomes a tombstone, their checkpoints stay.

    Exit codes: 0 done, 2 LIBRARY cannot be used.
    """
    if keep is None and before is None:
        message = "nothing says what to remove"
        raise InputError(message, "Give --keep, --before, or both.")
    place = place_of(library)
    with storage_of(place) as storage:
        removed = prune(storage, keep, before)
    if as_json:
        listed = [{"run": one.run, "size": one.size, "rule": one.removed.rule} for one in removed if one.removed]
        say(encode({"version": 1, "library": place.shown, "removed": listed}))
    else:
        say(f"{plain(place.shown)}: {len(removed):,} removed")
