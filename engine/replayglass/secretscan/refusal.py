"""Stops a run in which a secret was found that nobody decided about; says where and of what kind, never what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.secretscan.detectors import Detector

MAX_PLACES = 10
"""Places that one message names."""


class SecretError(InputError):
    """A secret would have been published; nothing was written."""


class Place(NamedTuple):
    """Where a secret was found: ``where`` in words for people."""

    detector: Detector
    where: str


def refusal(places: Sequence[Place]) -> SecretError:
    """Return the error about ``places`` (at least one), with what to add to replayglass.toml."""
    named = [f"{place.detector.words} in {place.where}" for place in dict.fromkeys(places)]
    more = f"; and {len(named) - MAX_PLACES} more" if len(named) > MAX_PLACES else ""
    message = f"secrets would be published: {'; '.join(named[:MAX_PLACES])}{more}"
    rules = "\n".join(
        f'[[secrets.rules]]\ndetector = "{name}"\naction = "redact"'
        for name in dict.fromkeys(place.detector.name for place in places)
    )
    return SecretError(
        message,
        "Change every real one where it is used. Then add this to replayglass.toml to publish a marker in its place\n"
        '(or action = "allow" if it is no secret):\n' + rules,
    )


def refusal_without_rule(places: Sequence[Place]) -> SecretError:
    """Return the error about ``places`` (at least one) for which there are no rules."""
    return SecretError(refusal(places).message, "Take it out: no rule can allow a secret here.")
