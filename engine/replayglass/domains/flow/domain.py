"""The flow domain as one value: what the pipeline needs to know of it."""

from replayglass.domains.flow import divergence, journal
from replayglass.domains.flow.divergencepages import PATH as DIVERGENCE
from replayglass.domains.flow.documents import TYPES
from replayglass.domains.flow.lines import JOURNAL, LEDGER
from replayglass.domains.flow.pages import JOURNAL as JOURNAL_PAGES
from replayglass.domains.flow.pages import RECORDED
from replayglass.domains.flow.projection import FlowProjection
from replayglass.domains.flow.site import SECTIONS
from replayglass.replay import Domain

FLOW = Domain(
    name="flow",
    title="Flow run",
    streams=(JOURNAL, LEDGER),
    files=(),
    places={JOURNAL.name: JOURNAL_PAGES, LEDGER.name: RECORDED},
    sections=SECTIONS,
    schemas=TYPES,
    rules=(*journal.RULES, *divergence.RULES),
    start=FlowProjection,
    explained=dict.fromkeys((rule.code for rule in divergence.RULES), DIVERGENCE),
)
