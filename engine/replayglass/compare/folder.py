"""A comparison as a folder of its own: page, JSON, schema, assets and manifest, whole or not at all."""

from __future__ import annotations

from os.path import lexists
from typing import TYPE_CHECKING

from replayglass import __version__
from replayglass.canon import encode
from replayglass.compare.documents import SCHEMA, TYPES
from replayglass.compare.page import JSON_PATH, PATH, SECTION, TITLE, comparison_page
from replayglass.config import Config
from replayglass.errors import OutputError
from replayglass.output.paths import MANIFEST
from replayglass.output.writer import SiteWriter
from replayglass.pageschema import schemas
from replayglass.render.frame import Entry, Frame
from replayglass.render.html import Theme
from replayglass.verify.comparison import is_comparison
from replayglass.verify.site import SiteFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from replayglass.compare.documents import Comparison
    from replayglass.compare.page import Hrefs


def comparison_files(found: Comparison, hrefs: Hrefs, library: str | None = None) -> Mapping[str, bytes]:
    """Return every file of a comparison but the manifest, by its path: the page loads no other.

    ``library`` leads to the first page of the library that the comparison stands in.
    """
    sites = (("A", hrefs.a), ("B", hrefs.b))
    around = (Entry(f"site-{name}", f"Site {name}", f"{href}{PATH}") for name, href in sites if href is not None)
    navigation = (Entry(SECTION, "Comparison", PATH), *around)
    theme = Theme(Frame(TITLE, navigation, __version__, is_site=False, library=library), Config().max_file_bytes)
    page = comparison_page(found, hrefs)
    html = theme.render(page)
    assets = {path: data for path, data in theme.assets().items() if path.encode() in html}
    schema = schemas(TYPES)[SCHEMA]
    return {**assets, page.path: html, JSON_PATH: encode(found), f"{SCHEMA}.schema.json": schema}


def check_folder(out: Path, compared: Sequence[Path]) -> None:
    """Accept ``out`` as the folder of a comparison: new, empty, or one that holds a comparison.

    Raises:
        OutputError: it holds a site, or it overlaps with what is ``compared``.
    """
    real = out.resolve()
    for path in (path.resolve() for path in compared):
        if real.is_relative_to(path) or path.is_relative_to(real):
            message = f"{out} overlaps with what is compared"
            raise OutputError(message, "choose a folder beside it")
    if lexists(out / MANIFEST) and not is_comparison(SiteFolder(str(out))):
        message = f"{out} holds a site, not a comparison"
        raise OutputError(message, "choose a new folder")


def write_comparison(found: Comparison, out: Path, hrefs: Hrefs) -> None:
    """Publish a comparison in the folder ``out``, which `check_folder` accepted.

    Raises:
        OutputError: it cannot be written; what it held before is untouched.
    """
    with SiteWriter(out) as site:
        for path, data in comparison_files(found, hrefs).items():
            site.write(path, data)
        site.commit()
