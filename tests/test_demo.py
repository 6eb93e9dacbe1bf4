"""The demonstration: three published runs end in valid documents, with the values that their publications report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from labrecords import create_app
from labrecords.actions.accounts import prove_identity, sign_in
from labrecords.cli.serving import tell
from labrecords.config import read_settings
from labrecords.demo.filtration import Filtration
from labrecords.demo.play import RUNS, Played, PlayedBatch, play
from labrecords.demo.run import PlayedRun, published
from labrecords.demo.stated import Names, stated
from labrecords.domain.labels.prints import CHECKED, copies
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.assay_results import open_late_tests
from labrecords.domain.results.container_balance import container_balances
from labrecords.domain.results.results import results
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.steps.division import Division
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.identity import IdentityCheck
from labrecords.domain.steps.label_over import LabelOver
from labrecords.domain.steps.pool import Pool
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.steps.residual import Residual
from labrecords.domain.steps.storage import PUT_AWAY, TAKEN_OUT, Storage
from labrecords.installation import Installation, open_installation
from labrecords.models.batch_record import find_batch, load_record
from labrecords.models.store import server_clock
from tests.support.pages import PageClient
from tests.support.printed import text_of

MARROW, FILTERED, FAT = 0, 1, 2
REPORTED = (
    (MARROW, "count_after", "concentration_per_ml", "1.21 × 10⁸"),
    (FILTERED, "count_before", "concentration_per_ml", "3.52 × 10⁷"),
    (FAT, "", "yield_per_gram", "1.15 × 10⁵"),
)
"""Which batch, which count (none for a result of the batch), which number, and what the publication reports of it."""


@dataclass(frozen=True)
class Demonstration:
    played: Played
    place: Installation

    def batch(self, index: int) -> PlayedBatch:
        return self.played.batches[index]

    def record(self, index: int) -> BatchRecord:
        with self.place.store.read() as session:
            batch = find_batch(session, self.batch(index).number)
            assert batch is not None
            return load_record(session, batch)

    def page(self, address: str) -> str:
        """A page of the site, as quality assurance sees it."""
        member = self.played.members["quentin"]
        proof = prove_identity(self.place.store, member.username, member.password, "test", "sign-in")
        app = create_app(self.place)
        app.testing, app.test_client_class = True, PageClient
        client = app.test_client()
        client.set_cookie("labrecords", sign_in(self.place.store, proof, "127.0.0.1"))
        answer = client.get(address)
        assert answer.status_code == 200
        return re.sub("<sup>([0-9]+)</sup>", _superscript, answer.get_data(as_text=True))


def _superscript(found: re.Match[str]) -> str:
    return found[1].translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("demonstration") / "laboratory"
    environment = {"LABRECORDS_DATA_DIR": str(folder), "LABRECORDS_SECURE_COOKIES": "no"}
    played = play(read_settings(environment))
    secret = (folder / "secret").read_text().strip()
    place = open_installation(read_settings(environment | {"LABRECORDS_SECRET_KEY": secret}))
    yield Demonstration(played, place)
    place.close()


def test_three_runs_are_closed_and_their_documents_are_valid(demonstration: Demonstration) -> None:
    told = demonstration.played.as_json()
    assert demonstration.played.good
    assert told["trail"] == "sound"
    for index, run in enumerate(RUNS):
        batch = told["batches"][index]
        assert batch["verdict"] == "valid"
        assert batch["citation"] == published(run.source)["citation"]["full"]
        assert Path(batch["pdf"]).read_bytes().startswith(b"%PDF")
        record = demonstration.record(index)
        assert record.process.key == run.master
        assert status(record) is Status.CLOSED


def test_the_command_names_every_batch_with_document_and_verdict(
    demonstration: Demonstration, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(demonstration.played)
    said = capsys.readouterr().out
    for batch in demonstration.played.batches:
        for words in (
            batch.number,
            batch.citation,
            batch.shows,
            *batch.refused,
            str(batch.pdf),
            batch.sha256,
            batch.sentence,
        ):
            assert words in said
    assert said.count("Document: valid.") == 3
    assert "Trail: sound" in said


@pytest.mark.parametrize(("index", "step", "key", "reported"), REPORTED)
def test_the_derived_values_are_the_reported_ones(
    demonstration: Demonstration, index: int, step: str, key: str, reported: str
) -> None:
    record = demonstration.record(index)
    if step:
        entry = record.current(step)
        assert entry is not None
        derived = next(item for item in record.derived(entry) if item.key == key)
    else:
        derived = results(record)[key]
    assert derived.reported == reported
    batch = demonstration.batch(index)
    assert reported in text_of(batch.pdf.read_bytes())
    assert reported in demonstration.page(f"/batches/{batch.number}" + (f"/steps/{step}" if step else ""))


def test_the_cells_of_fat_are_as_viable_as_reported(demonstration: Demonstration) -> None:
    assert results(demonstration.record(FAT))["viability_percent"].value > 90


def test_one_run_is_corrected_one_is_entered_late_and_one_repeats_a_count(
    demonstration: Demonstration,
) -> None:
    records = [demonstration.record(index) for index in (MARROW, FILTERED, FAT)]
    rules = [{finding.rule for finding in findings(record)} for record in records]
    assert [any(entry.corrects for entry in record.entries) for record in records] == [True, False, False]
    assert ["late entry" in found for found in rules] == [False, False, True]
    assert ["repeat" in found for found in rules] == [False, False, True]


def test_the_repeated_count_keeps_the_uneven_one_before_it(demonstration: Demonstration) -> None:
    record = demonstration.record(FAT)
    first, second = record.history("count_product")
    assert [remark.rule for remark in first.remarks(record) if remark.repeat] == ["uneven count"]
    assert [remark for remark in second.remarks(record) if remark.repeat] == []
    assert second.replaces_id == first.id
    assert "Reported by" not in (first.note or "")
    page = demonstration.page(f"/batches/{demonstration.batch(FAT).number}/steps/count_product")
    assert "4.50 × 10⁶" in page
    assert "4.60 × 10⁶" in page


def test_the_cast_is_trained_on_every_procedure_and_the_document_says_so(
    demonstration: Demonstration,
) -> None:
    for index, named in ((MARROW, "SOP-SPIN-01/1"), (FILTERED, "SOP-FILTER-01/1"), (FAT, "SOP-DIGEST-01/1")):
        record = demonstration.record(index)
        assert "training" not in {finding.rule for finding in findings(record)}
        printed = text_of(demonstration.batch(index).pdf.read_bytes())
        assert "Training at the time of the act" in printed
        assert named in printed


@pytest.mark.parametrize("index", [FILTERED, FAT])
def test_the_culture_runs_on_and_the_document_says_until_when(
    demonstration: Demonstration, index: int
) -> None:
    (waiting,) = open_late_tests(demonstration.record(index))
    assert waiting.step.key == "sterility"
    assert waiting.sample is not None
    assert waiting.due_at == waiting.sample.performed_at + timedelta(days=14)
    assert "Late tests pending: sterility" in text_of(demonstration.batch(index).pdf.read_bytes())


def test_every_entry_says_what_is_reported_and_what_was_chosen(demonstration: Demonstration) -> None:
    for index, run in enumerate(RUNS):
        said = _reported(run)
        for entry in demonstration.record(index).entries:
            assert entry.note is not None
            assert "Chosen, not reported:" in entry.note
            assert ("Reported by" in entry.note) == any(sentence in entry.note for sentence in said)
        notes = " ".join(entry.note or "" for entry in demonstration.record(index).entries)
        assert [sentence for sentence in said if sentence not in notes] == []


def _reported(run: type[PlayedRun]) -> list[str]:
    """Every sentence of what the publication reports."""
    return list(published(run.source)["reported"].values())


def test_the_clean_run_is_of_a_registered_patient_with_order_ids_and_labels(
    demonstration: Demonstration,
) -> None:
    record = demonstration.record(FILTERED)
    assert findings(record) == ()
    (order,) = record.orders
    assert [target.level for target in order.targets] == ["L4/5", "L5/S1"]
    given = {one.code for one in record.container_ids}
    assert {code for entry in record.entries for code in entry.fills()} == given
    assert {copy.label.container_code: copy.state for copy in copies(record)} == dict.fromkeys(given, CHECKED)
    for check in (*record.of_kind(IdentityCheck), *record.of_kind(BedsideCheck)):
        assert "date of birth" in check.summary(record)
    patient = published(Filtration.source)["chosen"]["patient"]
    printed = text_of(demonstration.batch(FILTERED).pdf.read_bytes())
    assert [told for told in patient.values() if told in printed] == []


def test_the_gap_blocked_the_release_until_it_was_explained(demonstration: Demonstration) -> None:
    record, said = demonstration.record(FAT), "Nobody held the material for 18 min."
    assert [batch.refused for batch in demonstration.played.batches] == [(), (), (said,)]
    unexplained = replace(record, investigations=())
    asked = [item.rule for item in release_blockers(unexplained, record.decisions[0].decided_at)]
    assert asked == ["custody gap"]
    (explained,) = record.investigations
    batch = demonstration.batch(FAT)
    for shown in (text_of(batch.pdf.read_bytes()), demonstration.page(f"/batches/{batch.number}")):
        assert said in " ".join(shown.split())
        assert explained.reason[:40] in " ".join(shown.split())


def test_three_syringes_for_two_discs_are_each_checked_and_balanced(demonstration: Demonstration) -> None:
    record = demonstration.record(MARROW)
    (divided,), (checked,) = record.of_kind(Division), record.of_kind(BedsideCheck)
    codes = [part.container_code for part in divided.parts]
    assert [(site.level, site.container_code) for site in checked.sites] == [
        ("L4/5", codes[0]),
        ("L5/S1", codes[1]),
    ]
    assert [entry.container_code for entry in record.of_kind(Handover)][1:] == codes
    balances = container_balances(record)
    assert list(balances) == codes
    assert all(item.closed for item in balances.values())
    (residual,) = record.of_kind(Residual)
    assert (residual.fate, len(residual.containers)) == ("destroyed", 3)
    assert record.outstanding(residual) == ()


def test_nothing_was_recorded_in_the_future(demonstration: Demonstration) -> None:
    now = server_clock()
    for index in (MARROW, FILTERED, FAT):
        record = demonstration.record(index)
        assert max(signature.signed_at for signature in record.signatures) < now


def test_a_value_that_a_step_does_not_have_is_not_played_over() -> None:
    names = Names(server_clock(), {}, {})
    with pytest.raises(ValueError, match="Receipt has no volume_l"):
        stated(Receipt, {"volume_l": "1"}, names)


def test_two_tubes_are_poured_together_and_a_new_label_is_read_by_two_people(
    demonstration: Demonstration,
) -> None:
    record = demonstration.record(FAT)
    (over,), (pool,) = record.of_kind(LabelOver), record.of_kind(Pool)
    assert over.container_code == pool.container_code
    assert record.outstanding(over) == ()
    assert [stored.movement for stored in record.of_kind(Storage)] == [PUT_AWAY] * 2 + [TAKEN_OUT] * 2
    assert [item.sentence for item in findings(record) if item.rule == "custody place"] == []
    printed = text_of(demonstration.batch(FAT).pdf.read_bytes())
    for said in ("Pooled by", "Labelled by", "Cell lab 1, shelf 1"):
        assert said in printed


def test_the_fridge_keeps_the_fat_of_a_batch_under_way(demonstration: Demonstration) -> None:
    page = demonstration.page("/storage")
    for said in ("Fridge 1, box 7", "C-4", "DEMO-26-0004"):
        assert said in page
