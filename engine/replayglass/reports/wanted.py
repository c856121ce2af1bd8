"""Which reports somebody asked for, refused before anything is read if they cannot be; and their writing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError, OutputError
from replayglass.failon import FailOn, exit_code
from replayglass.output.wholefile import write_whole
from replayglass.publication.published import PublishedSite
from replayglass.reports.annotations import annotation_lines
from replayglass.reports.junit import junit_xml
from replayglass.reports.places import places_of
from replayglass.reports.published import read_published
from replayglass.reports.sarif import sarif_json
from replayglass.reports.summary import summary_md

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from replayglass.reports.places import Places
    from replayglass.reports.published import Published

_ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?=/|$)|(?!/))[A-Za-z0-9._~%+@=,/-]*")


class Made(NamedTuple):
    """What is left to do when the files are written: lines to print, and the exit code that belongs to the site."""

    lines: Sequence[str]
    exit_code: int


class Wanted(NamedTuple):
    """The reports of a command: files by what they hold, annotations, the address of the site, and what fails."""

    junit: Path | None = None
    summary_md: Path | None = None
    sarif: Path | None = None
    annotations: str | None = None
    site_url: str = ""
    fail_on: FailOn = FailOn.ERROR

    @property
    def any(self) -> bool:
        """Say whether there is anything to report."""
        return bool(self.files) or self.annotations is not None

    @property
    def files(self) -> Mapping[str, Path]:
        """Return the files by the options that name them."""
        named = {"--junit": self.junit, "--summary-md": self.summary_md, "--sarif": self.sarif}
        return {option: path for option, path in named.items() if path is not None}

    @property
    def base(self) -> str:
        """Return the address of the site with a slash at its end, empty if it is unknown."""
        return f"{self.site_url.rstrip('/')}/" if self.site_url else ""

    def refuse(self, folders: Iterable[Path]) -> None:
        """Look at the arguments alone; ``folders`` (the run, the site) take no report.

        Raises:
            InputError: one cannot be used.
        """
        if not _ADDRESS.fullmatch(self.site_url):
            message = f"--site-url: {self.site_url!r} is neither a web address nor a relative one"
            raise InputError(message, "Letters, digits and ._~%+@=,/- only, for example https://example.org/site/.")
        real = {option: _real(option, path) for option, path in self.files.items()}
        if len(set(real.values())) < len(real):
            message = f"{' and '.join(real)} name one file twice"
            raise InputError(message, "Give each report a file of its own.")
        for option, path in self.files.items():
            for folder in folders:
                _refuse_inside(option, path, folder)

    def lines(self, published: Published, places: Places) -> Sequence[str]:
        """Return what is to be printed."""
        return [] if self.annotations is None else list(annotation_lines(published, places))

    def write(self, published: Published, places: Places) -> None:
        """Write the files, each whole or not at all.

        Raises:
            OutputError: one cannot be written; the site stands.
        """
        for option, path in self.files.items():
            data = _made(option, self, published, places)
            try:
                write_whole(path, data)
            except OSError as error:
                message = f"{option}: {path} cannot be written ({error.strerror}); the site stands"
                raise OutputError(message) from None


def report(wanted: Wanted, site: Path, run: Path | None) -> Made:
    """Write the reports about a published site; ``run`` is the folder that it shows, None if that is unknown.

    Raises:
        InputError: there is no site, or it is none that a build leaves.
        OutputError: a report cannot be written.
    """
    published = read_published(PublishedSite(str(site), str(site)))
    places = places_of(run)
    wanted.write(published, places)
    return Made(wanted.lines(published, places), exit_code(published.by_severity, wanted.fail_on))


def _made(option: str, wanted: Wanted, published: Published, places: Places) -> bytes:
    if option == "--junit":
        return junit_xml(published, places, wanted.fail_on)
    make = summary_md if option == "--summary-md" else sarif_json
    return make(published, places, wanted.base)


def _real(option: str, path: Path) -> Path:
    try:
        real = path.parent.resolve() / path.name
        if not path.name or (path.exists() and not path.is_file()):
            message = f"{option}: {path} is not a regular file"
            raise InputError(message)
        if not path.parent.is_dir():
            message = f"{option}: there is no folder {path.parent}"
            raise InputError(message)
    except (OSError, ValueError):  # a path with a NUL is a ValueError
        message = f"{option}: {path} is not a usable path"
        raise InputError(message) from None
    return real


def _refuse_inside(option: str, path: Path, folder: Path) -> None:
    inner = folder.resolve()
    if any(place.is_relative_to(inner) for place in (path.resolve(), path.parent.resolve() / path.name)):
        message = f"{option}: {path} would be a file in {folder}"
        raise InputError(message, "A report stands outside the run folder and outside the site.")
