"""Measures a complete build of a simulated run: events per second, stages, memory, what was written."""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import benchids
from benchgrown import measure_grown, measure_jobs
from replayglass.domains.paper.domain import PAPER
from replayglass.domains.paper.events import Event
from replayglass.domains.paper.simulate import write_run
from replayglass.log.ndjson import read_batches
from replayglass.log.source import find_stream
from replayglass.output.writer import SiteWriter
from replayglass.page import Page
from replayglass.plan import Plan
from replayglass.proof.builder import LogBuilder
from replayglass.publishedlogs import PublishedLogs
from replayglass.render.html import Theme
from replayglass.rendering import frame_of
from replayglass.run import open_run
from replayglass.secretscan.scan import Scanner
from replayglass.verify.whole import Reader, open_site, verify_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.log.source import Stream
    from replayglass.record import Batch

STAGES = ("reading", "folding", "rendering", "writing")


class Stopwatch:
    """Seconds of processor time by stage; switching costs one call."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(STAGES, 0.0)
        self._stage = "folding"
        self._since = time.process_time()

    def switch(self, stage: str) -> str:
        """Go on in another stage; return the one before."""
        now = time.process_time()
        self.spent[self._stage] += now - self._since
        before, self._stage, self._since = self._stage, stage, now
        return before

    def reading(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Pass batches on; what happens inside their source counts as reading."""
        while True:
            before = self.switch("reading")
            batch = next(batches, None)
            self.switch(before)
            if batch is None:
                return
            yield batch


def scanned(stream: Stream) -> Iterator[Batch]:
    """Read a stream as a build does, with a look at every record for secrets."""
    return Scanner((), lambda _: None).batches(stream.name, read_batches(stream))


def measure(run_folder: Path, out: Path) -> dict[str, object]:
    """Build the site as `pipeline.build` does, with a stopwatch between the stages."""
    started = time.perf_counter()
    watch = Stopwatch()
    run = open_run(run_folder, PAPER)
    theme = Theme(frame_of(run), run.config.max_file_bytes)
    plan = Plan(run, PublishedLogs([stream.name for stream in run.streams], run.config.origin))
    sizes = {"html": 0, "json": 0, "other": 0}
    with SiteWriter(out, forbidden=run_folder) as site:
        for name, data in theme.assets().items():
            site.write(name, data)
            sizes["other"] += len(data)
        for artifact in plan.artifacts({s.name: watch.reading(scanned(s)) for s in run.streams}):
            watch.switch("rendering")
            data = theme.render(artifact) if isinstance(artifact, Page) else artifact.data
            watch.switch("writing")
            site.write(artifact.path, data)
            watch.switch("folding")
            kind = artifact.path.rsplit(".", 1)[-1]
            sizes[kind if kind in sizes else "other"] += len(data)
        watch.switch("writing")
        written = site.commit()
    watch.switch("writing")
    events = plan.outcome.account[0].records
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "events": events,
        "wall_s": time.perf_counter() - started,
        "cpu_s": sum(watch.spent.values()),
        "peak_mb": peak,
        "files": written.files,
        "bytes": written.bytes,
        "spent": watch.spent,
        "sizes": sizes,
    }


def floors(run_folder: Path, out: Path, files: int, size: int) -> dict[str, float]:
    """Measure what no build can do without, on this machine and in this run: seconds of processor time each."""
    stream = find_stream(run_folder, PAPER.streams[0])
    decode = msgspec.json.Decoder(Event).decode
    spent = {}
    begun = time.process_time()
    lines = [raw for batch in read_batches(stream) for raw in batch.raws]
    spent["read lines"] = time.process_time() - begun
    begun = time.process_time()
    for raw in lines:
        decode(raw)
    spent["decode"] = time.process_time() - begun
    page = b"\n".join(lines[: 1 + size // files // 200])[: size // files]
    out.mkdir()
    begun = time.process_time()
    for number in range(files):
        sha256(page).digest()
        out.joinpath(str(number)).write_bytes(page)
    spent["hash and write the same bytes"] = time.process_time() - begun
    return spent


def proofs(run_folder: Path, site: Path) -> None:
    """Measure what is proven: ids derived again, leaves of a log, a whole check of the site that was built."""
    ids, seconds = benchids.measure()
    print(f"ids derived again: {ids / seconds:,.0f}/s")
    batches = list(read_batches(find_stream(run_folder, PAPER.streams[0])))
    log = LogBuilder("audit-events", "bench.invalid/audit-events")
    begun = time.process_time()
    for batch in batches:
        log.add(batch.raws)
    print(f"log built: {log.size / (time.process_time() - begun):,.0f} records/s")
    begun = time.process_time()
    found = verify_site(open_site(str(site)), PAPER.places, Reader((), {}, None), lambda *_: None)
    spent = time.process_time() - begun
    print(f"verify: {log.size / spent:,.0f} records/s ({spent:.1f} s), exit code {found.exit_code}")


def report(result: dict[str, object], least: dict[str, float]) -> None:
    """Print the figures."""
    events, cpu, wall = int(str(result["events"])), float(str(result["cpu_s"])), float(str(result["wall_s"]))
    print(f"python {platform.python_version()}, {platform.machine()}")
    print(f"{events:,} events: {events / cpu:,.0f} events/s of processor time ({cpu:.1f} s), {wall:.1f} s wall")
    print(f"peak memory {result['peak_mb']} MB; {result['files']:,} files, {int(str(result['bytes'])) / 1e6:,.0f} MB")
    spent, sizes = result["spent"], result["sizes"]
    if isinstance(spent, dict) and isinstance(sizes, dict):
        print("share: " + ", ".join(f"{stage} {100 * spent[stage] / cpu:.0f} %" for stage in STAGES))
        print("bytes an event: " + ", ".join(f"{kind} {size / events:.0f}" for kind, size in sizes.items()))
    print("floors of this run: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in least.items()))
    print(f"the build takes {cpu / sum(least.values()):.1f} times their sum")


def main() -> None:
    """Simulate, build in a process of its own (so that its memory is its own), print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worker", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        print(json.dumps(measure(*chosen.worker)))
        return
    with tempfile.TemporaryDirectory(prefix="replayglass-bench-") as folder:
        run_folder, out = Path(folder, "run"), Path(folder, "site")
        started = time.perf_counter()
        made = write_run(chosen.events, chosen.seed, run_folder)
        print(f"simulated {made.events:,} events in {time.perf_counter() - started:.1f} s")
        command = [sys.executable, __file__, "--worker", str(run_folder), str(out)]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        report(result, floors(run_folder, Path(folder, "floor"), result["files"], result["bytes"]))
        proofs(run_folder, out)
        measure_jobs(run_folder, Path(folder))
        measure_grown(run_folder, Path(folder))


if __name__ == "__main__":
    main()
