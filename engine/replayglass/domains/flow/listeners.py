"""Which instances listen to which pattern, so that a broadcast need not ask each instance (flow-vm, section 4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow.signals import is_glob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from replayglass.domains.flow.state import Instance


class Listeners:
    """The instances by the patterns of their subscriptions."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self._exact: dict[str, set[str]] = {}
        self._globs: dict[str, set[str]] = {}
        for instance in instances:
            self._add(instance.name, instance.patterns)

    def change(self, instance: Instance, patterns: tuple[str, ...]) -> None:
        """Take note that ``instance`` listens to ``patterns`` now."""
        if patterns == instance.patterns:
            return
        for pattern in set(instance.patterns):
            by_pattern = self._globs if is_glob(pattern) else self._exact
            by_pattern[pattern].discard(instance.name)
            if not by_pattern[pattern]:
                del by_pattern[pattern]
        instance.patterns = patterns
        self._add(instance.name, patterns)

    def of(self, signal: str, matches: Callable[[str, str], bool]) -> set[str]:
        """Return the names of the instances with a pattern that is ``signal``, or a glob that ``matches`` it."""
        found = set(self._exact.get(signal, ()))
        for pattern, names in self._globs.items():
            if matches(pattern, signal):
                found |= names
        return found

    def _add(self, name: str, patterns: tuple[str, ...]) -> None:
        for pattern in patterns:
            (self._globs if is_glob(pattern) else self._exact).setdefault(pattern, set()).add(name)
