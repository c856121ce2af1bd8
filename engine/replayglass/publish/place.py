"""Where a site is published to, as the user wrote it, and what may be said of that: no password."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from replayglass.errors import InputError

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_FOLDERS = {"file", "local"}


class Place(NamedTuple):
    """A target: the ``folder`` that it is, or else its whole ``url``; ``shown`` is the URL without credentials."""

    shown: str
    scheme: str = ""
    url: str = ""
    folder: str = ""


def place_of(text: str) -> Place:
    """Return the place that the user named.

    Raises:
        InputError: it is several places in one (``::``), or none.
    """
    found = _SCHEME.fullmatch(text)
    if "::" in text and (found or "://" in text):
        message = "a target is one place, not a chain of them"
        raise InputError(message)
    if found is None:
        return Place(text, folder=text)
    scheme, rest = found["scheme"].lower(), found["rest"]
    if scheme in _FOLDERS:
        path = unquote(rest.removeprefix("localhost"))
        if not path.startswith("/"):
            message = f"{scheme}:// wants an absolute path"
            raise InputError(message, f"Write {scheme}:///folder, or the path alone.")
        return Place(path, folder=path)
    bare = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = bare.partition("/")
    shown = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}".rstrip("/")
    if not bare.strip("/"):
        message = f"{scheme}:// names no place to publish to"
        raise InputError(message)
    return Place(shown, scheme, text)
