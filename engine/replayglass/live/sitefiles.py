"""Answers with files of the site: looked up in the manifest, never by joining what was asked for to a folder."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from replayglass.live.answer import NO_CACHE, Answer, answer_bytes, refuse
from replayglass.live.reload import tag
from replayglass.mediatypes import HTML, kind_of

if TYPE_CHECKING:
    from replayglass.live.publication import Publication
    from replayglass.output.manifest import FileEntry

_FOREVER = "public, max-age=31536000, immutable"
"""For files that are named by their content."""


def answer_file(publication: Publication, path: str, known: str | None, *, reload: bool) -> Answer:
    """Return the answer to a request for ``path``; ``known`` is what If-None-Match says.

    A folder is its ``index.html``. With ``reload`` pages get the script that loads them again.

    Raises:
        UnsettledError: the file is not the one that the manifest lists.
    """
    entry = publication.find(f"{path}index.html" if not path or path.endswith("/") else path)
    if entry is not None:
        return _listed(publication, entry, known, reload=reload)
    if publication.find(f"{path}/index.html") is not None:
        return refuse(HTTPStatus.MOVED_PERMANENTLY, f"This is a folder: /{path}/", ("Location", f"/{path}/"))
    return refuse(HTTPStatus.NOT_FOUND, "The publication has no such file.")


def _listed(publication: Publication, entry: FileEntry, known: str | None, *, reload: bool) -> Answer:
    kind = kind_of(entry.path)
    with_script = reload and kind == HTML
    etag = f'"{entry.sha256}{f".{publication.digest}" if with_script else ""}"'
    is_named_by_content = entry.path.startswith(("assets/", "blob/"))
    headers = (("ETag", etag), ("Cache-Control", _FOREVER if is_named_by_content else NO_CACHE))
    if known is not None and _matches(known, etag):
        return answer_bytes(b"", kind, *headers, status=HTTPStatus.NOT_MODIFIED)
    file = publication.open(entry)
    if not with_script:
        return Answer(HTTPStatus.OK, file, entry.size, kind, headers)
    with file:
        return answer_bytes(file.read() + tag(publication.digest), kind, *headers)


def _matches(known: str, etag: str) -> bool:
    """Tell whether If-None-Match names ``etag`` (RFC 9110 section 13.1.2: compared weakly; ``*`` is any)."""
    named = {item.strip().removeprefix("W/") for item in known.split(",")}
    return "*" in named or etag in named
