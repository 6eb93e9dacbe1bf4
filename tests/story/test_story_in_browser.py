"""The whole story in a real browser on a real server: six people, one published run, and its document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from labrecords.demo.story import PATIENT_CODE
from tests.story.desk import Desk
from tests.story.documents import changed, download, drop
from tests.story.run import Run
from tests.story.theatre import WRONG_PATIENT
from tests.support import story

STEPS = len(story.PARTS)


def test_six_people_join_by_links_that_work_once(run: Run) -> None:
    run.until("joined")
    stranger = Desk(run.browser, run.server.address, run.watch)
    stranger.open(run.server.first_link)
    stranger.sees("This link")
    assert "New password" not in stranger.text
    stranger.context.close()


def test_those_who_only_read_or_manage_are_not_asked_to_sign(run: Run) -> None:
    run.until("joined")
    for username in ("ada", "ivan"):
        desk = run.desk(username)
        desk.open("/account")
        desk.sees("your roles do not sign")


def test_the_administrator_has_no_way_to_a_batch(run: Run) -> None:
    run.until("opened")
    ivan = run.desk("ivan")
    ivan.open(f"/batches/{run.number}")
    ivan.sees("You do not have the right: read batches.")


def test_the_run_is_recorded_with_its_numbers(run: Run) -> None:
    run.until("counted")
    vic = run.desk("vic")
    vic.open(f"/batches/{run.number}")
    vic.sees("1.21 × 10⁸ /mL", "95.0 %", "66.7 %", "Two digits were swapped", "has one spin")
    vic.sees("Viable dose of the product", "6.90 × 10⁸")


def test_quality_assurance_releases_by_signature(run: Run) -> None:
    run.until("released")
    tess = run.desk("tess")
    tess.open(f"/batches/{run.number}")
    tess.sees("Version 1", "PDF, version 1")
    tess.open(f"/batches/{run.number}/review")
    tess.sees("You do not have the right: review a batch and sign released, rejected or on hold.")


def test_a_wrong_patient_stops_the_check_at_the_bedside(run: Run) -> None:
    run.until("at the bedside")
    paula = run.desk("paula")
    paula.open(run.step("bedside"))
    paula.sees(PATIENT_CODE, "wristband scanned", "Verified as second person")
    assert WRONG_PATIENT not in paula.text


def test_the_physician_closes_the_record(run: Run) -> None:
    run.until("closed")
    paula = run.desk("paula")
    paula.open(f"/batches/{run.number}")
    paula.sees("Closed", "Version 2", "superseded", f"{STEPS} of {STEPS} answered")


@pytest.fixture(scope="module")
def documents(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Both versions of the document."""
    run.until("closed")
    return download(run.desk("ada"), run.number, tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def stranger(run: Run) -> Iterator[Desk]:
    """Somebody without an account, on the page where documents are verified."""
    desk = Desk(run.browser, run.server.address, run.watch)
    yield desk
    desk.context.close()


def test_the_document_is_valid_for_anybody(run: Run, documents: dict[int, Path], stranger: Desk) -> None:
    assert documents[2].name == f"{run.number}-v2.pdf"
    assert drop(stranger, documents[2]) == "Valid"
    stranger.sees(run.number, "version 2 of 2", "not shown here", "The file was not kept.")
    assert PATIENT_CODE not in stranger.text


def test_the_version_before_is_genuine_and_superseded(documents: dict[int, Path], stranger: Desk) -> None:
    assert drop(stranger, documents[1]) == "Genuine, and superseded"
    stranger.sees("Version 2, sealed", "has taken its place")


def test_a_changed_copy_is_not_valid(documents: dict[int, Path], stranger: Desk) -> None:
    assert drop(stranger, changed(documents[2])) == "Not valid: changed or damaged"


def test_a_text_is_not_signed(documents: dict[int, Path], stranger: Desk) -> None:
    text = documents[2].with_name("notes.txt")
    text.write_text("Spun at 2740 rpm.\n")
    assert drop(stranger, text) == "Not valid: not signed"


def test_the_command_line_gives_the_same_verdicts(run: Run, documents: dict[int, Path]) -> None:
    files = (documents[2], documents[1], changed(documents[2]))
    done = [run.server.run("verify", str(file), "--json") for file in files]
    assert [one.returncode for one in done] == [0, 1, 1]
    assert [json.loads(one.stdout)["kind"] for one in done] == ["valid", "superseded", "changed"]


def test_every_chain_of_the_trail_is_sound(run: Run) -> None:
    run.until("closed")
    done = run.server.run("trail", "verify")
    assert (done.returncode, done.stdout.split()[-1]) == (0, "Sound."), done.stdout


def test_every_page_was_accessible_quiet_and_no_wider_than_the_window(run: Run) -> None:
    run.until("closed")
    assert not run.watch.faults, "\n".join(map(str, run.watch.faults))
