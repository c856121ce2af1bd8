"""`serve` and hostile clients, names and folders: nothing outside the publication, and nobody stops it for others."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from replayglass.canon import digest, encode
from replayglass.live.requesttarget import Hosts, Target, is_loopback, read_target
from replayglass.output.paths import MANIFEST
from serving import publish, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Client

PAGE = b"<p>page"
HOST = "\nHost: localhost"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site with strangers' files in it and beside it."""
    publish(tmp_path / "site", {"index.html": PAGE, "events/000000.html": PAGE})
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "site/secret.txt").write_bytes(b"secret")
    (tmp_path / "site/.env").write_bytes(b"secret")
    return tmp_path / "site"


@pytest.fixture
def client(site: Path) -> Iterator[Client]:
    """Return a client of that site."""
    with serving(site) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/events/../../secret.txt",
        "/./index.html",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/%00",
        "/index.html%00",
        "/index%2ehtml",
        "//index.html/..",
        "/secret.txt",
        "/.env",
        "/events/.././../site/secret.txt",
        "/~live/reload.js",
        "/~live/changed.svg",
        "/" + "a" * 300,
        "/" + "a/" * 3000,
    ],
)
def test_no_path_leads_out(path: str, client: Client) -> None:
    """No way to write a path gives a file that the manifest does not list, inside the folder or outside."""
    assert client.status(f"GET {path} HTTP/1.1{HOST}") == 404


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /index.html\0 HTTP/1.1{HOST}", 404),
        (f"GET /\xff\xfe HTTP/1.1{HOST}", 404),
        (f"GET http://localhost:1/index.html HTTP/1.1{HOST}", 200),
        (f"GET HTTP://127.0.0.1 HTTP/1.1{HOST}", 200),
        (f"GET http://evil.example/index.html HTTP/1.1{HOST}", 421),
        (f"GET http://localhost@evil.example/ HTTP/1.1{HOST}", 421),
        (f"GET https://localhost/ HTTP/1.1{HOST}", 400),
        (f"GET file:///etc/passwd HTTP/1.1{HOST}", 400),
        (f"GET index.html HTTP/1.1{HOST}", 400),
        (f"GET * HTTP/1.1{HOST}", 400),
        (f"GET ?x HTTP/1.1{HOST}", 400),
        (f"GET /index.html#x HTTP/1.1{HOST}", 400),
        (f"GET / / HTTP/1.1{HOST}", 400),
        (f"GET /\r/ HTTP/1.1{HOST}", 400),
        (f"GET / HTTP/9.9{HOST}", 505),
        (f"GET / SPDY/1{HOST}", 400),
        (f"\n\n\nGET / HTTP/1.1{HOST}", 200),
        ("GET / HTTP/1.1", 400),
        (f"GET / HTTP/1.1{HOST}{HOST}", 400),
        ("GET / HTTP/1.1\nHost:", 421),
        ("GET / HTTP/1.1\nHost: evil.example", 421),
        ("GET / HTTP/1.1\nHost: localhost.evil.example:80", 421),
        ("GET / HTTP/1.1\nHost: localhost:80:80", 421),
        ("GET / HTTP/1.1\nHost: 192.0.2.1", 421),
        ("GET / HTTP/1.1\nHost: LOCALHOST:9999", 200),
        ("GET / HTTP/1.1\nHost: [::1]:80", 200),
        (f"GET / HTTP/1.1{HOST}" + "\nx: y" * 101, 431),
        (f"GET / HTTP/1.1{HOST}\nx: {'y' * 17_000}", 431),
        (f"GET /{'y' * 100_000} HTTP/1.1{HOST}", 431),
        (f"{'y' * 200_000}", 431),
    ],
)
def test_what_a_request_says(head: str, status: int, client: Client) -> None:
    """A request that is malformed, too large, or meant for another name is refused; the next client gets its page."""
    assert client.status(head) == status
    assert client.ask("/").body == PAGE


def test_nothing_of_a_request_is_said_back(client: Client) -> None:
    """No answer repeats what was asked."""
    for target in ("/<x>", "/<x>?<x>", "/%0d%0aSet-Cookie:x", "/v1/observe/<x>", "/v1/observe/<x>?limit=<x>"):
        answer = client.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"<" not in answer
        assert b"Set-Cookie" not in answer
    assert b"<" not in client.send(b"<x> <y>\r\n\r\n")


def test_no_link_is_followed(site: Path, client: Client) -> None:
    """A listed file, or its folder, that was made a link or a pipe is not served; nor is other content."""
    (site.parent / "events").mkdir()
    (site.parent / "events/000000.html").write_bytes(PAGE)
    (site / "events/000000.html").rename(site.parent / "kept.html")
    (site / "events/000000.html").symlink_to(site.parent / "kept.html")
    assert client.ask("/events/000000.html").status == 503
    (site / "events/000000.html").unlink()
    os.mkfifo(site / "events/000000.html")
    assert client.ask("/events/000000.html").status == 503
    (site / "events/000000.html").unlink()
    (site / "events").rmdir()
    (site / "events").symlink_to(site.parent / "events")
    assert client.ask("/events/000000.html").status == 503
    (site / "index.html").write_bytes(b"<p>evil")
    assert client.ask("/").status == 503
    (site / "index.html").write_bytes(PAGE)
    assert client.ask("/").body == PAGE


@pytest.mark.parametrize("name", ["manifest", "shard", "generator", "large shard", "shard rows"])
def test_a_manifest_that_cannot_be_trusted(name: str, site: Path, client: Client) -> None:
    """A damaged manifest, or one of another program, lists nothing: that is said, and the server goes on."""
    manifest = site / MANIFEST
    shard = site / "manifest/root.json"
    good = manifest.read_bytes()
    row = b'{"path":"manifest/root.json","sha256":"%s","size":%d,"files":1}'
    if name == "manifest":
        manifest.write_bytes(b"[" * 100_000)
    elif name == "shard":
        shard.write_bytes(b"{}")
    elif name == "generator":
        manifest.write_bytes(good.replace(b'"replayglass"', b'"other"'))
    else:
        data = encode({"version": 1, "files": [{"path": "../x", "sha256": "0" * 64, "size": 1}]})
        shard.write_bytes(data)
        size = 1 << 40 if name == "large shard" else len(data)
        rows = row % (digest(data).encode(), size)
        manifest.write_bytes(good[: good.index(b'"shards":[')] + b'"shards":[' + rows + b"]}\n")
    assert client.ask("/").status == 503
    shutil.rmtree(site)
    publish(site, {"index.html": PAGE})
    assert client.ask("/").body == PAGE


def test_targets() -> None:
    """A target is a path or an absolute http address; nothing in it is decoded but the values of its query."""
    assert read_target("/a%2fb?limit=1&limit=%32&x") == Target("a%2fb", "limit=1&limit=%32&x", None)
    assert Target("", "limit=1&limit=%32&x&limit=", None).values("limit") == ["1", "2", ""]
    assert read_target("http://h:1/a") == Target("a", "", "h:1")
    assert read_target("http://h?x") == Target("", "x", "h")
    assert read_target("http://h") == Target("", "", "h")
    assert read_target("") is None


def test_names() -> None:
    """Loopback names and the told address are ours; told to listen everywhere, any address is, but no other name."""
    assert Hosts("127.0.0.1").accept(["localhost", "127.0.0.1:80", "[::1]"])
    assert not Hosts("127.0.0.1").accept([])
    assert not Hosts("127.0.0.1").accept(["localhost", "192.0.2.7"])
    assert Hosts("Build.Example").accept(["build.example:8000"])
    for everywhere in ("0.0.0.0", "::"):  # noqa: S104 - only compared
        assert Hosts(everywhere).accept(["192.0.2.7:1", "[2001:db8::1]", "localhost"])
        assert not Hosts(everywhere).accept(["evil.example"])
    assert not Hosts("192.0.2.1").accept(["192.0.2.7"])
    assert is_loopback("localhost")
    assert is_loopback("127.0.0.9")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - only compared
    assert not is_loopback("evil.example")
