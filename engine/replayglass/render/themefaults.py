"""What is wrong with the templates of a theme, in one sentence: told before a build as far as possible."""

from __future__ import annotations

from traceback import walk_tb
from typing import TYPE_CHECKING

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateAssertionError

from replayglass.errors import InputError, ReplayglassError
from replayglass.render.assets import templates_folder
from replayglass.render.rawtext import RawPageError, check_shell
from replayglass.render.templates import ORIGINAL, THEIRS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from replayglass.render.overlay import Overlay

_PAGE = frozenset({"around", "asset", "blocks", "check", "entry", "frame", "is_shortened", "page", "root"})
_BLOCK = _PAGE | {"block", "content", "name"}
_SHELL = frozenset({"collection", "columns", "content", "goes_on"})
_AROUND = frozenset({"asset", "current", "frame", "kinds", "root", "section"})
_SHOWN = 60
_HINT = "docs/themes.md says what the templates are given."


def variables_of(name: str) -> frozenset[str]:
    """Return the variables that the template ``name`` is given, besides ``level``."""
    if name in {"blocks/rows.html", "blocks/stories.html", "blocks/empty.html"}:
        return _SHELL
    if name == "frame/check.html":
        return frozenset({"root", "scripts", "stream"})
    if name == "cells.html":
        return frozenset()
    folder = name.partition("/")[0]
    given = {"page.html": _PAGE, "pager.html": _PAGE | {"label"}, "blocks": _BLOCK, "frame": _AROUND}
    return given[folder]


def check_templates(made: Environment, overlay: Overlay, limit: int) -> None:
    """Accept the files of a theme, whose templates are those of ``made``; an asset may have ``limit`` bytes.

    Raises:
        InputError: a template is not written as it must be, or names what it cannot be given.
    """
    reason = next(_reasons(made, overlay, limit), None)
    if reason is not None:
        raise _wrong(reason)


def check_page(path: str, html: bytes, *, has_rows: bool) -> None:
    """Accept the page of records ``path``, of which only the rows are missing, as one that `verify` can read.

    Raises:
        InputError: it could not.
    """
    try:
        check_shell(html, has_rows=has_rows)
    except RawPageError as error:
        reason = f"{path} could not be verified: {error}"
        raise _wrong(reason) from None


def explained(error: Exception) -> ReplayglassError | None:
    """Return why a template failed, None if ``error`` is none of a template."""
    if isinstance(error, ReplayglassError | MemoryError):
        return None
    place = _place(error)
    return None if place is None else _wrong(f"{place}: {_reason(error)}")


def _reasons(made: Environment, overlay: Overlay, limit: int) -> Iterator[str]:
    """Give what is wrong; only the first one counts."""
    for name, data in overlay.files:
        if len(data) > limit:
            yield f"{name} has more than the {limit} bytes of limits.max_file_bytes"
    try:
        trees = {name: made.parse(text, name, THEIRS + name) for name, text in overlay.templates.items()}
        assigned = {one.name for tree in trees.values() for one in tree.find_all(nodes.Name) if one.ctx != "load"}
        for name, tree in trees.items():
            for line, reason in _faults(made, name, tree, assigned):
                yield f"{name}, line {line}: {reason}"
            made.get_template(name)
    except TemplateSyntaxError as error:
        yield _syntax(error)


def _faults(made: Environment, name: str, tree: nodes.Template, assigned: set[str]) -> Iterator[tuple[int, str]]:
    """Give what is wrong, with the line where it stands."""
    for one in tree.find_all((nodes.Filter, nodes.Test)):
        known = made.filters if isinstance(one, nodes.Filter) else made.tests
        if one.name not in known:
            yield one.lineno, f"there is no {type(one).__name__.lower()} {one.name[:_SHOWN]}"
    yield from _extended(made, name, tree)
    given = variables_of(name) | assigned
    unknown = meta.find_undeclared_variables(tree) - given - made.globals.keys()
    for used in tree.find_all(nodes.Name):
        if used.name in unknown:
            there = _listed(variables_of(name) | {"level"})
            yield used.lineno, f"there is no variable {used.name[:_SHOWN]} here; there are {there}"


def _extended(made: Environment, name: str, tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for one in tree.find_all(nodes.Extends):
        above = f"{ORIGINAL}/{name}"
        if not isinstance(one.template, nodes.Const) or one.template.value != above:
            yield one.lineno, f"only {ORIGINAL}/{name} can be extended here"
        assert made.loader is not None  # noqa: S101 - for the type checker: environments of ours have one
        parent = made.parse(made.loader.get_source(made, above)[0])
        blocks = {block.name for block in parent.find_all(nodes.Block)}
        for block in tree.find_all(nodes.Block):
            if block.name not in blocks:
                yield block.lineno, f"{above} has no block {block.name[:_SHOWN]}; it has {_listed(blocks)}"


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _syntax(error: TemplateSyntaxError) -> str:
    name = (error.filename or "").removeprefix(THEIRS)
    if isinstance(error, TemplateAssertionError):
        return f"{name}, line {error.lineno}: a block or a name stands here twice"
    lines = (error.source or "").splitlines()[error.lineno - 1 : error.lineno]
    return f"{name}, line {error.lineno}: this is no template: {''.join(lines).strip()[:_SHOWN]}"


def _place(error: Exception) -> str | None:
    """Return the innermost line of a theme's template over which ``error`` came, else of ours."""
    ours = f"{templates_folder()}/"
    found = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    theirs = [(path.removeprefix(THEIRS), line) for path, line in found if path.startswith(THEIRS)]
    places = theirs or [(path.removeprefix(ours), line) for path, line in found if path.startswith(ours)]
    return f"{places[-1][0]}, line {places[-1][1]}" if places else None


def _reason(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        return str(error)
    if isinstance(error, TemplateNotFound):
        return f"there is no template {str(error.name)[:_SHOWN]}"
    if isinstance(error, SecurityError):
        return "a template may not do this"
    if isinstance(error, RecursionError):
        return "this includes or calls itself without end"
    return f"this cannot be computed ({type(error).__name__})"


def _wrong(reason: str) -> InputError:
    return InputError(f"--theme: {reason}", _HINT)
