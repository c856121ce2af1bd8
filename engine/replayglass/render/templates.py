"""The templates of the site, those of a theme laid over them, with our escaper in place of Jinja's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from replayglass.cell import Badge, Code, Link, Spark
from replayglass.render.assets import templates_folder
from replayglass.render.charts import number
from replayglass.render.escape import escape_attribute, escape_label, show
from replayglass.render.overlay import NO_THEME
from replayglass.render.sparks import draw_spark

if TYPE_CHECKING:
    from jinja2 import BaseLoader

    from replayglass.render.level import Level
    from replayglass.render.overlay import Overlay

ORIGINAL = "original"
"""The folder under which a theme's templates find the templates that they replace."""

THEIRS = "theme/"
"""What the file names of a theme's templates begin with in tracebacks."""

_OWN_WORDS = 64
"""Characters below which no text of a template is cut: titles and columns are our own words."""

_TEXT_FILTERS = frozenset({"capitalize", "default", "lower", "title", "trim", "upper"})
_OTHER_FILTERS = frozenset({"abs", "batch", "first", "int", "last", "length", "list", "round", "slice", "sort"})
"""Jinja's filters that a theme has: none makes HTML of a text, none is random."""


@lru_cache(maxsize=16)
def environment(level: Level, overlay: Overlay = NO_THEME) -> Environment:
    """Return the templates, with our escaper in place of Jinja's for every value they print."""
    made = _themed(overlay) if overlay.files else _with(Environment, FileSystemLoader(templates_folder()))
    made.finalize = lambda value: _finalize(value, max(level.detail.text, _OWN_WORDS))
    made.globals["level"] = level
    made.filters["cut"] = lambda text: _finalize(text, level.detail.text)
    made.filters["shortest"] = number
    made.filters["attribute"] = lambda text: Markup(escape_attribute(str(text)))  # noqa: S704 - escaped here
    made.filters["href"] = lambda path, root: Markup(f"{root}{escape_attribute(path)}")  # noqa: S704 - escaped here
    made.filters["label"] = lambda text: Markup(escape_label(str(text)))  # noqa: S704 - escaped here
    made.filters["drawn"] = lambda spark: Markup(draw_spark(spark))  # noqa: S704 - escaped there
    for kind in (Link, Code, Badge, Spark):
        made.tests[kind.__name__.lower()] = lambda value, kind=kind: isinstance(value, kind)
    return made


class _Unknown(StrictUndefined):
    """What a theme's template names although it is not there."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)[:_OWN_WORDS]
        if name == "super":
            return "super() stands in a block that replaces none"
        if self._undefined_hint is not None:
            return f"what is imported here has no {name}"
        if self._undefined_obj is missing:
            return f"there is no variable {name} here"
        return f"{type(self._undefined_obj).__name__} has no {name}"


def _themed(overlay: Overlay) -> Environment:
    """Return an environment in which the templates of a theme come first, and can do no more than make pages."""
    ours, theirs = FileSystemLoader(templates_folder()), overlay.templates
    loaders = (
        PrefixLoader({ORIGINAL: ours}),
        FunctionLoader(lambda name: (theirs[name], THEIRS + name, lambda: True) if name in theirs else None),
        ours,
    )
    made = _with(ImmutableSandboxedEnvironment, ChoiceLoader(loaders))
    made.undefined = _Unknown
    made.filters = {name: made.filters[name] for name in _TEXT_FILTERS | _OTHER_FILTERS}
    del made.globals["lipsum"]
    return made


def _with(kind: type[Environment], loader: BaseLoader) -> Environment:
    return kind(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _finalize(value: object, limit: int) -> Markup:
    return value if isinstance(value, Markup) else Markup(show(str(value), limit))  # noqa: S704 - escaped here
