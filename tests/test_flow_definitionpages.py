"""Programs and definitions on the site: what steps do in words, as the machine does it, and pages at any scale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from htmltree import tags, text
from replayglass.domains.flow.definedrows import Defined
from replayglass.domains.flow.definitionpages import definition_pages
from replayglass.domains.flow.listings import Listings
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.stepwords import Knowledge, step_words
from replayglass.domains.flow.vm import Flow
from replayglass.drawings import Exit
from replayglass.page import Page
from sites import FLOW, Site, build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replayglass.domains.flow.rules import Rules

Spec = dict[str, Any]
BOTH = (RULES_1, RULES_2)


def words(rules: Rules, kind: str, **spec: object) -> tuple[str, list[Exit]]:
    """Return what is said of a step, and its ways out."""
    step = step_words(0, {"kind": kind, "spec": spec}, Knowledge(rules, {}))
    return step.words, list(step.exits)


def define(flow: Flow, *definitions: Spec) -> None:
    """Have a flow store definitions; intents are executed in the beat after they are submitted."""
    for number, fields in enumerate(definitions):
        flow.submit("ni_upsert" if "ctx_type" in fields else "fl_upsert", f"d.{flow.state.beat}.{number}", fields)
    flow.beat()
    flow.beat()


def program(name: str, *steps: Spec) -> Spec:
    """Return the definition of a program."""
    return {"kind": "program", "id": name, "steps": {str(number): step for number, step in enumerate(steps)}}


def ran(rules: Rules, kind: str, beats: int = 1, **spec: object) -> list[str]:
    """Return the states of an instance of a program of this one step, after each of its first beats."""
    flow = Flow(rules)
    step = {"kind": kind, "spec": spec}
    define(flow, program("prog.a", step), {"kind": "variant", "id": "var.a", "program": "prog.a"})
    flow.submit("inst_start", "t.a", {"id": "inst.a", "variant": "var.a"})
    flow.beat()
    states = []
    for _ in range(beats):
        flow.beat()
        states.append(flow.state.instances["inst.a"].node["state"])
    return states


def pages(flow: Flow) -> dict[str, Page]:
    """Return the pages of what a flow has defined."""
    return {
        page.path: page for page in definition_pages(flow, 64 * 1024, Listings().programs) if isinstance(page, Page)
    }


STOPS: dict[str, tuple[str, Spec, str, str]] = {
    "guard, too early": ("guard", {"beat": "99"}, "before beat 99", "waiting, tried again"),
    "guard, too late": ("guard", {"deadline": "0"}, "after beat 0", "done"),
    "guard, no beat": ("guard", {"beat": "x"}, "the beat is no number", "error"),
    "guard, no deadline": ("guard", {"deadline": "x"}, "the deadline is no number", "error"),
    "guard, state": ("guard", {"state": "held"}, "another state", "done"),
    "guard, empty state": ("guard", {"state": ""}, "another state", "done"),
    "guard, pc": ("guard", {"pc": "7"}, "another pc", "done"),
    "guard, no pc": ("guard", {"pc": "x"}, "the pc asked for is no number", "done"),
    "guard, context": ("guard", {"context": "c"}, "another context", "waiting, tried again"),
    "guard, several": ("guard", {"beat": "99", "context": "c"}, "otherwise", "waiting, tried again"),
    "wait": ("wait", {"signal": "a"}, "nothing came yet", "waiting"),
    "wait, for no signal": ("wait", {}, "nothing came yet", "waiting"),
    "clamp": ("clamp", {"step_limit": "1"}, "otherwise", "paused"),
    "clamp, pc": ("clamp", {"pc": "0"}, "otherwise", "paused"),
}


@pytest.mark.parametrize("rules", BOTH, ids=["1", "2"])
@pytest.mark.parametrize("case", STOPS)
def test_ways_out_are_those_that_the_machine_takes(case: str, rules: Rules) -> None:
    """A step that stops an instance leaves it in the state that its way out names."""
    kind, spec, when, state = STOPS[case]
    assert Exit(when, state) in words(rules, kind, **spec)[1]
    assert ran(rules, kind, **spec) == [state.partition(",")[0]]


def test_custom_states_are_polled_or_stand() -> None:
    """In a state of its own an instance is tried again under rules 1; under rules 2 it stands until a control."""
    spec = {"beat": "5", "action": "held"}
    assert words(RULES_1, "guard", **spec)[1] == [Exit("before beat 5", "held, tried again")]
    assert words(RULES_2, "guard", **spec)[1] == [Exit("before beat 5", "held, until a control")]
    assert ran(RULES_1, "guard", 5, **spec)[-1] == "done"
    assert ran(RULES_2, "guard", 5, **spec)[-1] == "held"
    assert words(RULES_1, "clamp", state="held")[0].endswith("Sets the state to held in any case.")
    assert "Sets" not in words(RULES_2, "clamp", state="held")[0]


def test_a_wait_that_times_out_goes_on() -> None:
    """A wait goes on after its beats; rules 2 leave a record of that; rules 1 forget the leading stars of a pattern."""
    spec = {"signal_path": "*foo", "timeout": "2"}
    assert words(RULES_1, "wait", **spec)[0] == "Waits for *foo (read as foo), up to 2 beats."
    assert words(RULES_2, "wait", **spec)[0] == "Waits for *foo, up to 2 beats."
    assert words(RULES_1, "wait", signal="**")[0] == "Waits for ** (read as *)."
    assert words(RULES_2, "wait", timeout="1", signal="a")[1][1] == Exit(
        "nothing came for 1 beat, which is recorded", "goes on"
    )
    assert words(RULES_1, "wait", **spec)[1][1] == Exit("nothing came for 2 beats", "goes on")
    assert ran(RULES_2, "wait", 4, **spec)[-1] == "done"


def test_what_goes_on_says_so() -> None:
    """Steps without a way out go on; what is no step of a known kind does nothing, whatever it is."""
    assert words(RULES_2, "guard") == ("Goes on: it asks for nothing.", [])
    assert words(RULES_2, "guard", state="ready", pc="0", beat="0", deadline="9")[0] == (
        "Goes on if state is ready and pc is 0 and beat >= 0 and beat <= 9."
    )
    assert words(RULES_2, "guard", state="ready", beat="x")[0].startswith("Never goes on")
    assert words(RULES_2, "transform") == ("Does nothing and goes on.", [])
    made = words(RULES_1, "xform", state="busy", payload={"a": "b"}, signal="s")
    assert made == ("Sets the state to busy and stages 1 emit as s and records its payload as an event.", [])
    assert "2 emits as CEP:sig_cell/op_add" in words(RULES_1, "xform", payload={"a": "b", "c": "d"})[0]
    assert words(RULES_1, "transform", payload={})[0] == "Records its payload as an event."
    known = Knowledge(RULES_1, {})
    odds: list[object] = ["text", {}, {"kind": {}}, {"kind": "Guard"}, {"kind": "jump", "spec": "s"}]
    for odd in odds:
        assert step_words(3, odd, known).words.startswith("Does nothing and goes on")
    assert (ran(RULES_1, "guard"), ran(RULES_2, "transform")) == (["done"], ["done"])


def test_a_decide_step_says_what_it_decides() -> None:
    """Choice, site, policy, what becomes of the decision, and whether the step has telemetry of its own."""
    flow = Flow()
    define(flow, {"kind": "policy", "id": "pol.p", "retain": "ttl:4"}, program("prog.a"))
    known = Defined(flow).known
    spec = {"choice": "y", "site": "poll", "policy": "pol.p", "telemetry": {"score": "1"}}
    step = step_words(0, {"kind": "decide", "spec": spec}, known)
    assert step.words == "Decides y at site poll by policy pol.p, kept ttl:4, with telemetry of its own."
    assert step.exits == [Exit("it contradicts the ledger or the archive", "error")]
    said, ways = words(RULES_1, "decide", retain="archive:8", telemetry={"score": "1"})
    assert said == "Decides default at site default by policy none, kept archive:8."
    assert ways == [Exit("it contradicts the ledger", "error")]
    assert "16 steps" in words(RULES_2, "clamp", step_limit="16", timeout="3")[0]
    assert "and the pc is below 4" in words(RULES_2, "clamp", pc="4")[0]


def test_the_sample_shows_its_programs(site_of: Callable[[Path], Site]) -> None:
    """Each program has a page with its chart and its steps; variants lead there, and documents keep their schema."""
    site = site_of(FLOW)
    documents = site.pages("v1/flow/programs")
    assert [page["rows"][0]["id"] for page in documents] == ["prog.route", "prog.audit", "prog.watch"]
    assert documents[0]["rows"][0]["stored"] == 2
    schema = site.document("v1/schemas/flow-definitions-page.schema.json")
    for folder in ("programs", *(f"definitions/{kind}" for kind in ("variants", "niches", "guardians", "policies"))):
        for page in site.pages(f"v1/flow/{folder}"):
            jsonschema.validate(page, schema)
            assert page["rows"]
    page = (site.folder / "flow" / "programs" / "000000.html").read_text()
    for said in ("2 times; shown as it stood at the end", "0 guard", "Waits for CEP:flow/go", "var.route"):
        assert said in text(page)
    variants = (site.folder / "flow" / "definitions" / "variants" / "000000.html").read_text()
    assert "../../../flow/programs/000000.html#p0" in {dict(tag.attributes).get("href") for tag in tags(variants)}
    assert not (site.folder / "v1" / "flow" / "definitions.json").exists()


def test_a_definition_keeps_its_place() -> None:
    """What is stored again stays where it was first defined: addresses survive; new ones come after it."""
    flow = Flow()
    define(flow, program("prog.z"), program("prog.a"))
    before = [entry.name for entry in Defined(flow).entries("program")]
    define(flow, program("prog.b"), program("prog.z", {"kind": "wait", "spec": {}}))
    entries = list(Defined(flow).entries("program"))
    assert before == ["prog.z", "prog.a"]
    assert [(entry.name, entry.stored, len(entry.steps)) for entry in entries] == [
        ("prog.z", 2, 1),
        ("prog.a", 1, 0),
        ("prog.b", 1, 0),
    ]
    assert list(flow.state.ledgers["program"]) == ["prog.z", "prog.a", "prog.b"]


def test_references_are_links_only_where_something_was() -> None:
    """A variant of a program that came later runs nothing, and says so; one that names none says that."""
    flow = Flow(RULES_1)
    define(
        flow,
        {"kind": "variant", "id": "var.early", "program": "prog.a"},
        program("prog.a"),
        {"kind": "variant", "id": "var.late", "program": "prog.a", "more": {"a": {"b": ""}, "c": {}}},
        {"kind": "variant", "id": "var.none"},
        {"id": "ni.a", "ctx_type": "orders", "variant": "var.late"},
        {"id": "ni.b", "ctx_type": "orders", "variant": "var.other"},
        {"id": "ni.c", "ctx_type": {}},
    )
    defined = Defined(flow)
    variants = [defined.variant(entry).values for entry in defined.entries("variant")]
    assert variants == [
        ("var.early", "prog.a", ", which did not exist then", ""),
        ("var.late", 0, 0, "prog.a", "more/a/b = nothing, more/c = nothing"),
        ("var.none", "none", "", ""),
    ]
    niches = [defined.niche(entry).values for entry in defined.entries("niche")]
    assert niches == [
        ("ni.a", "orders", 0, 1, "var.late", ""),
        ("ni.b", "orders", "var.other", ", which did not exist then", ""),
        ("ni.c", "none", "none", "", ""),
    ]
    made = pages(flow)
    assert "'var.late'" in str(made["flow/programs/000000.html"].blocks[-1])
    assert "'var.early'" not in str(made["flow/programs/000000.html"].blocks[-1])


def test_refused_definitions_are_shown_as_they_were_written() -> None:
    """Under rules 1 a refused program stands raw: steps in the engine's order, or something that is no steps at all."""
    flow = Flow(RULES_1)
    raw = {"10": {"kind": "transform"}, "9": "text", "2": {"kind": "jump", "spec": {"policy": {}}}, "b": {"spec": ""}}
    define(
        flow, {"kind": "program", "id": "prog.a", "steps": raw}, {"kind": "program", "id": "prog.b", "steps": "none"}
    )
    entries = list(Defined(flow).entries("program"))
    assert entries[0].steps == [raw["b"], raw["2"], raw["9"], raw["10"]]
    made = pages(flow)
    assert "no kind, jump, no kind, transform" in str(made["flow/programs/000000.html"].blocks[0])
    assert "done at once" in str(made["flow/programs/000001.html"].blocks)


def test_nothing_defined_is_said() -> None:
    """A flow without definitions has the lists, each saying that there is nothing."""
    made = pages(Flow())
    assert str(made["flow/definitions/index.html"].blocks).count("None was defined.") == 5
    assert "No program was defined." in str(made["flow/programs/index.html"].blocks)


def test_many_definitions_are_paged(tmp_path: Path) -> None:
    """Hundreds of programs, steps and variants: lists of pages, tables that say what they leave out, no large file."""
    run = tmp_path / "run"
    (run / "flow").mkdir(parents=True)
    long = {"kind": "wait", "spec": {"signal_path": "<\u202e>" * 40, "timeout": "5"}}
    definitions = [program("prog.big", *[long] * 1100)]
    definitions += [program(f"prog.{number}x") for number in range(300)]
    definitions += [{"kind": "variant", "id": f"var.{number}x", "program": "prog.big"} for number in range(300)]
    lines = [
        {"type": "intent", "beat": 0, "bucket": "fl_upsert", "txn": f"t.{number}", "fields": fields}
        for number, fields in enumerate(definitions)
    ]
    head = {"type": "header", "version": 1, "rules": 2, "name": "many", "origin": None}
    journal = [head, *lines, {"type": "beat", "beat": 0}, {"type": "beat", "beat": 1}]
    (run / "flow" / "journal.ndjson").write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in journal))
    (run / "replayglass.toml").write_text("[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    folder = site.folder / "flow"
    big = text((folder / "programs" / "000000.html").read_text())
    for said in (
        "The first 1,024 of 1,100 steps",
        "more steps are not drawn",
        "The first 64 of 300 variants that run it",
        "more rows are not shown",
    ):
        assert said in big
    assert site.document("v1/flow/programs/pages/000000.json")["moved"][0]["row"] == 0
    assert (folder / "programs" / "range-000001.html").exists()
    assert (folder / "definitions" / "variants" / "000001.html").exists()
    assert "the first 32 are shown here" in (folder / "definitions" / "index.html").read_text()
    assert max(path.stat().st_size for path in folder.rglob("*.html")) <= 65536
