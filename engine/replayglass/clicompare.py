"""The command `diff`: arguments in, a comparison and an exit code out; no logic."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from replayglass.canon import encode
from replayglass.compare.comparison import compare
from replayglass.compare.folder import check_folder, write_comparison
from replayglass.compare.page import Hrefs
from replayglass.compare.sides import opened
from replayglass.compare.words import lines_of
from replayglass.progress import Progress
from replayglass.terminal import plain, say

_PATH = click.Path(path_type=Path)


@click.command("diff")
@click.argument("a", type=_PATH)
@click.argument("b", type=_PATH)
@click.option("--out", type=_PATH, help="Publish the comparison as a page, in a folder of its own.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_context
def diff_command(ctx: click.Context, a: Path, b: Path, out: Path | None, *, as_json: bool) -> None:
    """Compare A and B, each a published site or a run folder.

    The first record in which their logs part is found through the hash tiles, without reading all of them. A run folder
    is replayed first, into a temporary folder.

    Exit codes: 0 the same, 1 different, 2 A, B or the output cannot be used.
    """
    if out is not None:
        check_folder(out, (a, b))
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(sys.stderr))
        sites = [stack.enter_context(opened(path, progress.announce)) for path in (a, b)]
        found = compare(*sites)
    if out is not None:
        write_comparison(found, out, Hrefs())
    if as_json:
        say(encode(found))
    else:
        for line in lines_of(found):
            say(plain(line))
    ctx.exit(0 if found.same else 1)
