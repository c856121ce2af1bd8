"""The tasks of a build on the workers of a Dask cluster.

Run, site and staging folder must be at the same absolute paths on every worker, and the same version of replayglass
must be installed there. Whoever reaches a scheduler can have its workers run anything: that is Dask's design, not ours.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from replayglass.errors import InputError, OutputError
from replayglass.sharing.worker import render_share, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.output.stage import Staged
    from replayglass.sharing.worker import Task

SCHEME = "dask://"
_PATIENCE = 10
"""Seconds until a scheduler that does not answer is given up."""


@contextmanager
def spread_over(address: str, tasks: Sequence[Task]) -> Iterator[Callable[[], Iterator[list[Staged]]]]:
    """Submit the tasks to the scheduler at ``address`` (``host:port``); gives a function that waits for their answers.

    The scheduler gives the task of a worker that dies to another one; what the dead one left is exchanged.

    Raises:
        InputError: the extra ``dask`` is not installed, or there is no scheduler.
        OutputError: (when waiting) a task failed, or workers died over it several times.
    """
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = "a Dask cluster needs the package distributed"
        raise InputError(message, "Install it: pip install 'replayglass[dask]'") from error
    try:
        client = Client(f"tcp://{address}", timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"there is no Dask scheduler at {address}"
        raise InputError(message, "Start one: dask scheduler") from error

    def answers() -> Iterator[list[Staged]]:
        try:
            for future in begun:
                yield taken(future.result())
        except KilledWorker as error:
            message = "the workers of the cluster died over a share of the build"
            raise OutputError(message, "Look whether memory ran out there; more --jobs make smaller shares.") from error

    with client:
        begun = client.map(render_share, [task._replace(is_again=True) for task in tasks], pure=False)
        yield answers
        client.cancel(begun)
