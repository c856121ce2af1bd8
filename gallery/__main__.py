"""Takes the pictures of docs/gallery.md: some pages of the samples' sites in light, in dark, on a phone, on paper."""

from __future__ import annotations

import argparse
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from browser import chromium, visiting
from gallery.palette import png
from gallery.views import MEDIA, VIEWS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

    from gallery.views import Medium, View

_PIXELS = """async (data) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const bytes = canvas.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return [picture.height, picture.width, btoa(text)];
}"""
"""Decodes a PNG in the browser, which can."""


def main() -> None:
    """Take all pictures, and say what they weigh."""
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__)
    parser.add_argument("sites", type=Path, help="the folder in which `make site` puts its sites")
    parser.add_argument("pictures", type=Path, help="where the pictures go")
    chosen = parser.parse_args()
    chosen.pictures.mkdir(exist_ok=True)
    weight = 0
    with chromium() as browser, visiting(browser) as blank:
        for medium in MEDIA:
            for view in VIEWS:
                pixels = _pixels(blank.page, _taken(browser, chosen.sites.resolve(), view, medium))
                data = png(np.pad(pixels, ((medium.margin,) * 2, (medium.margin,) * 2, (0, 0)), constant_values=255))
                (chosen.pictures / f"{view.name}-{medium.name}.png").write_bytes(data)
                weight += len(data)
    sys.stdout.write(f"{len(MEDIA) * len(VIEWS)} pictures, {weight:,} bytes\n")


def _taken(browser: Browser, sites: Path, view: View, medium: Medium) -> bytes:
    """Return the screenshot of a page as Chromium makes it; a place on the page is at its top."""
    width, height = medium.width - 2 * medium.margin, medium.height - 2 * medium.margin
    with visiting(browser, width=width, dark=medium.scheme == "dark") as visit:
        page = visit.page
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{sites.as_uri()}/{view.address}")
        if view.charts:
            page.locator(view.charts).first.wait_for()
        page.emulate_media(media=medium.media, color_scheme=medium.scheme)
        return page.screenshot(animations="disabled")


def _pixels(page: Page, data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a PNG, shape (height, width, 3)."""
    height, width, text = page.evaluate(_PIXELS, b64encode(data).decode())
    return np.frombuffer(b64decode(text), np.uint8).reshape(height, width, 4)[:, :, :3]


if __name__ == "__main__":
    main()
