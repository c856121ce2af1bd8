"""The PAPER domain as one value: what the pipeline needs to know of it."""

from replayglass.domains.paper.documents import TYPES
from replayglass.domains.paper.places import EVENTS, SNAPSHOTS
from replayglass.domains.paper.projection import PaperProjection
from replayglass.domains.paper.rulebook import RULES
from replayglass.domains.paper.site import SECTIONS
from replayglass.log.source import StreamSpec
from replayglass.replay import Domain

PAPER = Domain(
    name="paper",
    title="PAPER runtime run",
    streams=(
        StreamSpec("audit-events", ("audit-events/data/audit_events", "data/audit_events", "audit_events")),
        StreamSpec("snapshots", ("snapshots/data/snapshots", "data/snapshots", "snapshots")),
    ),
    files=("runtime.env",),
    places={"audit-events": EVENTS, "snapshots": SNAPSHOTS},
    sections=SECTIONS,
    schemas=TYPES,
    rules=RULES,
    start=PaperProjection,
    can_go_on=True,
)
