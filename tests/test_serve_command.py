"""The command `serve`: where it listens, what it says, how it ends."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from processes import running
from serving import publish
from sites import SAMPLE, build, command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a small site."""
    publish(tmp_path / "site", {"index.html": b"<p>page"})
    return tmp_path / "site"


def get(url: str, headers: dict[str, str] | None = None) -> bytes:
    """Return what is at an address."""
    with urlopen(Request(url, headers=headers or {}), timeout=60) as answer:  # noqa: S310 - our own server
        data: bytes = answer.read()
        return data


def test_a_site_is_served_until_ctrl_c(tmp_path: Path) -> None:
    """The command says where the site is, answers there a browser and an observer client, and ends with 0."""
    build(SAMPLE, tmp_path / "site")
    with running("serve", tmp_path / "site", "--port", "0", "--no-reload", "--guard") as server:
        said = server.out.until("http://127.0.0.1:")
        url = said.removeprefix(f"{tmp_path / 'site'}: ").strip()
        assert get(url) == (tmp_path / "site/index.html").read_bytes()
        headers = {"CF-Access-Client-Id": "a", "CF-Access-Client-Secret": "b"}
        assert json.loads(get(f"{url}v1/observe/persistence/audit-events?limit=3", headers))["events"]
        assert server.stop() == 0
    assert server.err.seen == []


def test_only_this_machine_unless_told(site: Path) -> None:
    """Told to listen elsewhere, the command warns in one line; on loopback it does not."""
    with running("serve", site, "--port", "0", "--host", "0.0.0.0") as server:  # noqa: S104 - what is tested
        url = server.out.until("http://0.0.0.0:")
        assert server.err.until("warning") == (
            "replayglass: warning: whoever reaches this machine can read the site,"
            " without a password and without encryption\n"
        )
        port = url.strip().rstrip("/").rpartition(":")[2]
        assert get(f"http://127.0.0.1:{port}/").startswith(b"<p>page<script")
        assert server.stop() == 0
    with running("serve", site, "--port", "0", "--host", "localhost") as server:
        url = server.out.until("http://").partition(": ")[2].strip()
        assert get(url).startswith(b"<p>page")
        assert server.stop() == 0
    assert server.err.seen == []


def test_what_cannot_be_served(site: Path, tmp_path: Path) -> None:
    """No site, a port that is taken, an address that is not ours: one sentence and exit code 2."""
    answer = command("serve", tmp_path)
    assert (answer.exit_code, answer.stderr) == (2, f"replayglass: {tmp_path} is not a site: it has no manifest.json\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = command("serve", site, "--port", str(port))
    assert answer.exit_code == 2
    assert answer.stderr == (
        f"replayglass: 127.0.0.1, port {port}, cannot be listened on: Address already in use\n"
        "  --port 0 takes any free port\n"
    )
    for host in ("192.0.2.1", "no such host", "x" * 70):
        answer = command("serve", site, "--port", "0", "--host", host)
        assert answer.exit_code == 2
        assert "cannot be listened on" in answer.stderr
