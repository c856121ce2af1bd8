"""The commands `verify` and `prove`: arguments in, an answer and an exit code out; no logic."""

from __future__ import annotations

import sys
from functools import partial
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayglass.errors import InputError, OutputError
from replayglass.inputs import read_input
from replayglass.progress import Progress
from replayglass.proof.failure import ProofError
from replayglass.proof.note import MAX_NOTE
from replayglass.proof.tlogproof import MAX_FILE, SUFFIX
from replayglass.prove import prove
from replayglass.render.overlay import NO_THEME, read_overlay
from replayglass.terminal import plain, say
from replayglass.verify.answer import json_of, lines_of
from replayglass.verify.comparison import is_comparison, verify_comparison
from replayglass.verify.pins import read_keys
from replayglass.verify.proofs import entry_in, verify_proof
from replayglass.verify.replayed import render_again
from replayglass.verify.since import open_kept
from replayglass.verify.whole import Reader, open_site, streams_of, verify_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.verify.report import Report

_PATH = click.Path(path_type=Path)
_MAX_RECORD = 1 << 30


@click.command("verify")
@click.argument("target", metavar="SITE", type=_PATH)
@click.option("--vkey", "vkeys", multiple=True, metavar="KEY", help="Pin the key of a log, or a file of keys.")
@click.option("--since", type=_PATH, multiple=True, metavar="CHECKPOINT", help="A checkpoint that you kept.")
@click.option("--run", type=_PATH, help="Render this run folder again, and compare every file.")
@click.option("--theme", type=_PATH, help="The theme that the site wears; with --run.")
@click.option("--record", type=_PATH, help="The record that SITE, a .tlog-proof file, is the proof of.")
@click.option("--site", type=_PATH, help="The site that holds the record of SITE, a .tlog-proof file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_context
def verify_command(  # noqa: PLR0913, PLR0917 - click gives an argument for each option
    ctx: click.Context,
    target: Path,
    vkeys: tuple[str, ...],
    since: tuple[Path, ...],
    run: Path | None,
    theme: Path | None,
    record: Path | None,
    site: Path | None,
    *,
    as_json: bool,
) -> None:
    """Check everything of a published SITE again, from its files alone; or check a .tlog-proof file.

    Without a pinned key the answer is at best "unauthenticated": a key that the site names proves nothing.

    Exit codes: 0 nothing is wrong (which "unauthenticated" is, too), 1 something is, 2 an argument cannot be used,
    3 the log is no continuation of a checkpoint that you kept (--since).
    """
    keys = read_keys(vkeys)
    if target.name.endswith(SUFFIX):
        _refuse(since=bool(since), run=run is not None, theme=theme is not None)
        report = _verify_proof(target, record, site, keys)
    else:
        _refuse(record=record is not None, site=site is not None, theme=theme is not None and run is None)
        if is_comparison(open_site(str(target))):
            _refuse(since=bool(since), run=run is not None, vkey=bool(vkeys))
        report = _verify_site(target, since, run, theme, keys)
    if as_json:
        say(json_of(str(target), report))
    else:
        for line in lines_of(report):
            say(plain(line))
    ctx.exit(report.exit_code)


def _refuse(**given: bool) -> None:
    for name, is_given in given.items():
        if is_given:
            message = f"--{name} has no meaning for this kind of SITE"
            raise InputError(message, "See replayglass verify --help.")


def _verify_site(
    target: Path, since: Sequence[Path], run: Path | None, theme: Path | None, keys: Sequence[Verifier]
) -> Report:
    overlay = NO_THEME if theme is None else read_overlay(theme)
    kept = {str(path): _kept(path) for path in since}
    with Progress(sys.stderr) as progress:
        again = partial(render_again, announce=progress.announce, overlay=overlay)
        render = None if run is None else partial(again, run)
        site = open_site(str(target))
        if is_comparison(site):
            return verify_comparison(site, progress.announce)
        return verify_site(site, streams_of(site), Reader(keys, kept, render), progress.announce)


def _kept(path: Path) -> bytes:
    data = read_input(path, "--since", MAX_NOTE)
    try:
        open_kept(data, ())
    except ProofError as error:
        message = f"--since: {path}: {error}"
        raise InputError(message) from None
    return data


def _verify_proof(target: Path, record: Path | None, site: Path | None, keys: Sequence[Verifier]) -> Report:
    data = read_input(target, "SITE", MAX_FILE)
    entry = None if record is None else entry_in(read_input(record, "--record", _MAX_RECORD))
    if site is None:
        return verify_proof(data, entry, None, keys)
    opened = open_site(str(site))
    return verify_proof(data, entry, (opened, list(streams_of(opened))), keys)


@click.command("prove")
@click.argument("site", type=_PATH)
@click.argument("stream")
@click.argument("seq", type=click.IntRange(min=0))
@click.option("--out", type=_PATH, help=f"The file to write, best with the ending {SUFFIX}; else it is printed.")
@click.option("--record", type=_PATH, help="Write the record's exact bytes to this file, too.")
def prove_command(site: Path, stream: str, seq: int, out: Path | None, record: Path | None) -> None:
    """Write the C2SP .tlog-proof file of record SEQ (counted from 0) of STREAM in a published, signed SITE.

    Exit codes: 0 written, 2 the site, the record or a file cannot be used.
    """
    opened = open_site(str(site))
    proven = prove(opened, list(streams_of(opened)), stream, seq)
    if record is not None:
        if proven.record is None:
            message = f"record {seq} was too long to be read; the site has only its SHA-256"
            raise InputError(message)
        _write(record, proven.record, site)
    if out is None:
        say(proven.data)
    else:
        _write(out, proven.data, site)
        say(plain(f"{out}: record {seq} of {proven.log.size} in {proven.log.origin}"))


def _write(path: Path, data: bytes, site: Path) -> None:
    if Path(realpath(path)).is_relative_to(realpath(site)):
        message = f"{path} would be a file of the site that its manifest does not list"
        raise InputError(message, "write it to another folder")
    try:
        path.write_bytes(data)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise OutputError(message) from error
