"""Themes: what a folder laid over the templates changes, what it cannot change, and what is said where it is wrong."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from jinja2 import meta

from browser import visiting
from htmltree import tags
from replayglass.errors import InputError
from replayglass.pipeline import build
from replayglass.render.assets import templates_folder
from replayglass.render.level import levels
from replayglass.render.overlay import FIXED, MAX_BYTES, MAX_FILES, NO_THEME, read_overlay, replaceable
from replayglass.render.templates import environment
from replayglass.render.themefaults import explained, variables_of
from replayglass.sharing.worker import render_share, taken
from replayglass.sources import silently
from sites import PAPER, REPO, SAMPLE, command, copy, tree
from test_accessibility import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from replayglass.output.stage import Staged
    from replayglass.sharing.worker import Task
    from sites import Answer, Site

EXAMPLE = REPO / "samples" / "theme"
LEVEL = levels(512 * 1024)[0]
POLICY = re.compile(
    rb"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta http-equiv=Content-Security-Policy "
)


def lay(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Return a theme of these files."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


@pytest.fixture(scope="module")
def themed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the sample run in the example theme."""
    out = tmp_path_factory.mktemp("themed") / "site"
    assert command("build", SAMPLE, "--out", out, "--theme", EXAMPLE).exit_code == 0
    return out


def _without_theme(data: bytes) -> bytes:
    """Return a page without what the example adds to it."""
    for added in (
        rb'<link rel=stylesheet href="[./]*assets/own/brand\.\w+\.css">\n',
        rb'<img class=logo src="[./]*assets/own/logo\.\w+\.svg" alt="">',
        rb" Published by the audit desk of Example Ltd\.",
        rb"style\.\w+\.css",
    ):
        data = re.sub(added, b"", data)
    return data.replace(b"\n\n", b"\n")


def test_the_example(themed: Path, site_of: Callable[[Path], Site]) -> None:
    """The example adds a logo, a style sheet and a line to every page, and changes nothing else of the site."""
    plain, worn = site_of(SAMPLE).tree(), tree(themed)
    assert {path for path in plain.keys() ^ worn.keys() if not path.startswith("assets/")} == set()
    changed = {path for path in plain.keys() & worn.keys() if plain[path] != worn[path]}
    assert {path for path in changed if not path.startswith("manifest")} == {p for p in plain if p.endswith(".html")}
    for path in sorted(changed):
        if path.endswith(".html"):
            assert b"Published by the audit desk of Example Ltd.</footer>" in worn[path]
            assert _without_theme(worn[path]) == _without_theme(plain[path])


def test_a_site_is_verified_in_its_theme(themed: Path) -> None:
    """A themed site is whole by itself; rendering again needs its theme, and differs without it."""
    words = ("verify", themed, "--run", SAMPLE)
    assert command(*words, "--theme", EXAMPLE).exit_code == 0
    assert command(*words).exit_code == 1
    answer = command("verify", themed, "--theme", EXAMPLE)
    assert (answer.exit_code, answer.stderr.splitlines()[0]) == (
        2,
        "replayglass: --theme has no meaning for this kind of SITE",
    )


def test_the_example_in_a_browser(themed: Path, browser: Browser) -> None:
    """Its pages show logo and colours, light and dark, complain of nothing, load nothing from elsewhere; axe agrees."""
    for dark, ground in ((False, "rgb(251, 250, 245)"), (True, "rgb(23, 21, 28)")):
        with visiting(browser, dark=dark) as visit:
            for path in ("index.html", "events/000000.html"):
                visit.page.goto((themed / path).as_uri())
                visit.page.wait_for_load_state("load")
                assert visit.page.evaluate("document.querySelector('.logo').naturalWidth") > 0
                assert visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == ground
            assert visit.complaints == []
            assert [url for url in visit.requests if not url.startswith((themed.as_uri(), "data:"))] == []
        with visiting(browser, dark=dark, is_strict=False) as visit:
            visit.page.goto((themed / "events/000000.html").as_uri())
            assert violations(visit.page) == []


@contextmanager
def _again(tasks: Sequence[Task]) -> Iterator[Callable[[], Iterator[list[Staged]]]]:
    """Have the one worker make pages that are made already, in their place."""
    share = tasks[0].share._replace(records=256)

    def answers() -> Iterator[list[Staged]]:
        assert taken(render_share(tasks[0]._replace(share=share, is_again=True)))
        yield from ()

    yield answers


def test_a_theme_is_part_of_what_a_build_goes_on_from(tmp_path: Path) -> None:
    """A build goes on in the same theme, and begins anew in another; other workers' pages wear it, too."""
    run, site, theme = tmp_path / "run", tmp_path / "site", copy(EXAMPLE, tmp_path / "theme")
    assert command("simulate", "paper", "--events", "3000", "--seed", "5", "--out", run).exit_code == 0

    def since(*words: str) -> int:
        answer = command("build", run, "--out", site, "--json", *words)
        assert answer.exit_code == 0, answer.stderr
        return int(answer.json["since"])

    worn = ("--theme", str(theme))
    assert [since(*worn) > 0 for _ in range(2)] == [False, True]
    (theme / "assets" / "tokens.css").write_text(":root { --link: #000; }\n")
    assert since(*worn) == 0
    shared = tmp_path / "shared"
    build(run, shared, silently, jobs=2, executor=_again, overlay=read_overlay(theme))
    assert tree(shared) == tree(site)


TEMPLATES = sorted(name for name in replaceable() | FIXED if name.endswith(".html"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_variables_of_templates(name: str) -> None:
    """Our own templates use no variable but those that a theme's template by their name is given."""
    made = environment(LEVEL)
    source = (templates_folder() / name).read_text(encoding="utf-8")
    unknown = meta.find_undeclared_variables(made.parse(source)) - made.globals.keys() - variables_of(name)
    assert unknown == set()


def test_the_documentation_of_themes() -> None:
    """docs/themes.md has a row for each template, with its variables and its blocks, and no other; and each limit."""
    text = (REPO / "docs" / "themes.md").read_text(encoding="utf-8")
    rows: dict[str, tuple[frozenset[str], list[str]]] = {}
    for line in text.splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split("|")]
        if line.startswith("| `") and cells[0][0].endswith(".html"):
            names, variables, blocks = cells
            rows |= {name: (frozenset(variables), blocks) for name in names}
    made = environment(LEVEL)
    sources = {
        name: (templates_folder() / name).read_text(encoding="utf-8") for name in replaceable() if ".html" in name
    }
    blocks_of = {name: re.findall(r"{% block (\w+)", source) for name, source in sources.items()}
    assert rows == {name: (variables_of(name), blocks_of[name]) for name in sources}
    assert all(f"`{name}`" in text for name in replaceable() if name.startswith("assets/"))
    assert f"{MAX_BYTES // 1024} KiB" in text
    assert f"{MAX_FILES} files" in text
    worn = environment(LEVEL, read_overlay(EXAMPLE))
    listed = re.findall(r"`(\w+)`", next(line for line in text.splitlines() if line.startswith("Filters: ")))
    assert sorted(listed) == sorted(worn.filters)
    assert made.filters.keys() >= worn.filters.keys()


def _build(tmp_path: Path, files: Mapping[str, str | bytes], run: Path = SAMPLE) -> Answer:
    """Build a run in a theme of these files."""
    return command("build", run, "--out", tmp_path / "site", "--theme", lay(tmp_path / "theme", files))


PARTS = {
    "cells.html": (
        "{% macro cell(value, root) %}{% if value is none %}-{% elif value is link %}"
        '<a href="{{ value.href|href(root) }}">{{ value.text|cut }}</a>{% else %}<i class=mine>{{ value }}</i>'
        "{% endif %}{% endmacro %}{% macro title(text) %}<h2>{{ text|upper }}</h2>{% endmacro %}"
        '{% macro box(label) %}<div class=box aria-label="{{ label|label }}">{% endmacro %}'
    ),
    "blocks/notice.html": "<p class=mine>{{ block.text }} {{ block.mine|default('none') }}</p>\n",
    "page.html": '{% extends "original/page.html" %}\n{% block content %}\n'
    "{% for name, block, content in blocks|sort(attribute='0') %}\n"
    '{% if content and name in ("rows", "stories") %}\n{{ content }}{% else %}\n'
    '{% include "blocks/" ~ name ~ ".html" %}\n'
    "{% endif %}\n{% endfor %}\n{% endblock %}\n",
}


def test_parts_of_pages_are_replaced(tmp_path: Path) -> None:
    """Cells, a block and the order of a page are the theme's: our own templates use them, texts stay escaped."""
    answer = _build(tmp_path, {"cells.html": PARTS["cells.html"], "blocks/notice.html": PARTS["blocks/notice.html"]})
    assert answer.exit_code == 0, answer.stderr
    page = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert "<p class=mine>Clean: no errors, no warnings, nothing odd. none</p>" in page
    assert "<i class=mine>135</i>" in page
    assert "<h2>COMPLETENESS ACCOUNT</h2>" in page


def test_rows_stay_with_their_block(tmp_path: Path, site_of: Callable[[Path], Site]) -> None:
    """A theme that shows blocks in another order shows the same rows in each."""
    run = PAPER / "bad" / "html_script_payload"
    answer = _build(tmp_path, {"page.html": PARTS["page.html"]}, run)
    assert answer.exit_code == 0, answer.stderr
    for path in ("events/000000.html", "decisions/000000.html", "snapshots/000000.html"):
        ours, theirs = ((site / path).read_bytes() for site in (site_of(run).folder, tmp_path / "site"))
        assert sorted(tags(ours.decode())) == sorted(tags(theirs.decode()))
        assert POLICY.match(theirs)
    assert command("verify", tmp_path / "site").exit_code == 0


def test_log_texts_are_escaped_whatever_a_theme_does(tmp_path: Path) -> None:
    """A theme prints texts of a log: none becomes an element, joined and with autoescaping switched off neither."""
    files = {
        "blocks/table.html": "{% autoescape false %}{% for row in block.rows %}{% for value in row %}"
        "<p>{{ value }}{{ '<b>' ~ value }}{{ root ~ value }}</p>{% endfor %}{% endfor %}"
        "{% endautoescape %}"
    }
    answer = _build(tmp_path, files, PAPER / "bad" / "html_script_payload")
    assert answer.exit_code == 0, answer.stderr
    pages = [data.decode() for path, data in tree(tmp_path / "site").items() if path.endswith(".html")]
    shown = [page for page in pages if "&lt;script&gt;" in page and "<p>" in page]
    assert shown
    assert {tag.name for page in pages for tag in tags(page)} & {"img", "iframe", "svg", "b"} <= {"b", "svg"}
    assert not any("<script>" in page for page in pages)


WRONG: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "a misspelt name": ({"frame/heder.html": ""}, "the site has no frame/heder.html", "Nearest: frame/header.html."),
    "an asset elsewhere": ({"assets/Logo.SVG": ""}, "the site has no assets/Logo.SVG", "belong into assets/own/"),
    "what no theme replaces": ({"frame/opening.html": ""}, "the site has no frame/opening.html", ""),
    "the charts' library": ({"assets/vendor/plotly/plotly-basic.min.js": ""}, "the site has no assets/vendor", ""),
    "bytes": ({"page.html": b"a\xff"}, "page.html is no UTF-8 from byte 1 on", ""),
    "a byte order mark": ({"page.html": "\ufeffa"}, "page.html has a NUL or a byte order mark", ""),
    "a large file": ({"assets/style.css": " " * (MAX_BYTES + 1)}, f"has more than {MAX_BYTES} bytes", ""),
    "many files": ({f"assets/own/{n}.css": "" for n in range(MAX_FILES)}, f"more than {MAX_FILES} files", ""),
    "deep folders": ({"a/b/c/d/e/f/g/h/i/j/k": ""}, "is neither a regular file nor a folder", ""),
    "syntax": ({"pager.html": "\n{% if %}"}, "pager.html, line 2: this is no template: {% if %}", ""),
    "an end": ({"pager.html": "{% if page %}\n"}, "pager.html, line 1: this is no template", ""),
    "a block twice": (
        {"pager.html": "{% block a %}{% endblock %}{% block a %}{% endblock %}"},
        "stands here twice",
        "",
    ),
    "a filter": ({"pager.html": "{{ page.title|safe }}"}, "pager.html, line 1: there is no filter safe", ""),
    "a test": ({"pager.html": "{{ page is mine }}"}, "pager.html, line 1: there is no test mine", ""),
    "a variable": ({"pager.html": "\n{{ now }}"}, "line 2: there is no variable now here; there are around, ", ""),
    "a block's variable": ({"blocks/rows.html": "{{ block }}"}, "there is no variable block here; there are c", ""),
    "a field": ({"pager.html": "\n{{ page.tittle }}"}, "pager.html, line 2: Page has no tittle", ""),
    "an asset": ({"frame/footer.html": "{{ asset['own/a.svg'] }}"}, "footer.html, line 1: dict has no own/a.svg", ""),
    "what may be unknown": (
        {"pager.html": "{% if page.path == '' %}{% set x = 1 %}{% endif %}{{ x }}"},
        "pager.html, line 1: there is no variable x here",
        "",
    ),
    "a macro": ({"cells.html": ""}, "what is imported here has no ", ""),
    "a template": ({"pager.html": "{% include 'mine.html' %}"}, "line 1: there is no template mine.html", ""),
    "itself": ({"pager.html": "{% extends 'pager.html' %}"}, "only original/pager.html can be extended here", ""),
    "a computed parent": ({"pager.html": "{% extends page.path %}"}, "only original/pager.html can be extended", ""),
    "without end": ({"pager.html": "{% include 'pager.html' %}"}, "includes or calls itself without end", ""),
    "no such block": (
        {"frame/header.html": '{% extends "original/frame/header.html" %}\n{% block logo %}{% endblock %}'},
        "line 2: original/frame/header.html has no block logo; it has brand, library, search, sections, verdict",
        "",
    ),
    "nothing above": ({"pager.html": "{% block a %}{{ super() }}{% endblock %}"}, "in a block that replaces none", ""),
    "Python's inside": ({"pager.html": "{{ ''.__class__.__mro__ }}"}, "a template may not do this", ""),
    "a change": ({"pager.html": "{{ blocks.clear() }}"}, "a template may not do this", ""),
    "a computation": ({"pager.html": "{{ 1 // 0 }}"}, "this cannot be computed (ZeroDivisionError)", ""),
    "chance": ({"pager.html": "{{ lipsum() }}"}, "there is no variable lipsum here", ""),
    "lost rows": ({"blocks/rows.html": "<p>"}, "must show the content of each block once", ""),
    "rows twice": ({"blocks/rows.html": "{{ content }}{{ content }}"}, "must show the content of each block once", ""),
    "an unverifiable frame": ({"frame/header.html": "<object></object>"}, "0.html could not be verified: the page", ""),
    "another table": (
        {"blocks/rows.html": "<div>\n{{ content }}\n</div>"},
        "0.html could not be verified: the page's rows stand in another table than our rows do",
        "",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_theme_that_cannot_be_used(case: str, tmp_path: Path) -> None:
    """What is wrong with a theme is one sentence with file and line, exit code 2, and nothing is written."""
    files, said, hint = WRONG[case]
    answer = _build(tmp_path, files)
    assert (answer.exit_code, answer.stdout) == (2, "")
    complaint = next(line for line in answer.stderr.splitlines() if line.startswith("replayglass: --theme: "))
    assert said in complaint
    assert hint in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["theme"]


def test_a_watched_run_wears_a_theme(tmp_path: Path) -> None:
    """`watch` reads the theme when it publishes, and ends with its fault the first time."""
    theme = lay(tmp_path / "theme", {"pager.html": "{{ now }}"})
    answer = command("watch", SAMPLE, "--out", tmp_path / "site", "--theme", theme)
    assert answer.exit_code == 2
    assert "replayglass: --theme: pager.html, line 1: there is no variable now here" in answer.stderr


def test_only_files_are_read(tmp_path: Path) -> None:
    """Links and pipes are refused unread; hidden files, README.md and LICENSE are no part; the folder must be one."""
    theme = lay(
        tmp_path / "theme", {"README.md": "a", "LICENSE": b"\xff", ".git/page.html": "b", ".page.html.swp": "c"}
    )
    assert read_overlay(theme) == NO_THEME
    for make in (lambda place: place.symlink_to(theme / "README.md"), os.mkfifo):
        make(theme / "page.html")
        with pytest.raises(InputError, match=r"page\.html is neither a regular file nor a folder"):
            read_overlay(theme)
        (theme / "page.html").unlink()
    (theme / "frame").symlink_to(EXAMPLE / "frame")
    with pytest.raises(InputError, match="frame is neither"):
        read_overlay(theme)
    for path in (tmp_path / "none", theme / "README.md", tmp_path / "a\0"):
        with pytest.raises(InputError, match="cannot be read"):
            read_overlay(path)


def test_an_asset_within_the_limit_of_files(tmp_path: Path) -> None:
    """An asset of a theme is no larger than the files of the site may be."""
    run = copy(SAMPLE, tmp_path / "run")
    with (run / "replayglass.toml").open("a") as file:
        file.write("\n[limits]\nmax_file_bytes = 65536\n")
    answer = _build(tmp_path, {"assets/own/a.png": bytes(65_537)}, run)
    assert "assets/own/a.png has more than the 65536 bytes of limits.max_file_bytes" in answer.stderr


def test_what_is_no_fault_of_a_template() -> None:
    """An error that does not come over a template is not told as a theme's."""
    assert explained(ValueError()) is None
    assert explained(MemoryError()) is None
