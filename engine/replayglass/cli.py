"""The commands: arguments in, exit codes and sentences out; no logic."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayglass import __version__
from replayglass.domains.paper.simulate import write_run
from replayglass.errors import ReplayglassError
from replayglass.terminal import plain, say

if TYPE_CHECKING:
    from collections.abc import Mapping


_INTERRUPTED = 130
"""The exit code of a process that was told to stop from the keyboard (128 + SIGINT), as shells have it."""


class _Commands(click.Group):
    """Commands of which some stand in modules that are loaded only when they are asked for: a build needs none of them.

    ``elsewhere`` has module and name of these, by their names on the command line.
    """

    def __init__(self, *, elsewhere: Mapping[str, tuple[str, str]], **attributes: Any) -> None:  # noqa: ANN401 - click's
        super().__init__(**attributes)
        self._elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *self._elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        module, name = self._elsewhere[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


class _Main(_Commands):
    """Turns every reason to stop into one sentence, a hint and its exit code; never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except ReplayglassError as error:
            _complain(error.message, error.hint)
            ctx.exit(error.exit_code)
        except MemoryError:
            _complain("there is not enough memory for this run")
            ctx.exit(2)
        except KeyboardInterrupt:
            _complain("interrupted")
            ctx.exit(_INTERRUPTED)


def _complain(message: str, hint: str = "") -> None:
    click.echo(f"replayglass: {plain(message)}", err=True)
    for line in hint.splitlines():
        click.echo(f"  {plain(line)}", err=True)


_ELSEWHERE = {
    "build": ("replayglass.clibuild", "build_command"),
    "check": ("replayglass.clibuild", "check_command"),
    "diff": ("replayglass.clicompare", "diff_command"),
    "library": ("replayglass.clilibrary", "library_group"),
    "pack": ("replayglass.clipublish", "pack_command"),
    "prove": ("replayglass.cliverify", "prove_command"),
    "publish": ("replayglass.clipublish", "publish_command"),
    "report": ("replayglass.clireport", "report_command"),
    "serve": ("replayglass.clilive", "serve_command"),
    "states": ("replayglass.cliflow", "states_command"),
    "verify": ("replayglass.cliverify", "verify_command"),
    "watch": ("replayglass.clilive", "watch_command"),
}
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=_Main, elsewhere=_ELSEWHERE, context_settings=_SETTINGS)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def main() -> None:
    """Replay append-only audit logs offline and publish what happened as a static site."""


@main.group(cls=_Commands, elsewhere={"flow": ("replayglass.cliflow", "simulate_flow_command")})
def simulate() -> None:
    """Write a run as a runtime would, for tests, benchmarks and demonstrations."""


@simulate.command()
@click.option("--events", type=click.IntRange(min=1), default=10_000, show_default=True, help="At least so many.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed, the same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder that is new or empty.")
def paper(events: int, seed: int, out: Path) -> None:
    """Write a run of the PAPER runtime: whole ticks, ids and snapshots included."""
    made = write_run(events, seed, out)
    say(f"{plain(str(out))}: {made.events:,} events of {made.ticks:,} ticks, {made.snapshots:,} snapshots")
