"""The whole server is killed under load, again and again: what was acknowledged is kept, and nothing is half there."""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.crash import Load, Place, faults, serving, settle
from tests.support.installations import SharedBench

KILLS = int(os.environ.get("LABRECORDS_TEST_KILLS", "10"))
A_PLACE_LASTS = 20
"""Kills that one database goes through; every proof reads all of it."""


@pytest.fixture
def place(sqlite_bench: SharedBench, tmp_path: Path) -> Place:
    """A copy of the laboratory of the tests, as it was made, for servers of its own."""
    return copied(sqlite_bench, tmp_path / "lab")


def copied(bench: SharedBench, folder: Path) -> Place:
    bench.put_back("")
    process = bench.lab().master().digest
    bench.disconnect()
    shutil.copytree(bench.folder, folder)
    url = f"sqlite:///{folder / 'labrecords.sqlite3'}"
    settings = replace(bench.installation.settings, data_dir=folder, database_url=url, owner_database_url=url)
    return Place(settings, process)


def test_what_was_acknowledged_outlives_every_kill(sqlite_bench: SharedBench, tmp_path: Path) -> None:
    acknowledged = unanswered = settled = 0
    for first in range(0, KILLS, A_PLACE_LASTS):
        place = copied(sqlite_bench, tmp_path / str(first))
        for kill in range(min(A_PLACE_LASTS, KILLS - first)):
            tokens = [place.token("tess") for _ in range(2)]
            with serving(place, tmp_path / "log") as served:
                settled += settle(place, served.address)
                load = Load(place, [served.address], tokens)
                load.start()
                time.sleep(random.uniform(0.15, 0.6))
                served.kill()
                load.stop()
            unanswered += sum(act.status is None for act in place.acts)
            assert faults(place) == [], f"after kill {first + kill + 1}, see {place.settings.data_dir}"
        with serving(place, tmp_path / "log") as served:
            settled += settle(place, served.address)
        assert faults(place) == []
        assert {act.status for act in place.acts} == {303}
        acknowledged += len(place.acts)
        shutil.rmtree(place.settings.data_dir)
    told = f"{KILLS} kills: {acknowledged} acts kept, {unanswered} cut off, {settled} sent again"
    sys.stdout.write(told + "\n")
    assert acknowledged > KILLS
