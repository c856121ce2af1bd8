"""Works out where the records of a batch stand, only when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable


class Offsets(Sequence[int]):
    """The byte offset of each of ``raws``: LF-terminated, the first at ``start``.

    ``shifts`` are (index, bytes): from that record on, all stand so many bytes further on. Nothing is computed before
    the first look, because only the records that are damaged are ever looked up.
    """

    __slots__ = ("_known", "_raws", "_shifts", "_start")

    def __init__(self, start: int, raws: Sequence[bytes], shifts: Sequence[tuple[int, int]] = ()) -> None:
        self._start = start
        self._raws = raws
        self._shifts = shifts
        self._known: list[int] | None = None

    def __len__(self) -> int:
        return len(self._raws)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if self._known is None:
            unshifted = accumulate((len(raw) + 1 for raw in self._raws), initial=self._start)
            self._known = shifted(unshifted, len(self._raws), self._shifts)
        return self._known[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # compared by value, like the list it stands for


def shifted(places: Iterable[int], count: int, shifts: Iterable[tuple[int, int]]) -> list[int]:
    """Return the first ``count`` of ``places``, each increased by the shifts (index, amount) at or before it."""
    steps = [0] * (count + 1)  # one more than there are records: a shift may stand behind the last
    for index, amount in shifts:
        steps[index] += amount
    return list(map(add, places, accumulate(steps)))[:count]
