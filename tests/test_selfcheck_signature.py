"""A page checks the signature of its log's checkpoint, and says what a browser cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import visiting
from logsite import BAD, EVENTS, GOOD, KEY, ORIGIN, OTHER_KEY, WARN, Log, alone, check_page, leaf, put, sign, verifier

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from browser import Visit

pytestmark = pytest.mark.no_cover

NAME = f"{ORIGIN}/{EVENTS}"


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Log]:
    """Return the one page of a small log, and that log."""
    raws = [b"{}", b"[]"]
    return alone(tmp_path, 0, raws), Log(EVENTS, [leaf(raw) for raw in raws])


WRONG_KEY = "The checkpoint's signature is not one by the key"
SIGNATURES = (
    (
        verifier(NAME),
        GOOD,
        f"The checkpoint's signature by the key {verifier(NAME)[:-45]} is valid; the key comes from",
    ),
    (None, WARN, "signed, but the site names no key"),
    ("nonsense", WARN, "signed, but the site names no key"),
    (verifier(NAME, OTHER_KEY), BAD, WRONG_KEY),
    (verifier("example.org/other"), BAD, WRONG_KEY),
    (verifier(NAME).replace("+", "+0", 1), BAD, WRONG_KEY),
)


@pytest.mark.parametrize(("key", "tone", "says"), SIGNATURES)
def test_a_signature_is_checked_with_the_key_of_the_site(
    key: str | None, tone: str, says: str, site: tuple[Path, Log], window: Visit
) -> None:
    """A valid signature is worth what a key from the same site is worth; one by another key is told loudly."""
    page, log = site
    put(page.parents[1], log.scripts(log.head(sign(log.body, NAME), key)))
    result = check_page(window, page)
    assert (result.tone, result.complaints) == (tone, []), result.text
    assert says in result.text


def test_a_signature_of_another_text_is_wrong(site: tuple[Path, Log], window: Visit) -> None:
    """The signature must be one of this checkpoint's text."""
    page, log = site
    put(page.parents[1], log.scripts(log.head(sign(log.body, NAME, KEY, Log(EVENTS, []).body), verifier(NAME))))
    result = check_page(window, page)
    assert (result.tone, result.complaints) == (BAD, [])
    assert WRONG_KEY in result.text


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("Object.defineProperty(crypto, 'subtle', {value: undefined})", "This browser offers no hash functions here"),
        ("crypto.subtle.importKey = () => Promise.reject(new Error())", "this browser cannot check such signatures"),
        ("crypto.subtle.digest = () => Promise.reject(new Error())", "The check met something that it does not know."),
    ],
)
def test_what_a_browser_cannot_do_is_said(script: str, says: str, site: tuple[Path, Log], browser: Browser) -> None:
    """A browser without hash functions or without Ed25519 says so, and claims no more than it checked."""
    page, log = site
    put(page.parents[1], log.scripts(log.head(sign(log.body, NAME), verifier(NAME))))
    with visiting(browser) as visit:
        visit.page.add_init_script(script)
        result = check_page(visit, page)
    assert (result.tone, result.complaints) == (WARN, [])
    assert says in result.text
