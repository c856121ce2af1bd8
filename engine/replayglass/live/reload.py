"""Live reload: the script that is added to a page when it is served, and what it asks for.

The pages' Content-Security-Policy allows neither fetch nor a script that makes scripts. It allows images of the same
origin, so the script waits for one: it comes when there is another publication.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from replayglass.live.answer import NOT_KEPT, Answer, answer_bytes, refuse

if TYPE_CHECKING:
    from replayglass.live.publication import Publications
    from replayglass.live.requesttarget import Target

PLACE = "~live/"
"""Where script and image are: no path of a site has a tilde (`output.paths.check_path`)."""

_SCRIPT = (Path(__file__).with_name("reload.js")).read_bytes()
_IMAGE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def tag(publication: str) -> bytes:
    """Return the HTML to be put behind a page of the publication with this name."""
    return f'<script defer src="/{PLACE}reload.js" data-publication="{publication}"></script>\n'.encode()


def answer_reload(publications: Publications, target: Target, seconds: float) -> Answer:
    """Return the script, or the image as soon as there is another publication than the one that the query names.

    After ``seconds`` without one the script has to ask again: no connection is kept for ever.
    """
    if target.path == f"{PLACE}reload.js":
        return answer_bytes(_SCRIPT, "text/javascript; charset=utf-8", NOT_KEPT)
    if target.path != f"{PLACE}changed.svg":
        return refuse(HTTPStatus.NOT_FOUND, "There is no such file.")
    if publications.wait_for_another("".join(target.values("since")), seconds):
        return answer_bytes(_IMAGE, "image/svg+xml", NOT_KEPT)
    return answer_bytes(b"", "image/svg+xml", NOT_KEPT, status=HTTPStatus.NO_CONTENT)
