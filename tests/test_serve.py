"""`serve`: the files that the manifest lists, as they were published, and nothing else."""

from __future__ import annotations

import shutil
from http.client import HTTPConnection
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from replayglass.canon import digest
from replayglass.mediatypes import kind_of
from replayglass.output.paths import MANIFEST
from serving import MANNERS, publish, serving
from sites import SAMPLE, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from serving import Client, Reply
    from sites import Site

FILES = {"index.html": b"<p>one", "events/index.html": b"<p>events", "assets/a.js": b"1", "v1/index.json": b"{}"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a small site."""
    publish(tmp_path / "site", FILES)
    return tmp_path / "site"


@pytest.fixture
def client(site: Path) -> Iterator[Client]:
    """Return a client of that site."""
    with serving(site) as client:
        yield client


def test_every_published_file_is_served_as_it_is(site_of: Callable[[Path], Site]) -> None:
    """GET gives the bytes of each file, HEAD the same headers; both say the size, the SHA-256 and no other type."""
    site = site_of(SAMPLE)
    with serving(site.folder) as client:
        for path, data in site.tree().items():
            answer, head = client.ask(f"/{path}"), client.ask(f"/{path}", "HEAD")
            assert (answer.status, answer.body) == (200, data)
            assert (head.status, head.body) == (200, b"")
            assert answer.headers["ETag"] == head.headers["ETag"] == f'"{digest(data)}"'
            assert answer.headers["Content-Length"] == head.headers["Content-Length"] == str(len(data))
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert ("immutable" in answer.headers["Cache-Control"]) == path.startswith(("assets/", "blob/"))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("v1/index.json", "application/json"),
        ("assets/style.0.css", "text/css; charset=utf-8"),
        ("log/audit-events/check.js", "text/javascript; charset=utf-8"),
        ("assets/icon.0.svg", "image/svg+xml"),
        ("assets/vendor/plotly/LICENSE.0.txt", "text/plain; charset=utf-8"),
        ("blob/00", "text/plain; charset=utf-8"),
        ("log/audit-events/checkpoint", "text/plain; charset=utf-8"),
        ("log/audit-events/checkpoints/9.unsigned", "text/plain; charset=utf-8"),
        ("log/audit-events/tile/entries/000.p/135", "application/octet-stream"),
        ("strange", "application/octet-stream"),
        ("strange.exe", "application/octet-stream"),
    ],
)
def test_types(path: str, kind: str) -> None:
    """The type of a file follows from its place in the site, and a browser can run nothing but pages and scripts."""
    assert kind_of(path) == kind


def test_a_folder_is_its_index(client: Client) -> None:
    """`/` and `folder/` give index.html, `folder` leads to `folder/`; a query is not looked at."""
    assert client.ask("/").body == FILES["index.html"]
    assert client.ask("/events/?x=1").body == FILES["events/index.html"]
    moved = client.ask("/events")
    assert (moved.status, moved.headers["Location"]) == (301, "/events/")


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets", "/v1/", "/nothing.html", "/events//", "/manifest/", "/index.html/"]
)
def test_nothing_is_listed_or_guessed(path: str, client: Client) -> None:
    """A folder without index.html has no listing, and what the manifest does not list is not there."""
    assert client.ask(path).status == 404


def test_only_get_and_head(client: Client) -> None:
    """Every other method is refused with the list of those that are answered, whatever body comes with it."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X"):
        answer = client.ask("/index.html", method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    with client.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n")
        connection.sendall(b"x" * 400_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 405 ")


def test_what_the_reader_has_is_not_sent_again(client: Client) -> None:
    """If-None-Match with the file's ETag, among others or as `*`, is answered with 304 and no body."""
    etag = client.ask("/").headers["ETag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        answer = client.ask("/", headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)
    assert client.ask("/", headers={"If-None-Match": '"x"'}).status == 200


def test_a_connection_serves_more_than_one_request(client: Client) -> None:
    """HTTP/1.1 connections stay open, and requests may be sent ahead of the answers; HTTP/1.0 ones are closed."""
    connection = HTTPConnection(client.host, client.port, timeout=60)
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == FILES["index.html"]
    connection.close()
    one = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /events/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answers = client.send(one + last)
    assert answers.index(FILES["index.html"]) < answers.index(FILES["events/index.html"])
    assert client.send(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n").endswith(FILES["index.html"])


def test_a_new_publication_is_served(site: Path, client: Client) -> None:
    """After another build the new files are there, those that it removed are not, and ETags are the new ones."""
    etag = client.ask("/").headers["ETag"]
    assert client.ask("/assets/a.js").status == 200
    publish(site, {"index.html": b"<p>two"})
    answer = client.ask("/", headers={"If-None-Match": etag})
    assert (answer.status, answer.body) == (200, b"<p>two")
    assert client.ask("/assets/a.js").status == 404
    assert client.ask(f"/{MANIFEST}").body == (site / MANIFEST).read_bytes()


def test_a_new_folder_is_served(site: Path, client: Client) -> None:
    """A site that was deleted is said to be missing, and served again when it is there again."""
    shutil.rmtree(site)
    answer = client.ask("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    publish(site, {"index.html": b"<p>again"})
    assert client.ask("/").body == b"<p>again"


def test_a_group_of_many_files_is_looked_up_in_all_its_shards(tmp_path: Path) -> None:
    """The files of a group that takes more than one shard of the manifest are found in each of them."""
    files = {f"x/{number:04d}.txt": b"%d" % number for number in range(2050)}
    publish(tmp_path / "site", files)
    assert len(list((tmp_path / "site/manifest").iterdir())) == 3
    with serving(tmp_path / "site") as client:
        for number in (0, 1024, 2049):
            assert client.ask(f"/x/{number:04d}.txt").body == b"%d" % number
        assert client.ask("/x/9999.txt").status == 404
        for path, data in tree(tmp_path / "site/manifest").items():
            assert client.ask(f"/manifest/{path}").body == data


def test_old_or_new_while_builds_go_on(tmp_path: Path) -> None:
    """Whoever reads while builds replace the publication gets whole files of one of them, and never an error."""
    site = tmp_path / "site"
    bodies = [(b"%d" % number) * 100_000 for number in range(2)]
    publish(site, {"index.html": bodies[0], "events/index.html": b"x"})
    answers: list[Reply] = []
    ended = Event()
    with serving(site, manners=MANNERS._replace(patience=60.0)) as client:

        def read() -> None:
            while not ended.is_set():
                answers.append(client.ask("/"))

        reader = Thread(target=read)
        reader.start()
        for number in range(1, 40):
            publish(site, {"index.html": bodies[number % 2], f"new/{number}.html": b"x"})
        ended.set()
        reader.join()
        assert client.ask("/").body == bodies[1]
    assert {answer.status for answer in answers} == {200}
    assert {answer.body for answer in answers} <= set(bodies)
    assert all(answer.headers["ETag"] == f'"{digest(answer.body)}"' for answer in answers)
