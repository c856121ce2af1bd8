"""The commands `states` and `simulate flow`: arguments in, lines and an exit code out; no logic."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayglass.domains.flow.journal import RULE_SETS
from replayglass.domains.flow.rerun import Errors, check_run, execute
from replayglass.domains.flow.scenario import Mix, Size
from replayglass.domains.flow.simulate import Simulation, write_run
from replayglass.domains.flow.states import play, states
from replayglass.errors import OutputError
from replayglass.inputs import read_input
from replayglass.terminal import plain, say

if TYPE_CHECKING:
    from replayglass.domains.flow.rerun import Checked

_PATH = click.Path(path_type=Path)
_MAX_SCRIPT = 64 << 20
_SHARE = re.compile(r"(event|ctrl|start)=([0-9]{1,2}|100)", re.ASCII)


@click.command("states")
@click.argument("run", type=_PATH)
@click.option("--beat", type=click.IntRange(min=0), help="Only the state after this beat, counted from 0.")
@click.option("--rules", type=click.Choice(["1", "2"]), help="Follow these rules, whatever the journal says.")
@click.pass_context
def states_command(ctx: click.Context, run: Path, beat: int | None, rules: str | None) -> None:
    """Print the whole flow state after every beat of RUN as lines of JSON.

    RUN is a run folder, or a file of intents: {beats, intents: [{submit_beat, bucket, txn, fields}]}. Rules 2 are
    followed where nothing else is said.

    Exit codes: 0 clean, 1 there are errors in the journal (on standard error), 2 RUN cannot be used.
    """
    errors = Errors()
    wanted = None if rules is None else RULE_SETS[int(rules)]
    if run.is_dir():
        executed = execute(run, errors.add, wanted)
    else:
        executed = play(read_input(run, "RUN", _MAX_SCRIPT), wanted or RULE_SETS[2])
    for line in states(executed, beat):
        say(line)
    if errors.first is not None:
        place = "" if errors.first.line is None else f":{errors.first.line}"
        said = f"{errors.first.segment}{place}: {errors.first.message} (errors in all: {errors.count:,})"
        click.echo(plain(said), err=True)
        ctx.exit(1)


def _read_mix(_ctx: click.Context, _option: click.Parameter, value: str) -> Mix:
    shares = [_SHARE.fullmatch(part.strip()) for part in value.split(",")]
    found = {share[1]: int(share[2]) for share in shares if share}
    if len(found) != len(shares):
        message = "say event=N,ctrl=N,start=N, each once at most, from 0 to 100"
        raise click.BadParameter(message)
    return Mix(**found)


@click.command("flow")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed, the same bytes.")
@click.option("--instances", type=click.IntRange(min=1), default=32, show_default=True, help="So many instances.")
@click.option("--beats", type=click.IntRange(min=1), default=64, show_default=True, help="So many beats.")
@click.option(
    "--mix",
    default="event=40,ctrl=5,start=3",
    show_default=True,
    callback=_read_mix,
    help="How many of 100 instances get an event, a control, a new start in each beat.",
)
@click.option("--rules", type=click.Choice(["1", "2"]), default="2", show_default=True, help="The rules to follow.")
@click.option("--out", type=_PATH, required=True, help="A folder that is new or empty.")
@click.option("--check", is_flag=True, help="Replay it in a second process, and require the identical ledger.")
@click.pass_context
def simulate_flow_command(  # noqa: PLR0913, PLR0917 - click gives an argument for each option
    ctx: click.Context, seed: int, instances: int, beats: int, mix: Mix, rules: str, out: Path, *, check: bool
) -> None:
    """Write a run of the flow runtime: all kinds of steps and retention, failed intents, vetoes.

    Exit codes: 0 written (and replayed), 1 the replay differs, 2 nothing could be written.
    """
    made = write_run(Simulation(seed, Size(instances, beats), mix, RULE_SETS[int(rules)]), out)
    said = f"{out}: {made.intents:,} intents, {made.beats:,} beats, {made.decisions:,} decisions"
    if not check:
        say(plain(said))
        return
    found = _check_elsewhere(out)
    say(plain(f"{said}; replayed in a second process: {found.status}, errors: {found.errors:,}"))
    ctx.exit(0 if found.status == "equal" and not found.errors else 1)


def _check_elsewhere(run: Path) -> Checked:
    """Check a run in a process of its own, which has another hash seed and remembers nothing of this one."""
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            return elsewhere.submit(check_run, run).result()
    except BrokenProcessPool as error:
        message = "the second process ended without an answer"
        raise OutputError(message, "There may not be enough memory for it; the run is written.") from error
