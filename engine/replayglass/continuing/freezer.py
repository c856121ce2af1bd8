"""The state of a build as bytes and back: only our own values and a few plain ones, whatever the bytes say.

A pickle may name any function of any module and have it called. Here only classes of our modules that touch nothing
outside themselves are found, and the containers listed below; files, callbacks and keys stay outside.
"""

from __future__ import annotations

import pickle
import sys
from enum import EnumType
from typing import TYPE_CHECKING, Any, Protocol, cast

from replayglass.coldrows import ColdRows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

_CHUNK = 1 << 20

_OWN = frozenset(
    {
        "account",
        "cell",
        "collection",
        "continuing.aside",
        "damage",
        "drawings",
        "facet",
        "facetshape",
        "findings",
        "idindex",
        "inorder",
        "listing",
        "log.positions",
        "lookup.catalog",
        "lookup.ids",
        "lookup.index",
        "lookup.times",
        "output.manifest",
        "page",
        "proof.growth",
        "record",
        "replay",
        "row",
        "rule",
        "share",
        "shelf",
        "siteindex",
        "streamshelf",
        "timeline",
        "trail",
    }
)
_DOMAINS = "replayglass.domains."
_PLAIN = frozenset(
    {
        ("array", "_array_reconstructor"),
        ("array", "array"),
        ("builtins", "frozenset"),
        ("builtins", "range"),
        ("builtins", "set"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"),
    }
)


class FreezeError(ValueError):
    """A state that cannot be written, or bytes that are none."""


class Writable(Protocol):
    """What takes the bytes of a state."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``, or anything else with bytes in memory."""


def freeze(state: object, outside: Mapping[str, object], file: Writable) -> None:
    """Write ``state``; where it refers to one of the objects ``outside``, only the name of that is written.

    Rows that are not in memory come behind everything else, some at a time.

    Raises:
        FreezeError: the state holds something that cannot be written.
        OSError: ``file`` raises it.
    """
    freezer = _Freezer(file, outside)
    try:
        freezer.dump(state)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        message = "the state cannot be written"
        raise FreezeError(message) from error
    for rows in freezer.cold:
        for chunk in rows.chunks():
            file.write(chunk)


def thaw(file: BinaryIO, outside: Mapping[str, object]) -> object:
    """Return the state that `freeze` wrote, with other objects ``outside`` of the same names.

    Raises:
        FreezeError: the bytes are no such state, or name something that no state is made of.
    """
    thawer = _Thawer(file, outside)
    try:
        state = thawer.load()
        for rows, size in thawer.cold:
            _refill(rows, file, size)
    except Exception as error:  # damaged bytes can make a constructor raise anything
        message = "the state cannot be read"
        raise FreezeError(message) from error
    return state


def _refill(rows: ColdRows, file: BinaryIO, size: int) -> None:
    while rows.size < size:
        data = file.read(min(_CHUNK, size - rows.size))
        if not data:
            message = "rows are missing"
            raise EOFError(message)
        rows.append(data)


class _Freezer(pickle.Pickler):
    def __init__(self, file: Writable, outside: Mapping[str, object]) -> None:
        super().__init__(file, protocol=5)
        self._names: dict[int, object] = {id(one): name for name, one in outside.items()}
        self.cold: list[ColdRows] = []

    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, ColdRows) and id(obj) not in self._names:
            self._names[id(obj)] = (len(self.cold), obj.width, obj.size)
            self.cold.append(obj)
        return self._names.get(id(obj))


class _Thawer(pickle.Unpickler):
    def __init__(self, file: BinaryIO, outside: Mapping[str, object]) -> None:
        super().__init__(file)
        self._outside = outside
        self.cold: list[tuple[ColdRows, int]] = []

    def persistent_load(self, pid: object) -> object:
        if not isinstance(pid, tuple):
            return self._outside[cast("str", pid)]
        number, width, size = pid
        if number == len(self.cold):
            self.cold.append((ColdRows(width), size))
        return self.cold[number][0]

    def find_class(self, module: str, name: str) -> object:
        """Return a class of ours, or one of the plain ones."""
        if (module, name) == ("builtins", "getattr"):
            return _attribute
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        found: Any = getattr(sys.modules.get(module), name, None) if _is_ours(module) else None
        if isinstance(found, type) and _is_ours(found.__module__):
            return found
        message = f"{module}.{name} is no part of a state"
        raise pickle.UnpicklingError(message)


def _is_ours(module: str) -> bool:
    return module.startswith(_DOMAINS) or module.removeprefix("replayglass.") in _OWN


def _attribute(owner: object, name: str) -> object:
    """Return a method of an object of ours, or a member of an enumeration: pickle writes both as an attribute."""
    if isinstance(owner, EnumType) and _is_ours(owner.__module__):
        member: object = owner.__members__[name]
        return member
    if _is_ours(type(owner).__module__) and not name.startswith("__"):
        return getattr(owner, name)
    message = f"{name} is no method of a state's object"
    raise pickle.UnpicklingError(message)
