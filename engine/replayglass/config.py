"""Reads what the operator says about a run: ``replayglass.toml``, as one frozen value."""

from __future__ import annotations

import re
import stat
import tomllib
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from replayglass.errors import InputError
from replayglass.secretscan.rules import read_rules, shown_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from replayglass.secretscan.rules import SecretRule

CONFIG_FILE = "replayglass.toml"
MAX_CONFIG_BYTES = 1024 * 1024
MAX_TEXT_LENGTH = 200

_MEBIBYTE = 1024 * 1024
_LINE = re.compile(r"\(at line (\d{1,9}),")
# Control characters, line separators and the signs that reorder text: a value is one visible line.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_ORIGIN = re.compile(r"[^\s+]+")
_PAGE = re.compile(r"(?:\.\./){0,16}(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.html")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of a run; every value has a default, so a run needs no file.

    ``max_file_bytes`` bounds a published file, ``max_line_bytes`` a line that is read. ``runtime_version`` and
    ``node_version`` are what the operator says about the runtime: its log does not hold them. ``max_reason_codes`` is
    the longest list of reason codes by which a decision id is explained, ``secret_rules`` what happens to secrets.
    ``library`` leads from the site's root to the first page of the library of runs that the site stands in.
    """

    title: str = ""
    origin: str | None = None
    library: str | None = None
    max_file_bytes: int = 512 * 1024
    max_line_bytes: int = 16 * _MEBIBYTE
    segment_order: Literal["descending", "ascending"] = "descending"
    runtime_version: str | None = None
    node_version: str | None = None
    max_reason_codes: int = 3
    secret_rules: tuple[SecretRule, ...] = ()


def load_config(run: Path) -> Config:
    """Return the configuration in the folder ``run``, the defaults if it has no ``replayglass.toml``.

    Raises:
        InputError: the file cannot be read, is not TOML 1.0, or holds a key or value that is not known.
    """
    data = read_small_file(run, CONFIG_FILE)
    return Config() if data is None else _checked(_parsed(data))


def read_small_file(run: Path, name: str) -> bytes | None:
    """Return the content of the settings file ``name`` of ``run`` (at most 1 MiB), None if there is none.

    Raises:
        InputError: it is too large, no regular file, or cannot be read.
    """
    path = run / name
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            message = f"{name} is not a regular file"
            raise InputError(message)
        with path.open("rb") as file:
            data = file.read(MAX_CONFIG_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{name} cannot be read"
        raise InputError(message, "Look at its permissions, and at where it points if it is a link.") from error
    if len(data) > MAX_CONFIG_BYTES:
        message = f"{name} has more than {MAX_CONFIG_BYTES} bytes"
        raise InputError(message)
    return data


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{CONFIG_FILE} is not UTF-8 in line {line}"
        raise InputError(message) from error
    except (ValueError, RecursionError) as error:
        place = _LINE.search(str(error))
        message = f"{CONFIG_FILE} is not valid TOML" + (f" in line {place[1]}" if place else "")
        raise InputError(message) from error


class _Rule(NamedTuple):
    field: str
    accepts: Callable[[Any], bool]
    wanted: str


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT_LENGTH and not _INVISIBLE.search(value)


def _is_origin(value: object) -> bool:
    """Tell whether ``value`` can name a log and, as c2sp.org/signed-note advises, its key: no space, no plus."""
    return isinstance(value, str) and _is_text(value) and _ORIGIN.fullmatch(value) is not None


def _is_page(value: object) -> bool:
    """Tell whether ``value`` is the way to a page nearby: no scheme, no host, nothing that a URL has to escape."""
    return isinstance(value, str) and _is_text(value) and _PAGE.fullmatch(value) is not None


def _is_order(value: object) -> bool:
    return value in ("descending", "ascending")


def _is_within(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


_TEXT = f"a text of 1 to {MAX_TEXT_LENGTH} visible characters"
_RULES: Mapping[str, _Rule] = {
    "title": _Rule("title", _is_text, _TEXT),
    "origin": _Rule("origin", _is_origin, f"{_TEXT} without spaces and +"),
    "library": _Rule("library", _is_page, 'a relative path to a page, as "../../../index.html"'),
    "limits.max_file_bytes": _Rule(
        "max_file_bytes", _is_within(64 * 1024, 1024 * _MEBIBYTE), "a whole number from 65536 to 1073741824"
    ),
    "limits.max_line_bytes": _Rule(
        "max_line_bytes", _is_within(1024, 1024 * _MEBIBYTE), "a whole number from 1024 to 1073741824"
    ),
    "streams.segment_order": _Rule("segment_order", _is_order, 'either "descending" or "ascending"'),
    "identity.max_reason_codes": _Rule("max_reason_codes", _is_within(0, 8), "a whole number from 0 to 8"),
    "runtime.runtime_version": _Rule("runtime_version", _is_text, _TEXT),
    "runtime.node_version": _Rule("node_version", _is_text, _TEXT),
}
_RULES_ON_SECRETS = "secrets.rules"
_KEYS = (*_RULES, _RULES_ON_SECRETS)
_TABLES = frozenset(key.partition(".")[0] for key in _KEYS if "." in key)


def _checked(document: dict[str, Any]) -> Config:
    values: dict[str, Any] = {}
    for key, value in _flattened(document):
        rule = _RULES.get(key)
        if key == _RULES_ON_SECRETS:
            values["secret_rules"] = read_rules(value, CONFIG_FILE)
        elif rule is None:
            message = f"{CONFIG_FILE} has {shown_key(key)}"
            raise InputError(message, f"Known keys: {', '.join(_KEYS)}.")
        elif rule.accepts(value):
            values[rule.field] = value
        else:
            message = f"{key} in {CONFIG_FILE} must be {rule.wanted}"
            raise InputError(message)
    return Config(**values)


def _flattened(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return keys and values, those of the known tables as ``table.key``; a dot of another key is no such dot."""
    flat = []
    for key, value in document.items():
        if key in _TABLES and isinstance(value, dict):
            flat += [(f"{key}.{inner}", item) for inner, item in value.items()]
        else:
            flat.append((key.replace(".", "\\."), value))
    return flat
