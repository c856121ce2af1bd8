"""How pages of a library look: pages of the catalogue, pages that lead on, tombstones; all made of templates."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from replayglass import __version__
from replayglass.canon import digest
from replayglass.config import Config
from replayglass.library.catalogue import SCHEMAS, TYPES
from replayglass.library.pages import SECTIONS, TITLE
from replayglass.pageschema import schemas
from replayglass.render.assets import collect, templates_folder
from replayglass.render.frame import Entry, Frame
from replayglass.render.html import Theme
from replayglass.render.level import levels
from replayglass.render.templates import environment

if TYPE_CHECKING:
    from replayglass.library.catalogue import Publication
    from replayglass.render.assets import Assets

LIMIT = Config().max_file_bytes
"""Bytes of the largest file of a library, but assets."""


def make_theme() -> Theme:
    """Return what turns pages of a library into HTML."""
    entries = tuple(Entry(*section) for section in SECTIONS)
    return Theme(Frame(TITLE, entries, __version__, is_site=False), LIMIT)


def fixed_files() -> dict[str, bytes]:
    """Return the files that are the same in every library: style sheet, scripts, schemas."""
    described = {f"{SCHEMAS}/{name}.schema.json": data for name, data in schemas(TYPES).items()}
    return {**_assets().files, **described}


@cache
def look() -> str:
    """Return what changes when templates or assets do, so that pages are written anew."""
    folder = templates_folder()
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    parts = [f"{file.relative_to(folder).as_posix()} {digest(file.read_bytes())}\n" for file in files]
    return digest("".join(parts).encode())[:16]


def latest_page(one: Publication) -> bytes:
    """Return the page ``runs/<run>/latest/index.html``, which leads on to ``one`` without a script."""
    return _render("latest", one, "../" * 3)


def tombstone(one: Publication, path: str) -> bytes:
    """Return what stands in the place of page ``path`` (from the root of the publication) of a removed one."""
    return _render("tombstone", one, "../" * (3 + path.count("/")))


def _render(name: str, one: Publication, root: str) -> bytes:
    template = environment(levels(LIMIT)[0]).get_template(f"library/{name}.html")
    newest = "" if one.removed is None else f"{one.removed.newest:,}"
    way = Markup(root)  # noqa: S704 - dots and slashes
    ways = {name: f"{place}/index.html" for name, place in _places(one).items()}
    said = {"size": f"{one.size:,}", "newest": newest, "ways": ways}
    return template.render(one=one, root=way, asset=_assets().paths, **said).encode()


def _places(one: Publication) -> dict[str, str]:
    return {"publication": one.address, "run": f"runs/{one.run}", "latest": f"runs/{one.run}/latest"}


@cache
def _assets() -> Assets:
    return collect(templates_folder() / "assets")
