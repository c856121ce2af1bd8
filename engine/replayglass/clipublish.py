"""The commands `publish` and `pack`: arguments in, an answer and an exit code out; no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayglass.canon import encode
from replayglass.pack import pack
from replayglass.progress import Progress
from replayglass.publish.place import place_of
from replayglass.publish.publishing import Wish, publish
from replayglass.terminal import plain, say
from replayglass.verify.pins import read_keys

if TYPE_CHECKING:
    from replayglass.publish.place import Place
    from replayglass.publish.publishing import Published

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")


@click.command("publish")
@click.argument("site", type=_PATH)
@click.argument("target", metavar="URL")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would be sent and removed, in order; write nothing.")
@click.option("--prune", is_flag=True, help="Remove what the target's old manifest lists and the new one does not.")
@click.option("--vkey", "vkeys", multiple=True, metavar="KEY", help="Pin the key of a log, or a file of keys.")
@_JSON
def publish_command(  # noqa: PLR0913 - one for each option
    site: Path, target: str, vkeys: tuple[str, ...], *, is_dry: bool, prune: bool, as_json: bool
) -> None:
    """Send the folder SITE to where readers find it: a folder, s3://, gs://, sftp://, any URL that fsspec knows.

    SITE is verified first, and has to continue what is published there. What the target has is not sent again; after
    an interruption the same command goes on.

    Exit codes: 0 published, 2 not (the target is whole as it was, or the next try goes on), 3 SITE is no continuation
    of what is published there.
    """
    place = place_of(target)
    with Progress(sys.stderr) as progress:
        done = publish(Wish(site, place, read_keys(vkeys), prune, is_dry), progress.announce)
    if as_json:
        say(encode(_described(site, place, done, is_dry=is_dry)))
        return
    if is_dry:
        for step in done.plan.steps:
            say(plain(f"send    {step.path} ({step.size:,} bytes, {'new' if step.is_new else 'changed'})"))
        for path in done.plan.removed:
            say(plain(f"remove  {path}"))
    say(plain(f"{place.shown}: {_counts(done, is_dry=is_dry)}"))


def _counts(done: Published, *, is_dry: bool) -> str:
    would = "would be " if is_dry else ""
    size = sum(step.size for step in done.plan.steps)
    sent = f"{len(done.plan.steps):,} files ({size:,} bytes) {would}sent, {done.plan.unchanged:,} were there"
    return f"{sent}, {len(done.plan.removed):,} {would}removed"


def _described(site: Path, place: Place, done: Published, *, is_dry: bool) -> dict[str, object]:
    return {
        "version": 1,
        "site": str(site),
        "target": place.shown,
        "dry_run": is_dry,
        "sent": [{"path": step.path, "size": step.size, "new": step.is_new} for step in done.plan.steps],
        "removed": list(done.plan.removed),
        "unchanged": done.plan.unchanged,
        "logs": [
            {"stream": stream, "origin": log.origin, "size": log.size, "root": log.root.hex(), "signed": log.signed}
            for stream, log in done.logs.items()
        ],
    }


@click.command("pack")
@click.argument("site", type=_PATH)
@click.argument("out", metavar="OUT.zip", type=_PATH)
@_JSON
def pack_command(site: Path, out: Path, *, as_json: bool) -> None:
    """Write the folder SITE to one zip archive, which `verify` reads as it is; the same site gives the same bytes.

    Exit codes: 0 written, 2 not: SITE is not what its manifest says, or OUT.zip cannot be written.
    """
    with Progress(sys.stderr) as progress:
        packed = pack(site, out, progress.announce)
    if as_json:
        say(encode({"version": 1, "site": str(site), "archive": str(out), **packed._asdict()}))
    else:
        say(plain(f"{out}: {packed.files:,} files, {packed.bytes:,} bytes, SHA-256 {packed.sha256}"))
