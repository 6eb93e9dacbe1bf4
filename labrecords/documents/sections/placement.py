"""Which step is printed in which section. A kind that is not named here is placed by its phase."""

from __future__ import annotations

from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections.steps import begin_with_steps, draw_steps
from labrecords.domain.processes.process import ADMINISTRATION, TESTING, Step
from labrecords.domain.record import BatchRecord

ORDER, CLEARANCE, HARVEST, CUSTODY, PROCESSING, SAMPLES, YIELDS, QUALITY, ADMINISTERED, KNOWN_LATER = (
    5,
    6,
    9,
    10,
    11,
    12,
    13,
    14,
    20,
    21,
)

_SECTIONS = {
    "order": ORDER,
    "identity_check": ORDER,
    "line_clearance": CLEARANCE,
    "anticoagulant_preparation": HARVEST,
    "harvest": HARVEST,
    "liposuction": HARVEST,
    "receipt": HARVEST,
    "offer": CUSTODY,
    "handover": CUSTODY,
    "refusal": CUSTODY,
    "storage": CUSTODY,
    "adverse_event": KNOWN_LATER,
    "follow_up": KNOWN_LATER,
    "division": CUSTODY,
    "pool": CUSTODY,
    "label_over": CUSTODY,
    "product_check": CUSTODY,
    "sample": SAMPLES,
    "yield_reconciliation": YIELDS,
    "cell_count": QUALITY,
    "automated_count": QUALITY,
    "analyser_count": QUALITY,
}


def section_of(step: Step) -> int:
    """The number of the section that prints a step."""
    by_phase = {ADMINISTRATION: ADMINISTERED, TESTING: QUALITY}
    return _SECTIONS.get(step.kind, by_phase.get(step.phase, PROCESSING))


def steps_in(record: BatchRecord, section: int) -> tuple[Step, ...]:
    """The steps of a section in the order of the process, and the acts of custody after them."""
    return tuple(step for step in record.steps if section_of(step) == section)


def draw_step_section(sheet: Sheet, section: int) -> None:
    """A section that holds nothing but steps."""
    steps = steps_in(sheet.edition.record, section)
    begin_with_steps(sheet, section, steps)
    if not steps:
        sheet.none(NOT_PART)
    draw_steps(sheet, steps)
