"""The content types of a site's files, for whoever sends them over HTTP."""

from __future__ import annotations

from posixpath import splitext

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_KINDS = {
    ".html": HTML,
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": TEXT,
}


def kind_of(path: str) -> str:
    """Return the content type of a file of the site."""
    if path.startswith("log/") and "/tile/" in path:
        return _BYTES
    if path.startswith("blob/") or "checkpoint" in path:
        return TEXT
    return _KINDS.get(splitext(path)[1], _BYTES)
