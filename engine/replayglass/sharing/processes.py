"""The tasks of a build on processes of this machine."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from replayglass.errors import OutputError
from replayglass.sharing.worker import render_share, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from replayglass.output.stage import Staged
    from replayglass.sharing.worker import Refusal, Task


@contextmanager
def spread(tasks: Sequence[Task]) -> Iterator[Callable[[], Iterator[list[Staged]]]]:
    """Start a process for each task; gives a function that waits for their answers, in order.

    A process that dies is replaced once. Leaving the context cancels what has not begun.

    Raises:
        OutputError: (when waiting) a task failed, or its process died twice.
    """
    if not tasks:
        yield lambda: iter(())
        return
    pool = _pool(len(tasks))
    try:
        begun = [pool.submit(render_share, task) for task in tasks]
        yield lambda: map(_answer, tasks, begun)
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def _answer(task: Task, begun: Future[list[Staged] | Refusal]) -> list[Staged]:
    try:
        return taken(begun.result())
    except BrokenProcessPool:
        return _again(task)


def _again(task: Task) -> list[Staged]:
    with _pool(1) as pool:
        try:
            return taken(pool.submit(render_share, task._replace(is_again=True)).result())
        except BrokenProcessPool as error:
            message = "a worker process died, and so did the one that took its place"
            raise OutputError(message, "Look whether memory ran out; fewer --jobs take less.") from error
