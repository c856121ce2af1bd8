"""What a request is about, and whether it was meant for us: request targets and Host headers (RFC 9112), as text."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

_TARGET = re.compile(
    r"(?:http://(?P<authority>[^/?#\s]*)(?=[/?]|\Z))?(?P<path>/[^?#\s]*)?(?:\?(?P<query>[^#\s]*))?", re.IGNORECASE
)
_AUTHORITY = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{0,5})?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Target(NamedTuple):
    """A request target: the path from the site's root, never decoded, as no path of a site needs an escape."""

    path: str
    query: str
    authority: str | None

    def values(self, name: str) -> list[str]:
        """Return every value that the query gives ``name``."""
        return [value for key, value in parse_qsl(self.query, keep_blank_values=True) if key == name]


def read_target(text: str) -> Target | None:
    """Return what a request target says: a path, or ``http://`` and a path (RFC 9112 section 3.2); None: neither."""
    match = _TARGET.fullmatch(text)
    if match is None or (match["path"] is None and match["authority"] is None):
        return None
    return Target((match["path"] or "/")[1:], match["query"] or "", match["authority"])


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach ``address``."""
    found = _address(address)
    return address == "localhost" if found is None else found.is_loopback


class Hosts:
    """The names under which the server may be asked: loopback names, and the address that it was told to listen on.

    A page of somebody else, whose name was made to point here (DNS rebinding), asks under that name. Told to listen on
    every address of the machine, the server cannot know them all; but an address, unlike a name, cannot be rebound.
    """

    def __init__(self, told: str) -> None:
        self._names = _LOOPBACK | {told.lower()}
        self._any_address = told in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound

    def accept(self, authorities: Sequence[str]) -> bool:
        """Tell whether each of the authorities that a request names (at least one) is ours; ports are not looked at."""
        return bool(authorities) and all(map(self._accepts, authorities))

    def _accepts(self, authority: str) -> bool:
        match = _AUTHORITY.fullmatch(authority)
        name = match["name"].strip("[]").lower() if match else ""
        return name in self._names or (self._any_address and _address(name) is not None)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
