"""The name of a run in a library: part of every address, so it is made of few signs."""

from __future__ import annotations

import re

from replayglass.errors import InputError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OTHERS = re.compile(r"[^a-z0-9]+")
_RESERVED = "latest"
_MOST = 64


def check_name(name: str, option: str) -> str:
    """Return ``name`` if a run may have it; ``option`` is where it was given.

    Raises:
        InputError: it may not.
    """
    if _NAME.fullmatch(name) is None or name == _RESERVED:
        message = f"{option}: {name!r} cannot be the name of a run"
        raise InputError(message, f'1 to 64 of a-z, 0-9 and "-", not "-" first, and not "{_RESERVED}".')
    return name


def derive_name(origin: str | None, title: str) -> str:
    """Return a name for a run whose logs have this origin, or else whose site has this title.

    Raises:
        InputError: neither makes a name.
    """
    name = _OTHERS.sub("-", (origin or title).lower())[: _MOST + 1].strip("-")[:_MOST].strip("-")
    if not name or name == _RESERVED:
        message = "neither the origin nor the title of the site makes a name for the run"
        raise InputError(message, "give one with --name")
    return name
