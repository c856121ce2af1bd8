"""What a flow remembers of long lives: the latest event and the marks of slots, held against looking at all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from flowruns import Player, Tree, step
from replayglass.domains.flow.events import Latest, latest
from replayglass.domains.flow.inbox import ingest
from replayglass.domains.flow.machine import Machine
from replayglass.domains.flow.newest import FEW, Newest
from replayglass.domains.flow.numbers import unsigned
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.state import Instance, Request, State, freeze, thaw
from replayglass.domains.flow.sweep import sweep
from replayglass.domains.flow.tree import plant

if TYPE_CHECKING:
    from replayglass.domains.flow.names import Names
    from replayglass.domains.flow.rules import Rules

LATE = 10_000_000
"""A beat from which on the keys of events are too long for acronyms: their order is that of their first use."""


def scan(instance: Instance, names: Names) -> Latest | None:
    """Return the latest event as section 8.6 says it: in name order, the strictly greatest beat, else the first."""
    events = instance.node.get("events")
    records = events if isinstance(events, dict) else {}
    ordered = [(key, records[key]) for key in names.sort(records) if isinstance(records[key], dict)]
    found = None
    for key, record in ordered:
        text = record.get("beat")
        beat = unsigned(text if isinstance(text, str) else None)
        if found is None or (beat is not None and (found.beat is None or beat > found.beat)):
            found = Latest(key, record, beat)
    return found


class Plain(Newest):
    """Remembers nothing: every event is looked at each time."""

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.names = names

    def of(self, instance: Instance) -> Latest | None:
        """Return the latest event."""
        return scan(instance, self.names)


class Twins:
    """Two machines that are told the same: one as it is, and one that looks at every event and marks every slot."""

    def __init__(self, rules: Rules, beat: int) -> None:
        self.rules = rules
        self._load(freeze(State(beat=beat)))

    def _load(self, data: bytes) -> None:
        self.own, self.plain = (Machine(self.rules, thaw(data)) for _ in range(2))
        self.plain.newest = Plain(self.plain.names)

    def do(self, txn: str, bucket: str, fields: Tree) -> None:
        """Have both ingest an intent and, if nothing fatal came of it, sweep; no decision made before still stands."""
        for machine in (self.own, self.plain):
            machine.state.decisions.clear()
            machine.state.inbox[bucket][txn] = Request(plant(fields, machine.names))
            if ingest(machine, bucket, txn):
                self.plain.marked.clear()
                sweep(machine)

    def compare(self) -> None:
        """Hold all that is left against each other, and the latest event of every instance against a scan."""
        names = self.own.names
        for instance in self.own.state.instances.values():
            assert self.own.newest.of(instance) == scan(instance, names) == latest(instance.node, names)
        assert vars(self.own.log) == vars(self.plain.log)
        assert freeze(self.own.state) == freeze(self.plain.state)

    def end_beat(self, *, is_cut: bool) -> None:
        """Go on to the next beat; if the run is cut here, with machines made anew from what was saved."""
        for machine in (self.own, self.plain):
            machine.state.beat += 1
        if is_cut:
            self._load(freeze(self.own.state))


BEATS = st.sampled_from(["", "x", "0", "3", str(LATE), str(LATE + 3), str(LATE + 5), "-1"])
RECORDS = st.one_of(st.sampled_from(["text", {}, {"beat": {}}]), st.builds(lambda beat: {"beat": beat}, BEATS))
LONG = st.builds(lambda beat, number: f"{LATE + beat}_{number}", st.integers(0, 5), st.integers(FEW, FEW + 9))
KEYS = st.one_of(st.sampled_from(["a", "3_0", "4_19", "0", "2", "2", "4", "4", "6"]), LONG)
SUB = {"signal_path": "a/go", "status": "pending"}
IDS = st.sampled_from(["inst.a", "inst.a", "inst.b"])
SLOTS = st.dictionaries(st.sampled_from(["a", "0_0", "1_4", "2_8"]), st.sampled_from(["text", {}, {"status": "x"}]))


@st.composite
def seeds(draw: st.DrawFn) -> Tree:
    """Return events that a client seeds: as many alike as make an instance one with many, and any others."""
    alike, count = draw(RECORDS), draw(st.sampled_from([0, FEW - 2, FEW + 1]))
    return {**{f"seed.{at}": alike for at in range(count)}, **draw(st.dictionaries(KEYS, RECORDS, max_size=5))}


INTENTS = st.one_of(
    st.tuples(
        st.just("inst_start"),
        st.fixed_dictionaries(
            {"id": IDS, "variant": st.sampled_from(["var.a"] * 6 + ["none"]), "events": seeds(), "emits": SLOTS},
            optional={"subs": st.just({str(at): SUB for at in range(90, 93)})},
        ),
    ),
    *[
        st.tuples(
            st.just("inst_event"),
            st.fixed_dictionaries(
                {"signal_path": st.just("a/go"), "payload": st.dictionaries(KEYS, st.just("x"), max_size=2)},
                optional={"inst_id": IDS, "action": st.sampled_from(["deliver", "cancel"])},
            ),
        )
    ]
    * 4,
    st.tuples(st.just("inst_ctrl"), st.fixed_dictionaries({"id": IDS, "action": st.just("resume")})),
)
WAIT = st.sampled_from([step("wait", signal_path="a/go"), step("wait", signal_path="a/go", timeout="1")])
TRANSFORM = st.just(step("transform", payload={"out": {"status": "y"}, "say": "hi"}))
POLLING = st.just(step("guard", beat=str(LATE + 2)))
PROGRAMS = st.lists(st.one_of(WAIT, WAIT, TRANSFORM, POLLING), min_size=1, max_size=9)


def decided(steps: list[Tree]) -> Tree:
    """Return a program that decides after each of ``steps``."""
    pairs = [(one, step("decide", policy="pol.a", site=f"site.{at}")) for at, one in enumerate(steps)]
    return {str(at): one for at, one in enumerate(one for pair in pairs for one in pair)}


@given(
    rules=st.sampled_from([RULES_1, RULES_2]),
    beat=st.sampled_from([0, LATE]),
    program=PROGRAMS.map(decided),
    run=st.lists(st.tuples(st.lists(INTENTS, min_size=1, max_size=4), st.booleans()), min_size=4, max_size=10),
)
@settings(max_examples=200, deadline=None)
def test_nothing_remembered_shows(
    rules: Rules, beat: int, program: Tree, run: list[tuple[list[tuple[str, Tree]], bool]]
) -> None:
    """A machine does what one that looks at all events and slots each time does, however the run is cut (8.6, 12.3)."""
    twins = Twins(rules, beat)
    twins.do("prog", "fl_upsert", {"kind": "program", "id": "prog.a", "steps": program})
    twins.do("var", "fl_upsert", {"kind": "variant", "id": "var.a", "program": "prog.a"})
    for at, (intents, is_cut) in enumerate(run):
        for number, (bucket, fields) in enumerate(intents):
            twins.do(f"{bucket}.{at}.{number}", bucket, fields)
            twins.compare()
        twins.end_beat(is_cut=is_cut)


def test_first_use_orders_late_keys() -> None:
    """Under rules 1 a key of a late beat that a client names afterwards comes before one that nobody named (1.3)."""
    machine = Machine(RULES_1, State(beat=LATE))
    keys = [f"{LATE}_{number}" for number in range(FEW + 1)]
    machine.state.instances["inst.a"] = instance = Instance("inst.a", {"events": {key: {"beat": "7"} for key in keys}})
    found = machine.newest.of(instance)
    machine.names.key(keys[-1])
    then = machine.newest.of(instance)
    assert (found and found.key, then and then.key) == (keys[0], keys[-1])


def test_back_in_time() -> None:
    """A seeded event from the future is the latest until a transform writes over it, whatever others do (12.1)."""
    player = Player(RULES_2)
    sites, say = ("a", "b", "c"), step("transform", payload={"say": "hi"})
    a, b, c = (step("decide", policy="pol.p", site=site) for site in sites)
    player.program(a, say, b, say, c)
    seeded = {f"seed.{at}": {"beat": str(100 + at)} for at in range(FEW)}
    player.start(events={**seeded, "3": {"beat": "999"}})
    evidence = [player.cells()[site]["evidence"]["event"]["$link"] for site in sites]
    assert evidence == [f"/data/flow/instance/inst.a/events/{key}" for key in ("3", "3", f"seed.{FEW - 1}")]


def test_long_life() -> None:
    """With hundreds of events each decision rests on its own; a slot that was staged early keeps its mark (8.6, 12)."""
    rounds = 8 * FEW
    player = Player(RULES_2)
    play = (step("wait", signal_path="a/go"), step("transform", payload={"out": {}}), step("decide", policy="pol.p"))
    player.program(*({**one, "spec": {**one["spec"], "site": f"site.{at}"}} for at in range(rounds) for one in play))
    player.start()
    for at in range(rounds):
        assert player.do("inst_event", signal_path="a/go") == "ok"
        assert player.cells()[f"site.{at}"]["evidence"]["beat"] == str(player.flow.state.last)
    slots = player.node()["emits"].values()
    assert [(slot["status"], slot["outcome"]) for slot in slots] == [("missing-target", "error")] * rounds
