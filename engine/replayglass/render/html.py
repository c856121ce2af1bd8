"""Pages to HTML: templates for what surrounds the rows, and the promise that no page is larger than allowed."""

from __future__ import annotations

from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from replayglass.drawings import Chart, Flowchart, Lanes
from replayglass.errors import OutputError
from replayglass.listing import Listing
from replayglass.logscript import GROUP, scripts_of_group
from replayglass.page import MarkdownNote, Rows, Stories
from replayglass.render.assets import collect, templates_folder
from replayglass.render.charts import script_data
from replayglass.render.flowcharts import draw_flowchart
from replayglass.render.holes import HOLE, filled, numbered
from replayglass.render.lanes import draw_lanes
from replayglass.render.level import levels
from replayglass.render.listing import write_listing
from replayglass.render.markdown import to_html
from replayglass.render.overlay import NO_THEME
from replayglass.render.rows import HEAD, TABLE_ROW, RowWriter
from replayglass.render.stories import write_stories
from replayglass.render.templates import environment
from replayglass.render.themefaults import check_page, check_templates, explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jinja2 import Environment

    from replayglass.page import Block, Page
    from replayglass.render.frame import Frame
    from replayglass.render.level import Level
    from replayglass.render.overlay import Overlay
    from replayglass.render.rows import Form
    from replayglass.row import Collection, Row

_WITH_SCRIPT = frozenset({"chart", "stories", "check", "scrubber"})
"""The blocks whose pages load a script; pages of records can be checked, with a script too."""


class Theme:
    """Turns pages into files of at most ``limit`` bytes; ``overlay`` comes before our own templates and assets.

    Raises:
        InputError: the overlay cannot be used.
    """

    def __init__(self, frame: Frame, limit: int, overlay: Overlay = NO_THEME) -> None:
        self._frame = frame
        self._limit = limit
        self._overlay = overlay
        self._levels = levels(limit)
        check_templates(environment(self._levels[0], overlay), overlay, limit)
        self._assets = collect(templates_folder() / "assets", overlay.assets)
        self._entries = {entry.section: entry for entry in frame.navigation}
        self._writers: dict[tuple[str, str, Form], RowWriter] = {}
        self._shells: dict[tuple[Level, str, bool | None, Collection, tuple[str, ...]], str] = {}
        self._arounds: dict[tuple[str, str, str, frozenset[str]], Mapping[str, Markup]] = {}

    def render(self, page: Page) -> bytes:
        """Return ``page`` as UTF-8 HTML: with as much of the log's content as fits.

        Raises:
            OutputError: the page is too large even with almost nothing of the log's content.
            InputError: a template of the overlay fails.
        """
        try:
            return self._fitting(page)
        except Exception as error:
            wrong = explained(error) if self._overlay.files else None
            if wrong is None:
                raise
            raise wrong from None

    def assets(self) -> Mapping[str, bytes]:
        """Return style sheets and scripts by their path in the site."""
        return self._assets.files

    def _fitting(self, page: Page) -> bytes:
        for level in self._levels:
            data = self._write(page, level)
            if len(data) <= self._limit:
                return data
        message = f"The page {page.path} needs more than {self._limit} bytes."
        raise OutputError(message, "Raise limits.max_file_bytes in replayglass.toml.")

    def _write(self, page: Page, level: Level) -> bytes:
        shown = page.shown
        parts = [
            block
            for block in page.blocks
            if (isinstance(block, Rows) and block.rows) or (isinstance(block, Stories) and block.stories)
        ]
        goes_on = page.neighbours is not None and page.neighbours.previous is not None
        root = "../" * page.path.count("/")
        place = _Place(root, page.json, level, self._limit, len(parts), page.leaves, goes_on)
        numbers = count()
        blocks = [(_name(block), block, self._content(block, place, numbers)) for block in page.blocks]
        kinds = frozenset([name for name, _, _ in blocks] + ["check"] * (shown is not None))
        around = self._around(page, root, kinds)
        made = environment(level, self._overlay)
        html = made.get_template("page.html").render(
            around=around,
            asset=self._assets.paths,
            frame=self._frame,
            page=page,
            check=None if shown is None else _scripts_to_check(made, root, shown.stream, shown.page // GROUP),
            root=_trusted(root),
            blocks=blocks,
            is_shortened=level.is_short,
            entry=self._entries.get(page.section),
        )
        if self._overlay.files and shown is not None:
            check_page(page.path, filled(around["opening"], html, [""] * len(parts)), has_rows=bool(parts))
        return filled(around["opening"], html, [self._rows(block, place) for block in parts])

    def _around(self, page: Page, root: str, kinds: frozenset[str]) -> Mapping[str, Markup]:
        """Return what stands before and after the content; many pages share it, so it is remembered."""
        current = page.path if any(page.path == entry.href for entry in self._frame.navigation) else ""
        key = root, page.section, current, kinds & _WITH_SCRIPT
        made = environment(self._levels[0], self._overlay)
        if key not in self._arounds:
            self._arounds[key] = {
                name: _trusted(
                    made.get_template(f"frame/{name}.html")
                    .render(
                        frame=self._frame,
                        root=_trusted(root),
                        section=page.section,
                        current=current,
                        kinds=sorted(key[3]),
                        asset=self._assets.paths,
                    )
                    .rstrip("\n")
                )
                for name in ("opening", "head", "header", "footer")
            }
        return self._arounds[key]

    def _content(  # noqa: PLR0911 - one for each sort of block
        self, block: Block, place: _Place, numbers: Iterator[int]
    ) -> Markup | None:
        """Return what the template of ``block`` cannot write itself; every function called here escapes."""
        if isinstance(block, Rows | Stories):
            is_empty = not (block.rows if isinstance(block, Rows) else block.stories)
            shell = self._shell(block, place, is_empty=is_empty)
            return _trusted(shell if is_empty else numbered(shell, next(numbers)))
        if isinstance(block, Chart):
            return _trusted(script_data(block, place.level.detail.text, place.root))
        if isinstance(block, Flowchart):
            return _trusted(draw_flowchart(block, place.level))
        if isinstance(block, Lanes):
            return _trusted(draw_lanes(block, place.level))
        if isinstance(block, Listing):
            return _trusted(write_listing(block, place.root))
        if isinstance(block, MarkdownNote):
            return _trusted(to_html(block.body[: place.level.note]))
        return None

    def _shell(self, block: Rows | Stories, place: _Place, *, is_empty: bool) -> str:
        """Return ``block`` with a hole for its rows: the same on all pages of a collection, so it is remembered.

        Its template is given no more than what is the same there.
        """
        key = place.level, _name(block), place.goes_on if is_empty else None, block.collection, block.columns
        if key not in self._shells:
            template = environment(place.level, self._overlay).get_template(f"blocks/{_name(block)}.html")
            content = None if is_empty else _trusted(HOLE)
            given = {"collection": block.collection, "columns": block.columns, "goes_on": key[2]}
            self._shells[key] = template.render(given, content=content)
        return self._shells[key]

    def _rows(self, block: Rows | Stories, place: _Place) -> str:
        """Return what goes into the hole that ``block`` leaves in its page."""
        lines = self._writer(block.collection, place.root, TABLE_ROW)
        if isinstance(block, Rows):
            return _write_rows(lines, place, 1, block.rows)
        heads = self._writer(block.collection, place.root, HEAD)
        return write_stories(
            block,
            place.level.lines,
            partial(_write_rows, heads, place, 2),
            partial(_write_rows, lines, place, 2),
        )

    def _writer(self, collection: Collection, root: str, form: Form) -> RowWriter:
        key = root, collection.mark, form
        if key not in self._writers:
            self._writers[key] = RowWriter(*key)
        return self._writers[key]


def _name(block: Block) -> str:
    """Return the name of the template of ``block``."""
    return type(block).__name__.lower()


class _Place(NamedTuple):
    """Where a block stands: the way to the site's root, the page's JSON form, how much is shown, the page's limit.

    ``parts`` blocks share the budget for rows; ``leaves`` as in `page.Page`; a page that ``goes_on`` is not the first.
    """

    root: str
    json: str | None
    level: Level
    limit: int
    parts: int
    leaves: Mapping[str, str]
    goes_on: bool


def _write_rows(writer: RowWriter, place: _Place, share: int, rows: Sequence[Row]) -> str:
    """Return rows that may take one of ``share`` parts of their block's budget."""
    json = None if place.json is None else place.root + place.json
    level = place.level
    if level.budget is None:
        return writer.write(rows, level.detail, json, place.limit, place.leaves)
    return writer.write_within(rows, level.detail, json, level.budget // (share * place.parts), place.leaves)


@lru_cache(maxsize=16)
def _scripts_to_check(made: Environment, root: str, stream: str, group: int) -> Markup:
    """Return what a page of records loads when it is asked to check itself: the same for a group of pages."""
    template = made.get_template("frame/check.html")
    return _trusted(template.render(root=_trusted(root), stream=stream, scripts=scripts_of_group(stream, group)))


def _trusted(html: str) -> Markup:
    """Return ``html`` that was escaped already."""
    return Markup(html)  # noqa: S704 - the one place where HTML from other modules enters a template
