"""Measure everything once and print it. Needs a few minutes; PostgreSQL is measured where its server is installed."""

from __future__ import annotations

import os
import platform

from benchmarks import custody, documents, labels, masters, pages, traces, trail, write_path
from benchmarks.laboratory import laboratory
from labrecords.demo.story import Story
from labrecords.installation import Installation


def main() -> None:
    """Print each figure with its unit."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}")
    # Pages first: what hundreds of writes leave in memory would slow them, and no server carries it.
    with laboratory() as (place, story):
        story.open()
        story.play("receipt")
        _slowest_step(place, story, "tess", "a batch that was just received")
        print(f"chain of custody with {custody.ACTS} acts of storage: {custody.walk_ms(story):.1f} ms CPU")
        step, spent = pages.slowest_form(place, story)
        print(f"slowest form of all masters, in batches just opened: {spent:.1f} ms CPU, {step}")
        story.play()
        story.release(place.sealing)
        story.administer()
        story.close(place.sealing)
        for name, path in (
            ("batch page", f"/batches/{story.number}"),
            ("review page", f"/batches/{story.number}/review"),
        ):
            spent, size = pages.batch_page_cpu_ms(place, story, path)
            print(f"{name} of a complete batch: {spent:.1f} ms CPU, {size / 1000:.1f} kB")
        _slowest_step(place, story, "quentin", "a complete batch")
        for name, spent in documents.stages_ms(place, story).items():
            print(f"document, {name}: {spent:.0f} ms CPU")
        for name, spent in labels.label_ms(story).items():
            print(f"label PDF, {name}: {spent:.1f} ms CPU")
        print(", ".join(f"first page: {value:.1f} {name}" for name, value in pages.first_page(place).items()))
        print(f"cold start to first page: {pages.cold_start_s(place):.2f} s")
        trail.fill(place)
        for name, rate in trail.rates(place).items():
            unit = "" if name.startswith("bytes") else " thousand events/s"
            print(f"trail verification, {name}: {rate:.0f}{unit}")
    with laboratory() as (place, story):
        pages_printed = documents.long_record(place, story)
        for name, spent in documents.stages_ms(place, story, 5).items():
            print(f"document of {pages_printed} pages, {name}: {spent:.0f} ms CPU")
    with laboratory() as (place, story):
        for name, spent in masters.issue_s(story).items():
            print(f"master record of 60 steps and 300 parameters, {name}: {spent:.2f} s CPU")
        _writes("SQLite", story)
        _traces("SQLite", place)
    _postgresql()


def _postgresql() -> None:
    # Only now: it brings pytest, and no server that answers pages carries that.
    from tests.support.postgres import APP_ROLE, PostgresServer, find_bindir

    bindir = find_bindir()
    if bindir is None:
        print("PostgreSQL not measured: apt-get install -y --no-install-recommends postgresql")
        return
    server = PostgresServer(bindir)
    server.start()
    try:
        owner = server.create_database("bench")
        with laboratory(server.url("bench", role=APP_ROLE), owner) as (place, story):
            _writes("PostgreSQL", story)
            _traces("PostgreSQL", place)
    finally:
        server.stop()


def _slowest_step(place: Installation, story: Story, username: str, of: str) -> None:
    step, spent = pages.slowest_step(place, story, username)
    print(f"slowest step page of {of}: {spent:.1f} ms CPU, {step}")


def _writes(database: str, story: object) -> None:
    for name, measure in (("one row", write_path.one_row), ("recorded step", write_path.recorded_step)):
        spent = measure(story)  # type: ignore[arg-type]
        ratio = spent["with trail"] / spent["without"]
        print(
            f"{name}, {database}: {spent['with trail']:.2f} ms with trail, {spent['without']:.2f} without, ",
            end="",
        )
        print(f"ratio {ratio:.2f}")


def _traces(database: str, place: Installation) -> None:
    count = traces.fill(place)
    for name, spent in traces.seconds(place).items():
        print(f"trace of a lot among {count} entries, {database}, {name}: {spent * 1000:.0f} ms")


if __name__ == "__main__":
    main()
