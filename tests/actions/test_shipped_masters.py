"""Every shipped process of fat-derived cells is complete: played through the actions from the order to the closure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from labrecords.documents.verifying.verdict import VALID
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING
from labrecords.domain.results.assay_results import open_late_tests
from labrecords.domain.results.balance import balance
from labrecords.domain.results.results import judged_results, results
from labrecords.domain.review.decisions import CONFORM
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from labrecords.models.records import DocumentRow
from tests.support.fat import TAKES_MIN, WITHOUT_ENZYME
from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.qc import clean, dispose, recorded

TESTS = ("gram", "endotoxin", "sterility")
"""What must be begun before the release; the culture runs on."""


def play(lab: Lab, number: str, phase: str, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Record and confirm every step of a phase; a step that takes long has its time."""
    for step in lab.record(number).process.phase(phase):
        lab.clock.tick(TAKES_MIN.get(step.key, 3))
        lab.record_step(number, step.key, **changes.get(step.key, {}))
        lab.confirm_all(number, step.key)


@pytest.mark.parametrize(
    ("key", "changes"),
    [("svf-enzymatic", {}), ("svf-mechanical", WITHOUT_ENZYME)],
    ids=["enzyme", "mechanical"],
)
def test_a_batch_of_fat_is_played_from_the_order_to_the_closure(
    lab: Lab, key: str, changes: Mapping[str, Mapping[str, Any]]
) -> None:
    number = lab.open_batch(process=lab.master(key).digest)
    play(lab, number, PROCESSING, changes)
    missing = {blocker.step_key for blocker in release_blockers(lab.record(number), lab.clock())}
    assert missing == {"gram", "endotoxin", "sterility"}
    recorded(lab, number, *TESTS)
    record = lab.record(number)
    assert [finding.sentence for finding in findings(record) if finding.rule != "code in use"] == []
    assert release_blockers(record, lab.clock()) == ()
    assert {item.judgement.outcome.value for item in judged_results(record)} == {"pass"}
    assert results(record)["yield_per_gram"].reported == "2.00 × 10⁵"
    assert lab.decide(number).sha256
    play(lab, number, ADMINISTRATION, changes)
    found = balance(lab.record(number))
    assert found is not None
    assert found.closed
    sealed = lab.close_administration(number)
    assert sealed.sha256, sealed.reason
    (waiting,) = open_late_tests(lab.record(number))
    assert waiting.step.key == "sterility"
    assert waiting.sample is not None
    assert waiting.due_at == waiting.sample.performed_at + timedelta(days=14)
    assert status(lab.record(number)) is Status.CLOSED
    clean(lab, number)
    assert dispose(lab, number, CONFORM).sha256
    assert open_late_tests(lab.record(number)) == ()


@pytest.mark.req("GMP-188b7")
def test_the_document_of_a_digestion_says_it_all_and_verifies(lab: Lab) -> None:
    number = lab.open_batch(process=lab.master("svf-enzymatic").digest)
    play(lab, number, PROCESSING, {})
    recorded(lab, number, *TESTS)
    sealed = lab.decide(number)
    with lab.store.read() as session:
        pdf = session.get_one(DocumentRow, sealed.sha256).pdf
    verdict = verify(pdf, [lab.installation.authority.root])
    assert verdict.kind == VALID, verdict.sentence
    printed = text_of(pdf)
    for words in (
        "Collagenase NB 6",
        "PZ U/mg",
        "yield-per-gram/1",
        "expected-cells/1",
        "300 mL lipoaspirate",
    ):
        assert words in printed
