"""Style sheets and scripts without what a browser does not need: indentation, empty lines, lines that only comment."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_ENDS = "\r\u2028\u2029"
"""Other ends of a line, as a script sees it."""


def slimmed(name: str, data: bytes) -> bytes:
    """Return the asset ``name`` with fewer bytes and the same meaning; what is no style sheet or script stays as it is.

    Line by line, which is safe as long as no text and no template goes over several lines. A file where one may do so
    stays as it is too.
    """
    write = _WRITERS.get(PurePosixPath(name).suffix)
    if write is None or "vendor" in PurePosixPath(name).parts:
        return data
    try:
        text = data.decode().replace("\r\n", "\n")
        if any(end in text for end in _ENDS):
            return data
        lines = [line.strip() for line in text.split("\n")]
        return "".join([f"{line}\n" for line in write(lines) if line]).encode()
    except ValueError:
        return data


def _script(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.count("`") % 2 or line.endswith("\\") or "/*" in line:
            raise ValueError
        if not line.startswith("//"):
            yield line


def _style(lines: Sequence[str]) -> Iterator[str]:
    is_comment = False
    for line in lines:
        if "/*/" in line or line.endswith("\\"):
            raise ValueError
        is_comment = is_comment or line.startswith("/*")
        if is_comment:
            _, end, rest = line.partition("*/")
            is_comment = not end
            if rest:
                raise ValueError
            continue
        if line.count("/*") != line.count("*/"):
            raise ValueError
        yield line


_WRITERS: dict[str, Callable[[Sequence[str]], Iterator[str]]] = {".css": _style, ".js": _script}
