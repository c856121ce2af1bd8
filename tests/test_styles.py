"""The style sheet and the scripts of all pages: contrast of their colours, and how much there is to load."""

from __future__ import annotations

import re
from itertools import product

import pytest

from replayglass.render.assets import templates_folder

ASSETS = templates_folder() / "assets"
SHEET = (ASSETS / "style.css").read_text(encoding="utf-8")
TEXT = ("ink", "quiet", "link", "good", "warn", "bad", "note")
GROUNDS = ("paper", "raised", "bad-tint", "warn-tint", "target")
AA = 4.5
"""Contrast of normal text, WCAG 2.2 section 1.4.3."""


def _tokens(selector: str) -> dict[str, str]:
    """Return the tokens of the rule that begins with ``selector``."""
    body = SHEET.partition(f"{selector} {{")[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", body))


LIGHT = _tokens("\n:root")
DARK = _tokens(":root[data-theme=dark]")
PRINT = LIGHT | _tokens("@media print {\n  :root")


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


@pytest.mark.parametrize("tokens", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_can_be_read(tokens: dict[str, str]) -> None:
    """Text of each colour has a contrast of at least 4.5 on each ground (WCAG 2.2 AA), in each theme and on paper."""
    pairs = {(text, ground): contrast(tokens[text], tokens[ground]) for text, ground in product(TEXT, GROUNDS)}
    assert {pair: round(value, 2) for pair, value in pairs.items() if value < AA} == {}


def test_the_measure_of_contrast() -> None:
    """Black on white is 21, a colour on itself 1, and #777 on white just fails."""
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_both_dark_themes_are_one() -> None:
    """Dark is the same, whether the system or the reader asks for it; every colour of the light theme has its own."""
    assert _tokens(":root:not([data-theme=light])") == DARK
    assert set(DARK) == set(LIGHT)


def test_what_all_pages_load_is_small() -> None:
    """Style sheets and scripts together, but for the charts' library, are below 60 KiB."""
    files = [path for path in ASSETS.rglob("*") if path.suffix in {".css", ".js"} and "vendor" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 60 * 1024
