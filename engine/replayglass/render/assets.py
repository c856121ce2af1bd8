"""The style sheets and scripts of the site, named by their content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest
from replayglass.render.slim import slimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASH_LENGTH = 16
_SHEET, _TOKENS = "style.css", "tokens.css"


class Assets(NamedTuple):
    """The files by their path in the site, and the path in the site of each by its path in ``assets/``."""

    files: Mapping[str, bytes]
    paths: Mapping[str, str]


def templates_folder() -> Path:
    """Return the folder of templates and assets: inside the installed package, else in the source tree."""
    here = Path(__file__)
    installed = here.parents[1] / "site_templates"
    return installed if installed.is_dir() else here.parents[3] / "site_templates"


def collect(folder: Path, theirs: Mapping[str, bytes] = {}) -> Assets:
    """Return all files below ``folder`` except README.md; those of a theme by the same names in place of them.

    The one style sheet begins with the tokens, those of the theme behind our own: what it leaves out stays. Sheets
    and scripts are slimmed.
    """
    ours = [file for file in folder.rglob("*") if file.is_file() and file.name != "README.md"]
    found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in ours}
    tokens = (found.pop(_TOKENS), theirs.get(_TOKENS, b""))
    found |= {name: data for name, data in theirs.items() if name != _TOKENS}
    found[_SHEET] = b"\n".join([part for part in (*tokens, found[_SHEET]) if part])
    slim = {name: slimmed(name, data) for name, data in sorted(found.items())}
    paths = {name: hashed_path(name, data) for name, data in slim.items()}
    return Assets({path: slim[name] for name, path in paths.items()}, paths)


def hashed_path(name: str, data: bytes) -> str:
    """Return the path in the site of the asset ``name``; a file without suffix becomes a text file."""
    path = Path("assets", name)
    return path.with_name(f"{path.stem}.{digest(data)[:_HASH_LENGTH]}{path.suffix or '.txt'}").as_posix()
