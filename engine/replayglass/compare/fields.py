"""The first field in which two JSON texts differ, as a JSON Pointer (RFC 6901) and both values as they are written."""

from __future__ import annotations

import json
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CUT = 400
"""Characters of a text that are shown; a longer one ends with an ellipsis."""

MAX_PARSED = 1 << 22
"""Bytes of the largest text whose fields are compared: read, it takes many times as much memory."""

_ABSENT = object()


class FieldDifference(NamedTuple):
    """``path`` is a JSON Pointer; ``a`` and ``b`` are JSON, cut, or None where there is no such field."""

    path: str
    a: str | None
    b: str | None


class _Number(NamedTuple):
    """A number as it is written: 1 and 1.0 differ, and no digit of a long one is lost."""

    text: str


class _Object(NamedTuple):
    """An object as it is written: order and repeated names are kept."""

    members: Sequence[tuple[str, Any]]


def first_difference(a: bytes, b: bytes) -> FieldDifference | None:
    """Return the first field, in the order of ``a``, in which two JSON texts differ.

    None if one is no JSON in UTF-8, too large or nested too deeply, or they say the same in other bytes.
    """
    if max(len(a), len(b)) > MAX_PARSED:
        return None
    try:
        found = next(_differences(_read(a), _read(b), ""), None)
        return None if found is None else FieldDifference(found[0], _shown(found[1]), _shown(found[2]))
    except (ValueError, RecursionError):
        return None


def cut(text: str) -> str:
    """Return a text of at most `CUT` characters."""
    return text if len(text) <= CUT else f"{text[: CUT - 1]}\u2026"


def _read(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(
        data.decode(),
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=int,  # NaN and the infinities are no JSON: a ValueError
        object_pairs_hook=_Object,
    )


def _differences(a: Any, b: Any, path: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - any JSON
    if type(a) is not type(b):
        yield path, a, b
    elif isinstance(a, _Object) and _is_plain(a) and _is_plain(b):
        others = dict(b.members)
        mine = dict(a.members)
        for name in chain(mine, (name for name in others if name not in mine)):
            below = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _differences(mine.get(name, _ABSENT), others.get(name, _ABSENT), below)
    elif isinstance(a, list):
        for index, (one, other) in enumerate(zip_longest(a, b, fillvalue=_ABSENT)):
            yield from _differences(one, other, f"{path}/{index}")
    elif a != b:
        yield path, a, b


def _is_plain(value: _Object) -> bool:
    return len({name for name, _ in value.members}) == len(value.members)


def _shown(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if value is _ABSENT else cut(_text(value))


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, _Object):
        return f"{{{','.join(f'{_text(name)}:{_text(item)}' for name, item in value.members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    return json.dumps(value, ensure_ascii=False)
