"""Puts a build aside shortly before the end of its log, and takes up the one that an earlier build put aside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from replayglass.continuing.aside import Aside, save
from replayglass.continuing.freezer import FreezeError, freeze, thaw
from replayglass.continuing.prefix import tail_of
from replayglass.errors import InputError
from replayglass.plan import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from replayglass.continuing.aside import Earlier
    from replayglass.continuing.statefile import Draft
    from replayglass.output.manifest import FileEntry
    from replayglass.run import Run
    from replayglass.sources import Sources


MAX_STRIDE = 2 << 20
"""Bytes of a page of records beyond which no build is put aside: the open pages are part of the state."""


class Halting(NamedTuple):
    """When a build is put aside.

    ``marks`` are bytes before the end of the leading stream: at the first place behind each of them, or at the last but
    one place if records are so large that there would be none. What is read after the last of these places is read
    again by the next build; the earlier ones are for logs whose other streams were read to their ends at the later one.
    A build that goes on is not put aside once more while it has no more than ``again`` bytes to read, or a ``share`` of
    the size of the state: to write a byte of state takes a fortieth of the time that a byte of log does.
    """

    marks: tuple[int, ...] = (2 << 20, 128 << 10)
    again: int = 192 << 10
    share: float = 1 / 40


HALTING = Halting()


class Keeper:
    """The halts of one build (`plan.Halts`), in a context.

    ``made`` is the list to which the path of each file that is made is added. The state goes into ``draft`` as it is
    put aside; what is not saved when the context is left is gone.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what is put aside, from where and to where
        self, run: Run, sources: Sources, made: list[str], earlier: Earlier | None, halting: Halting, draft: Draft
    ) -> None:
        self._run = run
        self._sources = sources
        self._made = made
        self._earlier = earlier
        self._draft = draft
        is_near = earlier is not None and sources.left <= max(halting.again, halting.share * earlier.size)
        is_apt = run.domain.can_go_on and not is_near
        self._marks = [mark for mark in halting.marks if is_apt and mark < sources.left]
        self._kept: Aside | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self._draft.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._draft.__exit__(*raised)

    def pause(self, state: State, outside: Mapping[str, object]) -> None:
        """Put ``state`` aside, if a mark was passed and every stream can go on from here."""
        left, stride = self._sources.left, self._sources.stride
        if not self._marks or left > max(self._marks[0], 2 * stride) or stride > MAX_STRIDE:
            return
        halted = self._sources.halted()
        if halted is None:
            return
        try:
            tails = {stream.name: tail_of(stream, halted[stream.name].reached) for stream in self._run.streams}
        except InputError:  # a file that is being read was renamed or removed
            return
        self._marks = [mark for mark in self._marks[1:] if mark < left]
        self._draft.fill(partial(freeze, tuple(state), outside))
        self._kept, self._count = Aside(halted, tails, ()), len(self._made)

    def save(self, key: str, file: Callable[[str], FileEntry]) -> None:
        """Save what was put aside last, if anything was; ``file`` gives what the manifest says of a path."""
        if self._kept is not None:
            save(self._draft, key, self._kept._replace(files=tuple(map(file, self._made[: self._count]))))

    def take_up(self, outside: Mapping[str, object]) -> State | None:
        """Return the state that the earlier build put aside.

        Raises:
            FreezeError: it cannot be read.
        """
        if self._earlier is None:
            return None
        found = thaw(self._earlier.state, outside)
        if isinstance(found, tuple) and len(found) == len(State._fields):
            return State(*found)
        message = "the state has another form"
        raise FreezeError(message)
