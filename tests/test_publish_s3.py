"""Publishing to S3: a real server over HTTP, on loopback, which fails at every k-th request if it is told to."""

from __future__ import annotations

from hashlib import sha256
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

from publishing import HEADS, MANIFEST, make_sites, named
from replayglass.publish.claim import CLAIM
from sites import command, installed, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from publishing import Sites
    from sites import Tree

DENIED = "403 Forbidden", "AccessDenied"
UNKNOWN = "501 Not Implemented", "NotImplemented"


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_request(self, *_said: object) -> None:
        """Say nothing of a request."""


class Server:
    """An S3 server; ``before`` hears of each request and may give the status and code with which it fails."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.before: Callable[[dict[str, Any]], tuple[str, str] | None] = lambda _request: None
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, request: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        failure = self.before(request)
        if failure is None:
            return self._application(request, start)  # type: ignore[no-any-return]
        status, code = failure
        start(status, [("Content-Type", "application/xml")])
        return [b"<Error><Code>%b</Code><Message>hunter2</Message></Error>" % code.encode()]


class Bucket:
    """A bucket of the server, read as a reader does."""

    def __init__(self, server: Server, name: str) -> None:
        self.url = f"s3://{name}/reports"
        self._name = name
        self._client = boto3.client("s3", endpoint_url=server.url)
        self._client.create_bucket(Bucket=name)

    def tree(self) -> Tree:
        """Return every file that was published, out of the server's memory."""
        keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[self._name].keys
        return {name.removeprefix("reports/"): bytes(key.value) for name, key in keys.items()}

    def put(self, path: str, data: bytes) -> None:
        """Write a file behind everybody's back."""
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(self._name, f"reports/{path}", data)

    def headers(self, path: str) -> tuple[str, str]:
        """Return content type and Cache-Control of a file."""
        found = self._client.head_object(Bucket=self._name, Key=f"reports/{path}")
        return found["ContentType"], found["CacheControl"]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Return the sites, which no test changes."""
    return make_sites(tmp_path_factory.mktemp("sites"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give one server to all tests, and its address and a key to every process, as users do it."""
    with pytest.MonkeyPatch.context() as patch:
        started = Server()
        patch.setenv("AWS_ENDPOINT_URL", started.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield started
        started.stop()


@pytest.fixture
def bucket(server: Server, request: pytest.FixtureRequest) -> Iterator[Bucket]:
    """Return an empty bucket."""
    yield Bucket(server, sha256(request.node.name.encode()).hexdigest()[:20])
    server.before = lambda _request: None


def publish_until(site: Path, bucket: Bucket, after_failure: Callable[[], None]) -> int:
    """Publish as often as it takes; return how often it failed."""
    for failures in range(60):
        answer = command("publish", site, bucket.url, "--prune")
        if answer.exit_code == 0:
            return failures
        assert answer.exit_code == 2
        assert "hunter2" not in answer.stderr
        assert "Traceback" not in answer.stderr
        after_failure()
    pytest.fail("it does not get any further")


def test_every_kth_request_fails(sites: Sites, server: Server, bucket: Bucket) -> None:
    """After each failure the bucket shows one publication or the other, and the same command goes on to the end."""
    requests = 0

    def fail(_request: object) -> tuple[str, str] | None:
        nonlocal requests
        requests += 1
        return DENIED if requests % 83 == 0 else None

    def check() -> None:
        server.before = lambda _request: None
        seen = bucket.tree()
        digests = {path: sha256(data).hexdigest() for path, data in seen.items()}
        current = seen.get(MANIFEST, old.get(MANIFEST))
        assert current in (old.get(MANIFEST), new[MANIFEST])
        for publication in (old, new) if current is not None else ():
            if current == publication.get(MANIFEST):
                assert named(publication).keys() <= digests.keys() | set(HEADS)
        assert all(data in (old.get(path), new.get(path)) for path, data in seen.items() if path != CLAIM)
        server.before = fail

    old: Tree = {}
    total = 0
    for site in (sites.old, sites.new):
        new = tree(site)
        server.before = fail
        total += publish_until(site, bucket, check)
        server.before = lambda _request: None
        assert bucket.tree() == new
        old = new
    assert total > 4


def test_headers(server: Server, bucket: Bucket, tmp_path: Path) -> None:
    """Files go with their content type; what never changes may be kept, all else has to be asked about."""
    run, site = tmp_path / "run", tmp_path / "site"
    assert command("simulate", "paper", "--events", "260", "--out", run).exit_code == 0
    assert command("build", run, "--out", site).exit_code == 0
    answer = installed("publish", site, bucket.url, environment={"AWS_ENDPOINT_URL": server.url})
    assert answer.exit_code == 0, answer.stderr
    style = next(path for path in tree(site) if path.startswith("assets/") and path.endswith(".css"))
    day, ever = "public, max-age=86400, immutable", "public, max-age=31536000, immutable"
    html, json, data = "text/html; charset=utf-8", "application/json", "application/octet-stream"
    expected = {
        "index.html": (html, "no-cache"),
        "events/000000.html": (html, day),
        "events/000001.html": (html, "no-cache"),
        "v1/observe/persistence/audit-events/pages/000000.json": (json, day),
        "v1/index.json": (json, "no-cache"),
        "manifest.json": (json, "no-cache"),
        "log/audit-events/tile/0/000": (data, day),
        HEADS[0]: ("text/plain; charset=utf-8", "no-cache"),
        style: ("text/css; charset=utf-8", ever),
    }
    assert {path: bucket.headers(path) for path in expected} == expected


def test_conditions(sites: Sites, server: Server, bucket: Bucket) -> None:
    """What somebody else writes at the moment of a write is not overwritten: each write has its condition."""
    assert command("publish", sites.old, bucket.url).exit_code == 0
    added = next(path for path in tree(sites.middle) if path not in tree(sites.old))
    for victim in (added, HEADS[0]):
        todo = [victim]

        def intrude(request: dict[str, Any], todo: list[str] = todo) -> None:
            if todo and request["REQUEST_METHOD"] == "PUT" and request["PATH_INFO"].endswith(f"/{todo[0]}"):
                bucket.put(todo.pop(), b"theirs")

        server.before = intrude
        answer = command("publish", sites.middle, bucket.url)
        assert answer.exit_code == 2
        assert "was changed by somebody else" in answer.stderr
        assert bucket.tree()[victim] == b"theirs"


def test_what_is_there_is_not_sent_again(sites: Sites, server: Server, bucket: Bucket) -> None:
    """Files that no manifest vouches for are known by their MD5: what was sent is not sent again."""
    sent = []

    def stop(request: dict[str, Any]) -> tuple[str, str] | None:
        if request["REQUEST_METHOD"] == "PUT":
            sent.append(request["PATH_INFO"])
        return DENIED if MANIFEST in request["PATH_INFO"] and request["REQUEST_METHOD"] == "PUT" else None

    server.before = stop
    assert command("publish", sites.old, bucket.url).exit_code == 2
    sent.clear()
    server.before = lambda request: stop(request) and None
    assert command("publish", sites.old, bucket.url).exit_code == 0
    assert [path.rpartition("/")[2] for path in sent] == [CLAIM, MANIFEST, *(head.rpartition("/")[2] for head in HEADS)]


def test_a_store_without_conditions(sites: Sites, server: Server, bucket: Bucket) -> None:
    """A server that knows no conditional writes is written to without them."""

    def refuse(request: dict[str, Any]) -> tuple[str, str] | None:
        return UNKNOWN if {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"} & request.keys() else None

    server.before = refuse
    for site in (sites.old, sites.new):
        assert command("publish", site, bucket.url, "--prune").exit_code == 0
        assert bucket.tree() == tree(site)


def test_places_that_do_not_answer(sites: Sites, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bucket, no permission, no server: one sentence each (exit 2)."""
    answer = command("publish", sites.old, "s3://no-such-bucket/x")
    assert (answer.exit_code, "there is no such place" in answer.stderr) == (2, True)
    server.before = lambda _request: DENIED
    answer = command("publish", sites.old, "s3://no-such-bucket/x")
    assert (answer.exit_code, "access is denied" in answer.stderr) == (2, True)
    server.before = lambda _request: None
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    answer = command("publish", sites.old, "s3://no-such-bucket/x")
    assert (answer.exit_code, "it cannot be reached" in answer.stderr) == (2, True)
