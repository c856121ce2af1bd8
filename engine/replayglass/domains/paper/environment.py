"""Reads the PAPER runtime's ``runtime.env``: what may be published of it, and the names, never values, of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from replayglass.config import Config

STREAM = "runtime.env"

PUBLISHABLE: Mapping[str, str] = {
    "NODE_ENV": "production|staging|development",
    "RUNTIME_INSTANCE_ID": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "LOGICAL_TIME_SOURCE": "marketdata|manual",
    "PERSISTENCE_MODE": "postgres",
    "SNAPSHOT_STRATEGY": "on-ledger-update|manual",
    "EXECUTION_PLANE": "paper|live",
    "EXCHANGE_PROVIDER": "binance",
    "SAFETY_MODE": "normal|halt|flatten",
    "LOG_LEVEL": "debug|info|warn|error",
    "ENABLE_AUDIT_LOGGING": "true|false",
}
"""The required variables that are no secrets and the pattern of all their values (paper-runtime section 15)."""

BINANCE_KEYS = ("BINANCE_API_KEY", "BINANCE_API_SECRET")

SECRETS = frozenset(
    {
        "DATABASE_URL",
        *BINANCE_KEYS,
        "CF_ACCESS_CLIENT_ID",
        "CF_ACCESS_CLIENT_SECRET",
        "DEPLOY_ENDPOINT",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD",
        "POSTGRES_DB",
    }
)
"""The variables of which nothing but the name is ever shown (paper-runtime section 15)."""

MAX_UNKNOWN = 1000
"""Names of unknown variables that are listed; more are counted."""

_BLANK = " \t\r\f\v"
_NAME = re.compile(r"(?:export[ \t]+)?([^=\s]+)[ \t]*=[ \t]*")
_QUOTED = {"'": re.compile(r"'([^']*)'"), '"': re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)}
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_LINE_REST = re.compile(r"[ \t\r]*(?:#.*)?$", re.MULTILINE)
# A line of a pasted key can look like NAME=, so a name is shown only if it looks like one that somebody chose.
_SHOWN_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,63}|[a-z_][a-z0-9_]{0,63}")


class Variable(NamedTuple):
    """One assignment; ``value`` may be a secret and must not leave this module."""

    name: str
    value: str
    line: int


class Environment(NamedTuple):
    """What may be known of the runtime's configuration.

    ``settings`` are (name, value) of the publishable variables with a valid value, in the order of `PUBLISHABLE`;
    ``withheld`` the names of secrets that are set; ``unknown`` the names of other variables, of which ``unnamed``
    more are only counted, because their name may be a secret itself.
    """

    settings: tuple[tuple[str, str], ...] = ()
    withheld: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unnamed: int = 0
    problems: tuple[Finding, ...] = ()


def read_environment(text: bytes | None) -> Environment:
    r"""Return what may be published of a ``runtime.env``; without a file the environment is empty.

    Supported: ``NAME=value`` and ``export NAME=value``, blanks around both, empty lines, lines that begin with ``#``,
    a comment after a blank and ``#``, values in single or double quotes (which may span lines; backslashes stay as
    they are), CRLF, a byte order mark. The last of several assignments counts, a blank value is none. Not supported:
    expansion of ``$NAME``, commands, names without ``=``. No value, length or hash of a secret is in the result, and
    nothing of a line that cannot be read.
    """
    if text is None:
        return Environment()
    variables, problems = _parse(text.decode("utf-8-sig", "replace"))
    last = {variable.name: variable for variable in variables}
    given = {name: variable for name, variable in last.items() if variable.value.strip()}
    problems = [*_undecodable(text), *problems, *_repeated(variables), *_forbidden(last.values())]
    problems += [*_missing(given), *_invalid(given), *_about_plane(given)]
    others = [name for name in last if name not in PUBLISHABLE and name not in SECRETS]
    shown = sorted(name for name in others if _is_shown(last[name]))[:MAX_UNKNOWN]
    return Environment(
        settings=tuple((name, given[name].value) for name in PUBLISHABLE if name in given and _is_valid(given[name])),
        withheld=tuple(sorted(SECRETS & given.keys())),
        unknown=tuple(shown),
        unnamed=len(others) - len(shown),
        problems=tuple(problems),
    )


def status(environment: Environment, config: Config) -> dict[str, str | None]:
    """Return the answer of ``/runtime/status`` (paper-runtime section 14): its seven keys, null where unknown."""
    known = dict(environment.settings)
    return {
        "runtime_version": config.runtime_version,
        "node_version": config.node_version,
        "execution_plane": known.get("EXECUTION_PLANE"),
        "persistence_mode": known.get("PERSISTENCE_MODE"),
        "snapshot_strategy": known.get("SNAPSHOT_STRATEGY"),
        "safety_mode": known.get("SAFETY_MODE"),
        "logical_time_source": known.get("LOGICAL_TIME_SOURCE"),
    }


def _parse(text: str) -> tuple[list[Variable], list[Finding]]:
    """Return the assignments in order, and one problem for all lines that are none."""
    variables, bad = [], []
    place, line = 0, 1
    while place < len(text):
        variable, end = _read_entry(text, place, line)
        if variable is not None:
            variables.append(variable)
        elif text[place:end].strip() and not text[place:end].lstrip().startswith("#"):
            bad.append(line)
        line += text.count("\n", place, end)
        place = end
    return variables, _collected("env.syntax", bad, "no NAME=value or with a quote that is not closed, and not read")


def _read_entry(text: str, place: int, line: int) -> tuple[Variable | None, int]:
    """Return the assignment that begins at ``place``, if it is one, and where the next line begins."""
    line_end = text.find("\n", place) + 1 or len(text)
    row = text[place:line_end]
    name = _NAME.match(text, place + len(row) - len(row.lstrip(_BLANK)), line_end)
    if name is None or name[1].startswith("#"):
        return None, line_end
    quote = _QUOTED.get(text[name.end() : name.end() + 1])
    if quote is None:
        return Variable(name[1], _COMMENT.sub("", text[name.end() : line_end].rstrip()).strip(), line), line_end
    value = quote.match(text, name.end())
    if value is None:
        return None, len(text)  # what follows may be the rest of a secret
    rest = _LINE_REST.match(text, value.end())
    line_end = text.find("\n", value.end()) + 1 or len(text)
    return (Variable(name[1], value[1], line) if rest else None), line_end


def _undecodable(text: bytes) -> list[Finding]:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return _collected("env.encoding", [text.count(b"\n", 0, error.start) + 1], "not UTF-8")
    return []


def _repeated(variables: list[Variable]) -> list[Finding]:
    first = {variable.name: variable.line for variable in reversed(variables)}
    again = [variable.line for variable in variables if variable.line != first[variable.name]]
    return _collected("env.repeated", again, "another value for a variable that has one; the last counts")


def _forbidden(variables: Iterable[Variable]) -> list[Finding]:
    lines = [variable.line for variable in variables if variable.name.startswith("DREICHOR_")]
    return _collected(
        "env.forbidden-prefix", lines, "a variable whose name begins with DREICHOR_, which is not allowed"
    )


def _missing(given: Mapping[str, Variable]) -> list[Finding]:
    live = "EXECUTION_PLANE" in given and given["EXECUTION_PLANE"].value == "live"
    required = (*PUBLISHABLE, "DATABASE_URL", *(BINANCE_KEYS if live else ()))
    return [_problem("env.missing", f"{name} is required and not set") for name in required if name not in given]


def _invalid(given: Mapping[str, Variable]) -> list[Finding]:
    return [
        _problem("env.invalid", f"{name} is not {_wanted(name)}; its value is withheld", given[name].line)
        for name in (*PUBLISHABLE, "DATABASE_URL")
        if name in given and not _is_valid(given[name])
    ]


def _about_plane(given: Mapping[str, Variable]) -> list[Finding]:
    plane = given.get("EXECUTION_PLANE")
    if plane is not None and plane.value == "live":
        message = "EXECUTION_PLANE is live, but PAPER is the only plane whose runs are understood"
        return [_problem("env.not-paper", message, plane.line)]
    if plane is None or plane.value != "paper":
        return []
    message = "must not be set while EXECUTION_PLANE is paper"
    return [
        _problem("env.secret-with-paper", f"{name} {message}", given[name].line)
        for name in BINANCE_KEYS
        if name in given
    ]


def _is_valid(variable: Variable) -> bool:
    if variable.name == "DATABASE_URL":
        return variable.value.startswith("postgres://")
    return re.fullmatch(PUBLISHABLE[variable.name], variable.value) is not None


def _wanted(name: str) -> str:
    if name == "DATABASE_URL":
        return "a text that begins with postgres://"
    return "a UUID" if name == "RUNTIME_INSTANCE_ID" else PUBLISHABLE[name].replace("|", " or ")


def _is_shown(variable: Variable) -> bool:
    """Tell whether the name may be shown; the last line of a key in base64 reads as a name with an empty value."""
    return _SHOWN_NAME.fullmatch(variable.name) is not None and variable.value.strip("= \t") != ""


def _collected(code: str, lines: list[int], what: str) -> list[Finding]:
    """Return one finding about all ``lines``, at the first: a hostile file has very many of them."""
    if not lines:
        return []
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return [_problem(code, f"line {lines[0]}{more} is {what}", lines[0])]


def _problem(code: str, message: str, line: int | None = None) -> Finding:
    return Finding(code, Severity.WARNING, message, STREAM, STREAM, None, line, None)
