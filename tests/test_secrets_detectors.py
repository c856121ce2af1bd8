"""Every kind of credential is found however it is written, nothing harmless is, and no input makes the search slow."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.secretscan.detectors import BY_NAME, DETECTORS, DETECTORS_VERSION
from replayglass.secretscan.prefilter import CHUNK, suspects
from replayglass.secretscan.search import find_secrets, replace
from sites import PAPER, REPO, records

if TYPE_CHECKING:
    from collections.abc import Callable


class Canary(NamedTuple):
    """A made-up credential; ``secret`` is what must not be published of ``text``."""

    detector: str
    text: str
    secret: str


def _canary(detector: str, before: str, secret: str, after: str = "") -> Canary:
    return Canary(detector, before + secret + after, secret)


WORD = "Zq3pW7xK9vT2mN5bR8sD"
BODY = f"MII{WORD}\n{WORD[::-1]}+/=="
# Put together from parts, so that no scanner of repositories takes them for real ones.
CANARIES = (
    _canary("connection-string", "postgres://user:", WORD, "@db.example:5432/app"),
    _canary("connection-string", "redis://:", WORD, "@cache"),
    _canary("connection-string", "mongodb+srv://user:", f"{WORD}@{WORD}", "@db.example"),
    _canary("connection-string", "mysql://user:", f"{WORD}/{WORD}", "@db.example"),
    _canary("connection-string", "amqp://user:", f"%40{WORD}'", "@mq"),
    _canary("connection-string", "https://user:", WORD, "@example.org/path?a=b@c"),
    _canary("database-url", "DATABASE_URL=", f"postgres://user:{WORD}@db.example/app"),
    _canary("password", "PGPASSWORD=", WORD),
    _canary("password", "passwd: ", WORD),
    _canary("password", "Server=db;Pwd=", WORD),
    _canary("private-key", "-----BEGIN PRIVATE KEY-----\n", BODY, "\n-----END PRIVATE KEY-----"),
    _canary("private-key", "-----BEGIN RSA PRIVATE KEY-----\n", BODY, "\n-----END RSA PRIVATE KEY-----\n"),
    _canary("private-key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n", BODY, "\n-----END PGP PRIVATE KEY BLOCK-----"),
    _canary("bearer-token", "Authorization: Bearer ", WORD[:8]),
    _canary("bearer-token", "sent bearer ", WORD, " to it"),
    _canary("basic-authorization", "authorization: basic ", f"{WORD}=="),
    _canary("jwt", "", f"eyJhbGciOiJIUzI1NiJ9.eyJ{WORD}.{WORD}"),
    _canary("aws-key-id", "key ", "AKI" + "A" + "IOSFODNN7EXAMPLE", "."),
    _canary("aws-key-id", "", "ASI" + "A" + "Z3K9V7T2M5N8R4S6"),
    _canary("aws-secret-key", "aws_secret_access_key = ", WORD * 2),
    _canary("aws-secret-key", "SecretAccessKey: ", f"{WORD}/{WORD[1:]}"),
    _canary("binance-key", "BINANCE_API_KEY=", WORD),
    _canary("binance-key", "binanceApiSecret: ", WORD),
    _canary("binance-key", "X-MBX-APIKEY: ", WORD),
    _canary("cloudflare-access", "CF-Access-Client-Secret: ", WORD),
    _canary("cloudflare-access", "CF_ACCESS_CLIENT_SECRET=", WORD),
    _canary("cloudflare-access", "cf-access-client-id: ", f"{WORD}.access"),
    *(_canary("github-token", "", f"gh{kind}_{WORD}{WORD[:16]}") for kind in "pousr"),
    _canary("github-token", "", f"github_pat_{WORD}_{WORD}"),
    _canary("gitlab-token", "", f"glpat-{WORD}"),
    *(_canary("slack-token", "", f"xox{kind}-{WORD}") for kind in "bpas"),
    _canary("stripe-key", "", f"sk_live_{WORD}"),
    _canary("stripe-key", "", f"rk_live_{WORD}"),
    _canary("google-api-key", "", f"AIza{WORD}{WORD[:15]}"),
    _canary("npm-token", "", f"npm_{WORD}{WORD[:16]}"),
    _canary("pypi-token", "", f"pypi-AgEI{WORD * 3}"),
)


def escaped(text: str) -> str:
    r"""Return a JSON string in which every character is written as ``\u0070``."""
    return '"' + "".join(f"\\u{ord(sign):04x}" for sign in text) + '"'


def written(text: str) -> dict[str, bytes]:
    """Return ``text`` in every notation that hides it from a plain search, or not."""
    string = json.dumps(text)
    return {
        "plain": text.encode(),
        "JSON": f'{{"a":{string},"b":"c"}}'.encode(),
        "key": f'{{{string}:1,"b":"c"}}'.encode(),
        "slashes": f'{{"a":{string},"b":"c"}}'.replace("/", "\\/").encode(),
        "all escaped": f'{{"a":{escaped(text)},"b":"c"}}'.encode(),
        "one escaped": f'{{"a":"{escaped(text[0])[1:-1]}{string[2:]},"b":"c"}}'.encode(),
        "JSON in JSON": json.dumps({"a": json.dumps({"x": text, "y": "z"}), "b": "c"}).encode(),
        "thrice": json.dumps({"a": json.dumps({"x": json.dumps([text])}), "b": "c"}).encode(),
        "torn": f'{{"b":"c","a":{string[:-1]}'.encode(),
        "UTF-16LE": text.encode("utf-16le"),
        "UTF-16BE": text.encode("utf-16be"),
    }


def plainly(data: bytes) -> str:
    """Return what a reader could make of ``data``: no NUL, escapes undone as often as it takes."""
    text = data.replace(b"\0", b"").decode()
    for _ in range(4):
        text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text.replace("\\\\", "\\"))
        text = text.replace("\\/", "/").replace("\\n", "\n")
    return text


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_every_kind_is_found_in_every_notation(canary: Canary) -> None:
    """A detector finds its canary, exactly the secret is replaced, JSON stays JSON, and what is published is clean."""
    for notation, data in written(canary.text).items():
        hits = find_secrets(data)
        assert canary.detector in {hit.detector.name for hit in hits}, notation
        published = replace(data, hits)
        assert canary.secret not in plainly(published), notation
        assert WORD not in plainly(published), notation
        assert find_secrets(published) == [], notation
        if notation not in {"plain", "torn", "UTF-16LE", "UTF-16BE"}:
            assert json.loads(published).keys() == json.loads(replace(data, [])).keys() or notation == "key"
            assert json.loads(published)["b"] == "c"


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_only_the_secret_is_replaced(canary: Canary) -> None:
    """What stands before and after a secret stays byte for byte (but a line end that belongs to a key)."""
    mine = [hit for hit in find_secrets(canary.text.encode()) if hit.detector.name == canary.detector]
    before, after = canary.text.split(canary.secret)
    marker = f"[redacted:{canary.detector}]"
    published = replace(canary.text.encode(), mine).decode()
    if canary.detector == "private-key":
        before, after = before.rstrip("\n"), after.lstrip("\n")
    assert published == before + marker + after


def test_every_detector_has_a_canary() -> None:
    """No detector is untested; names are unique and fit for a marker and for TOML."""
    assert {canary.detector for canary in CANARIES} == BY_NAME.keys()
    assert len(BY_NAME) == len(DETECTORS)
    for detector in DETECTORS:
        assert re.fullmatch("[a-z]+(?:-[a-z]+)*", detector.name)
        assert all(
            len(mark) in (1, 4) and mark == mark.lower() and mark.find(b"?") in (-1, 2) for mark in detector.marks
        )


def test_the_list_is_documented() -> None:
    """docs/secrets.md has the version of the list and every detector, in its order."""
    text = (REPO / "docs" / "secrets.md").read_text()
    assert f"Version {DETECTORS_VERSION} of the list." in text
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == list(BY_NAME)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"name":"BINANCE_API_KEY","value":"abcdef"}', ["binance-key"]),
        ('{"rawHeaders":["CF-Access-Client-Secret","abcdef"]}', ["cloudflare-access"]),
        ('"rawHeaders":["x-mbx-apikey", "abcdef', ["binance-key"]),
        ('{"password":"a\\"b, c"}', ["password"]),
        ('{"password":12345678,"b":1}', ["password"]),
        ("password='a b'", ["password"]),
        ('{"DATABASE_URL":"postgres://u:pw@h/d"}', ["database-url", "connection-string"]),
        ("postgres://u:pw@h redis://:x@h", ["connection-string", "connection-string"]),
    ],
)
def test_named_values_are_found_in_every_form(text: str, names: list[str]) -> None:
    """A name and its value may be a member, a pair of members, neighbours in a list of headers, or an assignment."""
    hits = find_secrets(text.encode())
    assert [hit.detector.name for hit in hits] == names
    published = replace(text.encode(), hits)
    assert not re.search(rb"abcdef|a\\|b, c|12345678|a b|pw@|:x@", published)
    if text.startswith("{"):
        json.loads(published)


HARMLESS = """
1c05651f-d87e-7cea-7fa6-56f8116796f1
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
0.00012345678901234567890
BTC-USDT
ASIAPACIFIC_MOMENTUM_STRATEGY ASIAPACIFICMOMENTUMSTRATEGY
rotation.skip.none@v2
phase-1.5-paper-runtime@v1
https://example.org:8443/a?b=c@d#e:f@g
http://[::1]:80/x@y
git@github.com:owner/repository.git
mailto:somebody@example.org
postgres://user@db.example/app
password: incorrect
Password is required, password: missing
DATABASE_URL: must start with postgres://
DATABASE_URL is required and not set
Bearer of bad news, bearer authentication
Basic authentication with Authorization headers
PGPASSWORD=****
{"password":null,"passwd":"***","PASSWORD":""}
{"password":true,"secretAccessKey":false}
{"fields":["password","email"]}
{"words":"password=","next":"a"}
{"header":"CF-Access-Client-Secret","status":"missing"}
['CF-Access-Client-Secret']
{"words":"a\\nb password=","next":"a"}
-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A-----END PUBLIC KEY-----
{"header":"-----BEGIN PRIVATE KEY-----"}
token eyJhbGciOiJIUzI1NiJ9
ghp_short glpat-short xoxb-1 sk_test_Zq3pW7xK9vT2mN5bR8sD npm_config_registry pypi-package-name
BINANCE_API_KEY and BINANCE_API_SECRET are not set
""".strip().splitlines()


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_not_taken_for_a_secret(text: str) -> None:
    """Ids, amounts, markets, addresses without password, prose and what others redacted are no secrets."""
    assert find_secrets(text.encode()) == []
    assert find_secrets(json.dumps(text).encode()) == []


def test_the_signs_of_a_document_are_no_secret() -> None:
    """What stands outside of the texts of a document, and is no number, is left alone."""
    assert find_secrets(b'{"password":[1,2,3],"passwd":{"a":1}}') == []


def test_nothing_is_found_in_the_conformance_logs() -> None:
    """No line of any log of the conformance data, good or damaged, is taken for a secret."""
    files = sorted(PAPER.rglob("*.ndjson"))
    assert len(files) > 50
    for file in files:
        for line in records(file):
            assert find_secrets(line) == [], file


PUMPS = [
    "://",
    "://:",
    "postgres://a:",
    "redis://:a@",
    'password:"',
    "password=",
    "password: ",
    "password",
    "passwd='\\\"",
    "password=****",
    "DATABASE_URL=a:",
    'secret_access_key","value":"',
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN A A A ",
    "bearer ",
    "authorization: bearer ",
    "authorization: basic ",
    "eyJ",
    "eyJaaaaaaaaaa.",
    ".eyJaaaaaaaa",
    "AKIA",
    "ghp_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "sk_live_",
    "AIza",
    "npm_",
    "pypi-",
    "cf-access-client-secret",
    "binance_api_key   ",
    "\\\\",
    "\\u005c",
    '\\"',
    '"',
    "\0",
]


@pytest.mark.parametrize("pump", PUMPS)
def test_no_input_takes_more_than_linear_time(pump: str) -> None:
    """A long repetition of what a pattern begins with is searched through; a quadratic search would not come back."""
    text = pump * (400_000 // len(pump))
    document = json.dumps({"a": text, "b": "c"}).encode()
    assert json.loads(replace(document, find_secrets(document)))["b"] == "c"
    for data in (text.encode(), text.encode() + b" \n"):
        assert len(find_secrets(data)) < len(data)


ANYTHING = st.text(st.characters(max_codepoint=0x2FF, exclude_characters="\n"), max_size=30)


@settings(deadline=None)
@given(st.binary(max_size=40), st.sampled_from(CANARIES), st.binary(max_size=9), st.sampled_from([str, str.upper]))
def test_what_a_pattern_can_match_is_suspected(
    before: bytes, canary: Canary, after: bytes, case: Callable[[str], str]
) -> None:
    """Wherever a pattern matches, the fast search says so: at every alignment, in either case."""
    data = before + case(canary.text).encode() + after
    matching = {detector.name for detector in DETECTORS if detector.pattern.search(data)}
    assert matching <= {detector.name for detector in suspects(data)}
    assert find_secrets(data) == find_secrets(data, DETECTORS)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_no_chunk_border_hides_a_secret(canary: Canary) -> None:
    """A mark that lies across the border of two chunks is seen."""
    for shift in range(len(canary.text)):
        found = suspects(b"-" * (CHUNK - shift) + canary.text.encode())
        assert BY_NAME[canary.detector] in found


LAYERS: tuple[Callable[[str], str], ...] = (
    escaped,
    lambda text: json.dumps(text, ensure_ascii=False),
    lambda text: json.dumps({text: [text]}),
)


@settings(deadline=None)
@given(ANYTHING, st.sampled_from(CANARIES), ANYTHING, st.lists(st.sampled_from(LAYERS), max_size=3))
def test_a_document_stays_one_and_keeps_its_other_bytes(
    before: str, canary: Canary, after: str, layers: list[Callable[[str], str]]
) -> None:
    """A redacted JSON document is valid, no reading of it shows the secret, and what is between markers was there."""
    text = f"{before} {canary.text} {after}"
    for layer in layers:
        text = layer(text)
    data = json.dumps({"a": text, "b": [1, "c"]}).encode()
    published = replace(data, find_secrets(data))
    assert json.loads(published)["b"] == [1, "c"]
    assert canary.secret not in plainly(published)
    place = 0
    for piece in re.split(rb"\[redacted:[a-z-]+\]", published):
        place = data.index(piece, place) + len(piece)
