"""Trees of named nodes: texts, dictionaries and links, and how a field of one is read (flow-vm, sections 1.1 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from replayglass.domains.flow.names import is_name, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.domains.flow.names import Names

Tree = dict[str, Any]
"""A dictionary: each value is a text, a `Link`, a Tree, or a list of links (``meta/parents`` only).

Trees that came with a request or stand in a definition are never changed, so that a copy is a reference to them.
"""

INSTANCE = "instance"
"""Where the running instances are, in the path of a link."""

MAX_DEPTH = 32
"""Dictionaries inside each other in a request."""

MAX_CONTEXT = 127
"""Bytes of the longest context signature."""


class Link(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """A reference to a node under ``/data/flow``.

    ``era`` is how often the entry (the first two names of ``path``) had been filled anew when the link was made: what
    is inside an entry dies when the entry is filled again, the entry itself never.
    """

    path: tuple[str, ...]
    era: int = 0


def plant(fields: Mapping[str, object], names: Names, depth: int = MAX_DEPTH) -> Tree:
    """Return what a client submits as a tree of our own, its keys as the engine names them.

    Raises:
        ValueError: a key or a leaf that is no text, or dictionaries nested too deep.
    """
    if depth == 0:
        message = f"an intent may nest {MAX_DEPTH} dictionaries at most"
        raise ValueError(message)
    tree: Tree = {}
    for name, value in fields.items():
        if not isinstance(name, str):
            message = "every name of an intent's field is a text"
            raise ValueError(message)  # noqa: TRY004 - one kind of error for all that can never be valid
        if isinstance(value, dict):
            tree[names.key(name)] = plant(value, names, depth - 1)
        elif isinstance(value, str):
            tree[names.key(name)] = value
        else:
            message = f"field {name!r} is neither a text nor a dictionary"
            raise ValueError(message)  # noqa: TRY004 - as above
    return tree


def text(node: Tree, name: str) -> str | None:
    """Return the text ``name`` of ``node``; a dictionary or link reads as absent."""
    value = node.get(name)
    return value if isinstance(value, str) else None


def children(node: Tree, name: str) -> Tree:
    """Return the dictionary ``name`` of ``node``, or an empty one that belongs to nobody."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def ensure(node: Tree, name: str) -> Tree | None:
    """Return the dictionary ``name`` of ``node``, made if absent; None where something else has the name."""
    value = node.setdefault(name, {})
    return value if isinstance(value, dict) else None


def put(node: Tree, name: str, value: object) -> None:
    """Set ``name`` of ``node``, or remove it for None."""
    if value is None:
        node.pop(name, None)
    else:
        node[name] = value


def identifier(node: Tree, name: str, names: Names) -> str | None:
    """Return the key that field ``name`` of ``node`` identifies (section 5.1): a link's target, or a name."""
    value = node.get(name)
    if isinstance(value, Link):
        return value.path[-1]
    return names.key(value) if isinstance(value, str) and is_name(value) else None


def signature(node: Tree) -> str | None:
    """Return the context signature of ``node`` (section 5.2), of 127 bytes at most."""
    value = node.get("context")
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and size(value) <= MAX_CONTEXT else None


def leaves(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield all that is no dictionary in ``node``, and each dictionary that is empty, with its path."""
    for name, value in node.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def own(node: Tree) -> Tree:
    """Return a deep copy of ``node`` that may be changed."""
    return {name: own(value) if isinstance(value, dict) else value for name, value in node.items()}


def revive(value: Any) -> Any:  # noqa: ANN401 - any value of a tree
    """Return a value of a tree that was written as plain data with its links made links again."""
    if isinstance(value, dict):
        return {name: revive(item) for name, item in value.items()}
    if isinstance(value, list):
        return Link(tuple(value[1]), value[2]) if value[0] == Link.__name__ else [revive(item) for item in value]
    return value
