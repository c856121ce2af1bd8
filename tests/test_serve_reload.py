"""Live reload: a page in a browser loads itself again when there is another publication."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING

from browser import visiting
from replayglass.canon import digest
from replayglass.live.publication import Publications
from replayglass.output.paths import MANIFEST
from serving import MANNERS, publish, serving
from sites import AUDIT, SAMPLE, build, make_run, records

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def test_a_page_loads_again_after_a_build(tmp_path: Path, browser: Browser) -> None:
    """Under the pages' own policy, with and without charts, the script reloads the page; nothing is complained of."""
    lines = records(SAMPLE / AUDIT)
    run, site = make_run(tmp_path / "run", b"\n".join([*lines[:40], b""])), tmp_path / "site"
    build(run, site)
    with serving(site, reload=True, manners=MANNERS._replace(reload=0.5)) as client:
        for path, records_shown in (("", 40), ("events/000000.html", 60)):
            with visiting(browser) as visit:
                visit.page.goto(client.server.url + path)
                with visit.page.expect_navigation(timeout=60_000):
                    more = lines[: records_shown + 20]
                    build(make_run(run, b"\n".join([*more, b""])), site)
                visit.page.wait_for_function(
                    f"document.body.innerText.includes('{records_shown + 19}')", timeout=60_000
                )
                assert visit.complaints == []


def test_a_page_that_waits_asks_again(tmp_path: Path, browser: Browser) -> None:
    """When nothing happens the page asks again and again, and stays where it is."""
    build(SAMPLE, tmp_path / "site")
    with (
        serving(tmp_path / "site", reload=True, manners=MANNERS._replace(reload=0.01)) as client,
        visiting(browser) as visit,
    ):
        visit.page.goto(client.server.url)
        for _ in range(2):
            visit.page.wait_for_event("request", lambda request: "changed.svg" in request.url, timeout=60_000)
        assert visit.complaints == []
        assert sum(request == client.server.url for request in visit.requests) == 1


def test_only_the_answer_has_the_script(tmp_path: Path) -> None:
    """The script is put behind the published bytes of pages, with an ETag of its own; all else is as published."""
    files = {"index.html": b"<p>page", "v1/index.json": b"{}"}
    publish(tmp_path / "site", files)
    name = digest((tmp_path / "site" / MANIFEST).read_bytes())
    with serving(tmp_path / "site", reload=True) as client:
        answer = client.ask("/")
        tag = f'<script defer src="/~live/reload.js" data-publication="{name}"></script>\n'
        assert answer.body == files["index.html"] + tag.encode()
        assert answer.headers["ETag"] == f'"{digest(files["index.html"])}.{name}"'
        assert client.ask("/", headers={"If-None-Match": answer.headers["ETag"]}).status == 304
        assert client.ask("/v1/index.json").body == files["v1/index.json"]
        assert client.ask("/", "HEAD").headers["Content-Length"] == str(len(answer.body))
        script = client.ask("/~live/reload.js")
        assert (script.status, script.headers["Cache-Control"]) == (200, "no-store")
        assert client.ask("/~live/other.js").status == 404
    assert (tmp_path / "site/index.html").read_bytes() == files["index.html"]
    with serving(tmp_path / "site") as client:
        assert client.ask("/").body == files["index.html"]
        assert client.ask("/~live/reload.js").status == 404


def test_the_image_comes_with_the_publication(tmp_path: Path) -> None:
    """The image that a page waits for comes when the publication is another one, also across a time without any."""
    site = tmp_path / "site"
    publish(site, {"index.html": b"one"})
    name = digest((site / MANIFEST).read_bytes())
    assert not Publications(str(tmp_path / "none")).wait_for_another(name, 0.0)
    with serving(site, reload=True, manners=MANNERS._replace(reload=60.0)) as client:
        assert client.ask("/~live/changed.svg?since=another").status == 200
        assert client.ask("/~live/changed.svg").status == 200
        connection = HTTPConnection(client.host, client.port, timeout=60)
        connection.request("GET", f"/~live/changed.svg?since={name}")
        while client.idle != [False]:
            pass
        site.rename(tmp_path / "away")
        publish(tmp_path / "away", {"index.html": b"two"})
        (tmp_path / "away").rename(site)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
        connection.close()
    with serving(site, reload=True, manners=MANNERS._replace(reload=0.0)) as client:
        name = digest((site / MANIFEST).read_bytes())
        assert client.ask(f"/~live/changed.svg?since={name}").status == 204
