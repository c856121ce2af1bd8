"""Flow runs for tests: recorded scenarios, and short programs written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from replayglass.domains.flow.rules import RULES_1, Rules
from replayglass.domains.flow.vm import Flow

DATA = Path(__file__).parent / "data" / "flow"
SCENARIOS = sorted(path.name.removesuffix(".intents.json") for path in DATA.glob("*.intents.json"))

Tree = dict[str, Any]


class Scenario:
    """A recorded run: its intents by the beat in which they are submitted, and what the engine's dumps say."""

    def __init__(self, name: str) -> None:
        run = json.loads((DATA / f"{name}.intents.json").read_bytes())
        self.beats: int = run["beats"]
        self.intents: list[Tree] = run["intents"]
        self.dumps = (DATA / f"{name}.intended.jsonl").read_text(encoding="utf-8").splitlines()

    def submit(self, flow: Flow, step: int) -> None:
        """Submit what was submitted before runtime step ``step``."""
        for intent in self.intents:
            if intent["submit_beat"] == step:
                flow.submit(intent["bucket"], intent["txn"], intent["fields"])


class Player:
    """A flow that is told what to do in short: definitions first, then intents, each in a beat of its own."""

    def __init__(self, rules: Rules = RULES_1) -> None:
        self.flow = Flow(rules)
        self._count = 0

    def send(self, bucket: str, /, **fields: object) -> str:
        """Submit one intent under a name of its own; return the name."""
        self._count += 1
        txn = "t." + "".join(chr(97 + int(digit)) for digit in str(self._count))
        self.flow.submit(bucket, txn, fields)
        return txn

    def do(self, bucket: str, /, **fields: object) -> str:
        """Submit one intent, let it be ingested, and return its outcome."""
        txn = self.send(bucket, **fields)
        self.beat(2)
        return self.outcome(bucket, txn)

    def outcome(self, bucket: str, txn: str) -> str:
        """Return the outcome of an intent, empty if it has none."""
        return self.flow.state.inbox[bucket][txn].outcome or ""

    def beat(self, count: int = 1) -> None:
        """Run ``count`` beats."""
        for _ in range(count):
            self.flow.beat()

    def program(self, *steps: Tree, name: str = "a") -> None:
        """Define ``prog.NAME`` with ``steps`` and ``var.NAME`` that runs it; a policy ``pol.p`` exists."""
        written = {str(at): step for at, step in enumerate(steps)}
        assert self.do("fl_upsert", kind="policy", id="pol.p") == "ok"
        assert self.do("fl_upsert", kind="program", id=f"prog.{name}", steps=written) == "ok"
        assert self.do("fl_upsert", kind="variant", id=f"var.{name}", program=f"prog.{name}") == "ok"

    def start(self, name: str = "inst.a", /, **fields: object) -> str:
        """Start an instance, of ``var.a`` if ``fields`` say no other variant, and return the outcome."""
        return self.do("inst_start", **{"id": name, "variant": "var.a", **fields})

    @property
    def dump(self) -> Tree:
        """What is under ``/data/flow``."""
        flow: Tree = self.flow.dump()["flow"]
        return flow

    def node(self, name: str = "inst.a") -> Tree:
        """Return an instance as it is dumped."""
        node: Tree = self.dump["instance"][name]
        return node

    def cells(self, name: str = "inst.a") -> Tree:
        """Return the live decisions of an instance as they are dumped."""
        cells: Tree = self.dump["decision"].get(name, {})
        return cells


def step(kind: str, **spec: object) -> Tree:
    """Return a step as it is submitted."""
    return {"kind": kind, "spec": spec}
