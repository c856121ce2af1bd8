"""The commands `serve` and `watch`: arguments in, lines and an exit code out; no logic."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Thread

import click

from replayglass import pipeline
from replayglass.inputs import MAX_KEY, read_input
from replayglass.live.requesttarget import is_loopback
from replayglass.live.server import Service, SiteServer
from replayglass.live.watching import Publisher, follow
from replayglass.progress import Progress
from replayglass.render.overlay import NO_THEME, read_overlay
from replayglass.sources import silently
from replayglass.terminal import plain, say
from replayglass.verify.whole import open_site

_PATH = click.Path(path_type=Path)
_PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0: any free one."
)
_HOST = click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Listen there.")
_NO_RELOAD = click.option("--no-reload", is_flag=True, help="Serve pages without the script that loads them again.")


@click.command("serve")
@click.argument("site", type=_PATH)
@_PORT
@_HOST
@_NO_RELOAD
@click.option("--guard", is_flag=True, help="Demand the observer contract's two access headers on its own paths.")
def serve_command(site: Path, port: int, host: str, *, no_reload: bool, guard: bool) -> None:
    """Show a published SITE to browsers and observer clients on this machine, until Ctrl-C.

    Exit codes: 0 stopped, 2 there is no site, or the port cannot be had.
    """
    open_site(str(site))
    with _listening(Service(site, not no_reload, guard), host, port) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


@click.command("watch")
@click.argument("run", type=_PATH)
@click.option("--out", type=_PATH, default=Path("build/site"), show_default=True, help="The site.")
@click.option("--key", type=_PATH, help="Sign the logs with this Ed25519 key (a PEM file).")
@click.option("--theme", type=_PATH, help="Lay this folder over the templates; it is read for each publication.")
@click.option("--serve", "is_served", is_flag=True, help="Serve the site as well.")
@_PORT
@_HOST
@_NO_RELOAD
def watch_command(  # noqa: PLR0913 - click gives an argument for each option
    run: Path,
    out: Path,
    key: Path | None,
    theme: Path | None,
    *,
    is_served: bool,
    port: int,
    host: str,
    no_reload: bool,
) -> None:
    """Publish the run folder RUN, and again whenever it has grown, until Ctrl-C.

    What stops a build (see `replayglass build --help`) ends the command only the first time. Later it is told on
    standard error, the site stays as it was published last, and watching goes on.

    Exit codes: 0 stopped; 2 and 3: the first publication cannot be made.
    """
    pem = None if key is None else read_input(key, "--key", MAX_KEY)
    publisher = Publisher(partial(_build, run, out, pem, theme), partial(_tell, out))
    with ExitStack() as stack:
        try:
            if is_served:
                server = stack.enter_context(_listening(Service(out, not no_reload), host, port))
                Thread(target=server.serve_forever, daemon=True).start()
                stack.callback(server.shutdown)
            follow(run, publisher)
        except KeyboardInterrupt:
            return


def _build(run: Path, out: Path, pem: bytes | None, theme: Path | None) -> pipeline.Report:
    """Build; how far it has come is shown on a terminal only, so that a log has a line for each publication."""
    worn = NO_THEME if theme is None else read_overlay(theme)
    with Progress(sys.stderr) as progress:
        return pipeline.build(run, out, progress.announce if sys.stderr.isatty() else silently, pem, overlay=worn)


def _tell(out: Path, text: str) -> None:
    click.echo(f"replayglass: {plain(str(out))}: {text}", err=True)


def _listening(service: Service, host: str, port: int) -> SiteServer:
    server = SiteServer(service, host, port)
    if not is_loopback(str(server.server_address[0])):
        warning = "whoever reaches this machine can read the site, without a password and without encryption"
        click.echo(f"replayglass: warning: {warning}", err=True)
    say(plain(f"{service.site}: {server.url}"))
    return server
