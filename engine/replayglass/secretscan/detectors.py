r"""The versioned list of what counts as a credential: how it is recognised, and which part of it is the secret.

Patterns work on bytes, on one line or one text, and are linear: a part that repeats cannot begin again inside itself,
or is bounded. The one group that takes part in a match is the secret; what stands around it may be published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DETECTORS_VERSION = 1
"""Goes up whenever a detector is added or finds something else than before."""


class Detector(NamedTuple):
    """One kind of credential.

    ``words`` name it to people, with their article. Of ``marks`` at least one occurs wherever ``pattern`` matches: one
    byte, or four in lower case (upper case is the same then), the third of which may be ``?``, which is any.
    """

    name: str
    words: str
    marks: tuple[bytes, ...]
    pattern: re.Pattern[bytes]

    @property
    def marker(self) -> bytes:
        """Return what stands in place of a secret in what is published."""
        return b"[redacted:%b]" % self.name.encode()


# A value in double quotes keeps its escapes, so that \" does not end it: what follows would be left over. If there is
# nothing but signs of JSON before the next quotation mark, the first one ended a string.
_QUOTED = rb'"(?![*,:{}\[\]\s]*+")((?=[^"\r\n])[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+)|\'(?!\**\')([^\'"\r\n]+)'
_GAP = rb"[ \t]{0,8}"
# No values: what JSON has without quotes, and asterisks that somebody else put there.
_BARE = rb"(?!(?:(?:null|none|true|false|undefined)\b|\*+(?:[\s\"']|$)))"
# NAME=value, "name": "value", and {"name": NAME, "value": value}, as containers are configured.
_LIST = rb"[\"']" + _GAP + rb"," + _GAP + rb"[\"']value[\"']" + _GAP + rb":" + _GAP
_IS = rb"(?:" + _LIST + rb"|[\"']?" + _GAP + rb"(?:=>|[:=])" + _GAP + rb")"


def _named(name: bytes, bare: bytes = rb"[^\s\"'\\]{4,}+", more: bytes = rb"(?!)") -> re.Pattern[bytes]:
    """Return the pattern of the value of ``name``: in quotes, up to the next blank or quotation mark, or ``more``."""
    value = _IS + rb"(?:" + _QUOTED + rb"|" + _BARE + rb"(" + bare + rb"))"
    return re.compile(rb"(?i)(?:" + name + rb")(?:" + value + rb"|" + more + rb")")


_DATABASES = (
    b"amqp amqps mariadb mongodb mongodb+srv mssql mysql mysql2 postgres postgresql redis rediss sqlserver".split()
)
_IN_URL = rb"[^\s\"\\/?#]"
_AFTER_DATABASE = b"|".join(rb"(?<=" + re.escape(name) + rb"://)" for name in _DATABASES)
_CONNECTION = (
    rb"://(?:[^\s\"\\/?#@:]*+:(" + _IN_URL + rb"+)@"
    # A slash in a password breaks the URL, and is then found in the message about it.
    rb"|(?:" + _AFTER_DATABASE + rb")[^\s\"\\/?#@:]{0,128}:([^\s\"\\]{1,256})@)"
)
_PRIVATE_KEY = rb"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?!\\?\")([^\"]*?)(?=\"|-----END |\Z)"
_TOKEN = rb"[A-Za-z0-9_-]"
_AUTHORIZATION = rb"authorization[\"']?" + _GAP + rb"[:=,]" + _GAP + rb"[\"']?"
_BEARER = (
    rb"(?i)(?:" + _AUTHORIZATION + rb"bearer[ \t]{1,8}([a-z0-9._~+/=-]{4,}+)|bearer[ \t]{1,8}([a-z0-9._~+/=-]{16,}+))"
)
_BASIC = rb"(?i)" + _AUTHORIZATION + rb"basic[ \t]{1,8}([a-z0-9+/=_-]{4,}+)"
# Names and values of raw HTTP headers stand side by side in a list; a colon would make the next text a member's name.
_NEXT = rb"[\"']" + _GAP + rb"," + _GAP + rb"[\"']([^\"'\\\r\n]++)(?:[\"']" + _GAP + rb"(?:[,\]]|\Z)|\Z)"
# After a colon, words are prose ("password: incorrect"); a password has something else in it.
_NOT_PROSE = rb"(?:(?<==)|(?=[a-z]*+[^a-z\s\"'\\.,;]))[^\s\"'\\]{3,}+"

DETECTORS: tuple[Detector, ...] = (
    Detector("connection-string", "a password in a connection string", (b"/",), re.compile(_CONNECTION)),
    Detector(
        "database-url",
        "the value of DATABASE_URL",
        (b"taba",),
        _named(rb"database[_-]?url", rb"[^\s\"'\\:]{1,32}+:[^\s\"'\\]{3,}+"),
    ),
    Detector(
        "password",
        "the value of something named password",
        (b"assw", b"pwd="),
        _named(rb"passw(?:or)?d|pwd(?==)", _NOT_PROSE),
    ),
    Detector("private-key", "a private key", (b"te k",), re.compile(_PRIVATE_KEY)),
    Detector("bearer-token", "a bearer token", (b"eare",), re.compile(_BEARER)),
    Detector(
        "basic-authorization", "a user name and password of an Authorization header", (b"oriz",), re.compile(_BASIC)
    ),
    Detector(
        "jwt",
        "a JSON Web Token",
        (b".eyj",),
        re.compile(
            rb"(?<!" + _TOKEN + rb")(" + _TOKEN + rb"{10,}+\.eyJ" + _TOKEN + rb"{8,}+(?:\." + _TOKEN + rb"*+)?)"
        ),
    ),
    Detector(
        "aws-key-id",
        "an AWS access key id",
        (b"akia", b"asia"),
        re.compile(rb"(?<![A-Za-z0-9])(A[KS]IA[A-Z0-9]{16})(?![A-Za-z0-9])"),
    ),
    Detector(
        "aws-secret-key",
        "an AWS secret access key",
        (b"secr",),
        _named(rb"secret[_-]?access[_-]?key|aws[_-]?secret[_-]?key", rb"[^\s\"'\\]{16,}+"),
    ),
    Detector(
        "binance-key",
        "a Binance API key or secret",
        (b"bina", b"x-mb"),
        _named(rb"binance[_-]?api[_-]?(?:key|secret)|x-mbx-apikey", more=_NEXT),
    ),
    Detector(
        "cloudflare-access",
        "the id or secret of a Cloudflare Access client",
        (b"ss?c",),
        _named(rb"cf[_-]access[_-]client[_-](?:id|secret)", more=_NEXT),
    ),
    Detector(
        "github-token",
        "a GitHub token",
        (b"gh?_", b"hub_"),
        re.compile(rb"(gh[pousr]_[A-Za-z0-9_]{20,}+|github_pat_[A-Za-z0-9_]{22,}+)"),
    ),
    Detector("gitlab-token", "a GitLab token", (b"lpat",), re.compile(rb"(glpat-[A-Za-z0-9_.-]{20,}+)")),
    Detector("slack-token", "a Slack token", (b"ox?-",), re.compile(rb"(xox[a-z]-[A-Za-z0-9-]{10,}+)")),
    Detector("stripe-key", "a Stripe live key", (b"k_li",), re.compile(rb"([sr]k_live_[A-Za-z0-9]{10,}+)")),
    Detector("google-api-key", "a Google API key", (b"aiza",), re.compile(rb"(AIza[A-Za-z0-9_-]{35,}+)")),
    Detector("npm-token", "an npm token", (b"npm_",), re.compile(rb"(npm_[A-Za-z0-9]{36,}+)")),
    Detector("pypi-token", "a PyPI token", (b"pypi",), re.compile(rb"(pypi-[A-Za-z0-9_-]{50,}+)")),
)

BY_NAME: Mapping[str, Detector] = {detector.name: detector for detector in DETECTORS}
