"""A theme: a folder of the operator's, laid over the templates and assets of the site; read once, before a build."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from functools import cache
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from replayglass.canon import digest
from replayglass.errors import InputError
from replayglass.render.assets import templates_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 256 * 1024
"""Bytes of a file of a theme."""

MAX_FILES = 128
"""Files and folders of a theme."""

FIXED = frozenset({"frame/opening.html"})
"""Templates that no theme replaces: what every page begins with, its content security policy included."""

_ELSEWHERE = ("assets/vendor/", "library/")
"""What is not ours, and the pages of libraries, which have no theme."""

OWN = "assets/own/"
_OWN = re.compile(OWN + r"[a-z0-9][a-z0-9._-]{0,63}\.(?:css|js|svg|png|jpg|webp)")
_TEXT = (".html", ".css", ".js", ".svg")
_IGNORED = frozenset({"README.md", "LICENSE"})
_DEEPEST = 8


class Overlay(NamedTuple):
    """The files of a theme: path below ``site_templates/`` and bytes, in the order of the paths."""

    files: tuple[tuple[str, bytes], ...] = ()

    @property
    def templates(self) -> dict[str, str]:
        """Return the text of each template by its name."""
        return {name: data.decode() for name, data in self.files if name.endswith(".html")}

    @property
    def assets(self) -> dict[str, bytes]:
        """Return the other files by their path below ``assets/``."""
        return {name.removeprefix("assets/"): data for name, data in self.files if name.startswith("assets/")}

    @property
    def digest(self) -> str:
        """Return a digest of all paths and bytes."""
        return digest("".join(f"{digest(data)} {name}\n" for name, data in self.files).encode())


NO_THEME = Overlay()


def read_overlay(folder: Path) -> Overlay:
    """Return the theme in ``folder``; README.md, LICENSE and hidden files are no part of it.

    Raises:
        InputError: it cannot be read, is too large, or has a file that the site has no place for.
    """
    files: dict[str, bytes] = {}
    try:
        for name, path in _walk(str(folder)):
            if name not in _IGNORED:
                files[name] = _content(name, _read(name, path))
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        message = f"--theme: {folder} cannot be read: {getattr(error, 'strerror', None) or 'not a usable path'}"
        raise InputError(message) from None
    return Overlay(tuple(sorted(files.items())))


@cache
def replaceable() -> frozenset[str]:
    """Return the paths below ``site_templates/`` that a theme may have, but for assets of its own."""
    folder = templates_folder()
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return frozenset(name for name in names if not name.startswith(_ELSEWHERE)) - FIXED


def _walk(root: str) -> Iterator[tuple[str, str]]:
    """Give every file below ``root`` by its path there and its path; nothing is followed."""
    waiting, seen = [""], 0
    while waiting:
        below = waiting.pop()
        with os.scandir(f"{root}/{below}") as entries:
            for entry in entries:
                seen += 1
                if seen > MAX_FILES:
                    _refuse(f"it has more than {MAX_FILES} files and folders")
                name = below + entry.name
                mode = entry.stat(follow_symlinks=False).st_mode
                if entry.name.startswith("."):
                    continue
                if S_ISDIR(mode) and name.count("/") < _DEEPEST:
                    waiting.append(f"{name}/")
                elif S_ISREG(mode):
                    yield name, entry.path
                else:
                    _refuse(f"{name[:200]} is neither a regular file nor a folder; links are not followed")


def _read(name: str, path: str) -> bytes:
    if name not in replaceable() and not _OWN.fullmatch(name):
        _refuse_unknown(name[:200])
    with open(path, "rb", opener=lambda place, flags: os.open(place, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        _refuse(f"{name} has more than {MAX_BYTES} bytes")
    return data


def _refuse_unknown(name: str) -> NoReturn:
    near = get_close_matches(name, sorted(replaceable()), 1, 0)[0]
    hint = f"Nearest: {near}. New images, style sheets and scripts belong into {OWN}, in lower case."
    _refuse(f"the site has no {name}", hint)


def _content(name: str, data: bytes) -> bytes:
    """Return ``data``, which is text where a site's files are text."""
    if name.endswith(_TEXT):
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            _refuse(f"{name} is no UTF-8 from byte {error.start} on")
        if "\0" in text or text.startswith("\ufeff"):
            _refuse(f"{name} has a NUL or a byte order mark")
    return data


def _refuse(reason: str, hint: str = "") -> NoReturn:
    message = f"--theme: {reason}"
    raise InputError(message, hint) from None
