"""The verdict on a run as a script that every page loads: full pages never change, so it cannot stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.findings import counted, verdict
from replayglass.logscript import script_json
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "verdict.js"
"""The same for every publication; the file is written anew with each."""


def verdict_script(by_severity: Mapping[Severity, int], as_of: int | str | None) -> bytes:
    """Return the script: it calls `replayglass.verdict` of the page that loads it, with plain data.

    ``short`` is for the banner, ``text`` the sentence of the overview; ``as_of`` is the last logical time.
    """
    text, tone = verdict(by_severity)
    when = "Nothing was logged yet." if as_of is None else f"As of logical time {as_of}."
    data = {"tone": tone, "short": _short(by_severity), "text": text, "when": when}
    return b"replayglass.verdict(%s);\n" % script_json(data)


def _short(by_severity: Mapping[Severity, int]) -> str:
    errors, warnings = (by_severity.get(severity, 0) for severity in (Severity.ERROR, Severity.WARNING))
    counts = [(errors, "error"), (warnings, "warning")]
    words = [counted(count, word) for count, word in counts if count]
    return ", ".join(words) or "Clean"
