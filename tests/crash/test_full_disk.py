"""A disk that fills up while people work: what was acknowledged is kept, the rest is said and can be sent again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.test_killed import copied
from tests.support.crash import Client, faults, lot, serving, settle
from tests.support.installations import SharedBench

SIZE_MB = 64
AT_MOST = 400
"""Acts until the room that the database holds already is used up."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own in memory."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("Nobody but root can mount a small disk. Run it as root: sudo make test ARGS=tests/crash")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(file: Path) -> None:
    """Take all the room there is."""
    with pytest.raises(OSError, match="No space left"):
        file.write_bytes(bytes(SIZE_MB << 20))


@pytest.mark.skipif(shutil.which("mount") is None, reason="mount is not installed: apt-get install -y mount")
def test_a_full_disk_is_said_and_nothing_is_half_or_lost(sqlite_bench: SharedBench, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        place = copied(sqlite_bench, disk / "lab")
        with serving(place, tmp_path / "log") as served:
            client, filler = Client(served.address, place.token("tess")), disk / "filler"
            fill(filler)
            answer = None
            while len(place.acts) < AT_MOST and (answer is None or answer.status_code == 303):
                place.acts.append(lot())
                answer = client.send(place.acts[-1])
            refused = place.acts[-1]
            assert answer is not None
            assert answer.status_code == 503, answer.text
            assert refused.word in answer.text, "what was typed is kept in the page"
            assert refused.form["material"] in answer.text
            assert client.session.get(f"{served.address}/lots").status_code == 200, (
                "what is there can be read"
            )
            filler.unlink()
            assert settle(place, served.address) == 1
            client.close()
        assert faults(place) == []
        assert {act.status for act in place.acts} == {303}
