"""PostgreSQL goes down again and again under two servers in use: what was acknowledged is kept, and nothing twice."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crash import Load, Place, faults, serving, settle
from tests.support.installations import SharedPostgresBench
from tests.support.postgres import PostgresServer, find_bindir
from tests.support.tools import missing

RESTARTS = int(os.environ.get("LABRECORDS_TEST_RESTARTS", "3"))
CLIENTS = 4
BACK_WITHIN_S = 60


@pytest.fixture
def durable_server() -> Iterator[PostgresServer]:
    bindir = find_bindir()
    if bindir is None:
        missing("PostgreSQL", package="postgresql")
    server = PostgresServer(bindir, durable=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def kept(place: Place) -> int:
    return sum(act.status == 303 for act in place.acts)


def wait_for_another(place: Place) -> None:
    """Until one more act was acknowledged: the servers came back by themselves."""
    before, until = kept(place), time.monotonic() + BACK_WITHIN_S
    while kept(place) == before:
        assert time.monotonic() < until, "the servers did not come back"
        time.sleep(0.05)


def test_what_was_acknowledged_outlives_the_database_under_two_servers(
    durable_server: PostgresServer, tmp_path: Path
) -> None:
    bench = SharedPostgresBench(tmp_path, durable_server)
    process = bench.lab().master().digest
    bench.disconnect()
    place = Place(bench.installation.settings, process)
    tokens = [place.token("tess") for _ in range(CLIENTS)]
    with serving(place, tmp_path / "log") as first, serving(place, tmp_path / "log") as second:
        load = Load(place, [first.address, second.address], tokens, patient=True)
        load.start()
        for _ in range(RESTARTS):
            wait_for_another(place)
            time.sleep(random.uniform(0, 0.5))
            durable_server.crash(away_s=random.uniform(0, 0.5))
        wait_for_another(place)
        load.stop()
        answered = kept(place)
        settled = settle(place, first.address)
    assert faults(place) == []
    assert {act.status for act in place.acts} == {303}
    told = f"{RESTARTS} restarts under two servers: {answered} acts kept, {settled} sent again"
    sys.stdout.write(f"\n{told}\n")
