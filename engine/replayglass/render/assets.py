"""The style sheets and scripts of the site, named by their content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASH_LENGTH = 16


class Assets(NamedTuple):
    """The files by their path in the site, and the path in the site of each by its path in ``assets/``."""

    files: Mapping[str, bytes]
    paths: Mapping[str, str]


def templates_folder() -> Path:
    """Return the folder of templates and assets: inside the installed package, else in the source tree."""
    here = Path(__file__)
    installed = here.parents[1] / "site_templates"
    return installed if installed.is_dir() else here.parents[3] / "site_templates"


def collect(folder: Path) -> Assets:
    """Return all files below ``folder`` except README.md."""
    files: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != "README.md":
            name = file.relative_to(folder).as_posix()
            data = file.read_bytes()
            paths[name] = hashed_path(name, data)
            files[paths[name]] = data
    return Assets(files, paths)


def hashed_path(name: str, data: bytes) -> str:
    """Return the path in the site of the asset ``name``; a file without suffix becomes a text file."""
    path = Path("assets", name)
    return path.with_name(f"{path.stem}.{digest(data)[:_HASH_LENGTH]}{path.suffix or '.txt'}").as_posix()
