"""The shipped processes name procedures by placeholders: who is not trained on them is refused, with a way out."""

from __future__ import annotations

import pytest

from labrecords.actions.bypassing import bypass_stops
from labrecords.actions.laboratory import shipped_processes
from labrecords.actions.mixups import Stopped
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Role
from labrecords.domain.processes.process import Process
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.registers.training import procedure
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab

KIT = "bone-marrow-one-spin"
WHY = "The only one here; shown how by the maker of the kit."
WITHOUT = {"handover", "receipt", "reading", "sample", "yield_reconciliation"}
"""Steps of the bench that ask for no training of their own: they are moved, looked at, or counted."""


@pytest.mark.parametrize(
    "process", [*map(read_process, shipped_processes())], ids=lambda process: process.key
)
def test_every_step_of_the_bench_names_a_procedure_with_its_version(process: Process) -> None:
    for step in process.steps:
        clinical = KINDS[step.kind].performer_role == Role.PHYSICIAN.value
        if step.phase == "administration" or clinical or step.kind in WITHOUT | {"identity_check"}:
            assert step.sop == "", step.key
        else:
            code, version = procedure(step.sop)
            assert code.startswith("SOP-"), step.key
            assert version == "1", step.key


@pytest.mark.req("GMP-25")
def test_who_is_not_trained_spins_no_kit_unless_a_second_person_signs(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch(process=lab.master(KIT).digest)
    for step in lab.record(number).process.steps:
        if step.key == "spin_1":
            break
        lab.clock.tick(5)
        lab.record_step(number, step.key)
        lab.confirm_all(number, step.key)
    lab.clock.tick(20)
    quentin = lab.id("quentin")
    with pytest.raises(Stopped) as stop:
        lab.record_step(number, "spin_1", performed_by="quentin")
    (untrained,) = stop.value.stops
    assert untrained.sentence == "Quentin Quist has no current training on SOP-SPIN-01/1."
    assert "quality assurance records the training first" in untrained.way_out
    bypass_stops(
        lab.by("vic"), batch=lab.batch(number), step_key="spin_1", stops=(untrained,), reason=WHY,
        requested_by=lab.id("tess"), performed_by=quentin, proof=lab.proof("vic"),
    )  # fmt: skip
    lab.record_step(number, "spin_1", performed_by="quentin")
    rules = {finding.rule: finding.sentence for finding in findings(lab.record(number))}
    assert WHY in rules["bypassed"]
