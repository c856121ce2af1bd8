"""Debian's Chromium, driven by Playwright: what a page says, loads and complains of."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page

    from sites import Site

# The flags keep Chromium from talking to anyone on its own, so that every request is the page's.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


class Visit(NamedTuple):
    """A page that was opened, and what it complained of and asked for meanwhile."""

    page: Page
    complaints: list[str]
    requests: list[str]

    def forget_files(self) -> None:
        """Have every page read its files again, also those that were changed since the last page read them."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def begin(self, address: str) -> None:
        """Open a page, and forget what the pages before it complained of and asked for."""
        self.page.goto("about:blank")
        self.complaints.clear()
        self.requests.clear()
        self.page.goto(address)


def kinds(site: Site) -> list[Path]:
    """Return the fullest page of each kind: a kind are those whose paths differ in numbers only."""
    found: dict[str, list[Path]] = {}
    for path in sorted(site.folder.rglob("*.html")):
        found.setdefault(re.sub(r"\d+", "N", path.relative_to(site.folder).as_posix()), []).append(path)
    return [max(paths, key=lambda path: path.stat().st_size) for paths in found.values()]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a profile."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Browser, *, scripts: bool = True, width: int = 1280, dark: bool = False, is_strict: bool = True
) -> Iterator[Visit]:
    """Open a window and listen to its console, its errors, its requests, and for further windows.

    Without ``is_strict`` the pages' content security policy does not hold, so that a test can put scripts in.
    """
    context = browser.new_context(
        java_script_enabled=scripts,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        bypass_csp=not is_strict,
    )
    visit = Visit(context.new_page(), [], [])
    visit.page.on("console", lambda message: visit.complaints.append(f"{message.type}: {message.text}"))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("dialog", lambda dialog: _dismiss(dialog, visit.complaints))
    context.on("page", lambda page: visit.complaints.append(f"window: {page.url}"))
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    yield visit
    context.close()


def _dismiss(dialog: Dialog, complaints: list[str]) -> None:
    complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()
