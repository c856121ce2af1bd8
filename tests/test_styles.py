"""The style sheet and the scripts of all pages: contrast of their colours, and how much there is to load."""

from __future__ import annotations

import re
from itertools import product

import pytest

from replayglass.render.assets import collect, templates_folder
from replayglass.render.overlay import NO_THEME, Overlay, read_overlay
from replayglass.render.slim import slimmed
from sites import REPO

ASSETS = templates_folder() / "assets"
TEXT = ("ink", "quiet", "link", "good", "warn", "bad", "note")
GROUNDS = ("paper", "raised", "bad-tint", "warn-tint", "target")
AA = 4.5
"""Contrast of normal text, WCAG 2.2 section 1.4.3."""


def _sheet(overlay: Overlay) -> str:
    """Return the style sheet that pages load in a theme."""
    found = collect(ASSETS, overlay.assets)
    return found.files[found.paths["style.css"]].decode()


def _tokens(sheet: str, selector: str) -> dict[str, str]:
    """Return the tokens of all rules of a sheet with this selector; later ones count."""
    bodies = re.findall(rf"^ *{re.escape(selector)} {{([^}}]*)}}", sheet, re.MULTILINE)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", "".join(bodies)))


def _themes(sheet: str) -> dict[str, dict[str, str]]:
    """Return the tokens of a sheet in light, in dark as the system or the reader says, and on paper."""
    light = _tokens(sheet, ":root")
    return {
        "light": light,
        "dark": light | _tokens(sheet, ":root[data-theme=dark]"),
        "system": light | _tokens(sheet, ":root:not([data-theme=light])"),
        "print": light | _tokens(sheet, "html:root"),
    }


OURS = _sheet(NO_THEME)
EXAMPLE = _sheet(read_overlay(REPO / "samples" / "theme"))


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, glossary)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("sheet", [OURS, EXAMPLE], ids=["ours", "example"])
def test_text_can_be_read(sheet: str, theme: str) -> None:
    """Text of each colour has a contrast of at least 4.5 on each ground (WCAG 2.2 AA), in each theme and on paper."""
    tokens = _themes(sheet)[theme]
    pairs = {(text, ground): contrast(tokens[text], tokens[ground]) for text, ground in product(TEXT, GROUNDS)}
    assert {pair: round(value, 2) for pair, value in pairs.items() if value < AA} == {}


def test_the_measure_of_contrast() -> None:
    """Black on white is 21, a colour on itself 1, and #777 on white just fails."""
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("sheet", [OURS, EXAMPLE], ids=["ours", "example"])
def test_both_dark_themes_are_one(sheet: str) -> None:
    """Dark is the same, whether the system or the reader asks for it; every colour of the light theme has its own."""
    assert _themes(sheet)["system"] == _themes(sheet)["dark"]
    assert _tokens(sheet, ":root[data-theme=dark]").keys() == _tokens(sheet, ":root").keys()


def _loaded() -> dict[str, tuple[bytes, bytes]]:
    """Return each style sheet and script but those of others: as it is written, and as it is published."""
    made = collect(ASSETS)
    own = [name for name in made.paths if name.endswith((".css", ".js")) and not name.startswith("vendor/")]
    return {name: (_written(name), made.files[made.paths[name]]) for name in own}


def _written(name: str) -> bytes:
    """Return an asset as it is written; the one style sheet is of two files."""
    files = ("tokens.css", name) if name == "style.css" else (name,)
    return b"\n".join([(ASSETS / file).read_bytes() for file in files])


def test_what_all_pages_load_is_small() -> None:
    """Style sheets and scripts together, but for the charts' library, are below 60 KB as they are published."""
    assert sum(len(published) for _, published in _loaded().values()) < 60_000


def test_what_is_published_lacks_comments_and_indentation_only() -> None:
    """Each of our style sheets and scripts can be slimmed: what is left are its lines, none of which is a comment."""
    for name, (written, published) in _loaded().items():
        assert len(published) < len(written), name
        wanted, found = ([line.strip() for line in data.decode().split("\n")] for data in (written, published))
        assert not [line for line in found if line.startswith(("//", "/*"))]
        left = iter(wanted)
        assert all(line in left for line in found)
        gone = b"\n".join([line.strip() for line in written.split(b"\n")])
        text = re.sub(rb"^/\*(?s:.*?)\*/\n|^//.*\n|^\n", b"", gone, flags=re.MULTILINE)
        assert text == published


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.js", b"const text = `one\n  two`;\n"),
        ("a.js", b'const text = "one\\\n  two";\n'),
        ("a.js", b"/* one\n// two */ three();\n"),
        ("a.js", b"// one\rtwo();\n"),
        ("a.js", "// one\u2028two();\n".encode()),
        ("a.js", b"  \xff\n"),
        ("a.css", b'a::before { content: "one\\\n  two"; }\n'),
        ("a.css", b"/* one */ a { color: red }\n"),
        ("a.css", b"a { color: red } /* one\n  /* two */\n"),
        ("a.css", b"  /*/ a { } */\n"),
        ("a.svg", b"  <svg/>\n"),
        ("vendor/a.js", b"  // one\n"),
    ],
)
def test_what_might_change_its_meaning_stays(name: str, data: bytes) -> None:
    """A file with a text, a template or a comment that lines cannot be taken from is published as it is written."""
    assert slimmed(name, data) == data


def test_what_a_browser_does_not_need_goes() -> None:
    """Indentation, empty lines, and lines that are a comment or stand in one."""
    style = b"/* one\n   two */\n\na {\n  color: red; /* three */\r\n}\n"
    assert slimmed("a.css", style) == b"a {\ncolor: red; /* three */\n}\n"
    assert slimmed("b/a.js", b"  // one\n  two(`3`); // four") == b"two(`3`); // four\n"
