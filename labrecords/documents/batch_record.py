"""The printed batch record: a package in, a PDF out, the same bytes for the same package on every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from labrecords.documents.attachment import attach
from labrecords.documents.edition import read_edition
from labrecords.documents.pages.frame import finish
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections import placement
from labrecords.documents.sections.administration import draw_administration
from labrecords.documents.sections.contents import draw_contents
from labrecords.documents.sections.corrections import draw_corrections
from labrecords.documents.sections.cover import draw_cover
from labrecords.documents.sections.custody import draw_custody
from labrecords.documents.sections.decision import draw_decision
from labrecords.documents.sections.deviations import draw_deviations
from labrecords.documents.sections.equipment import draw_equipment
from labrecords.documents.sections.expiry import draw_expiry
from labrecords.documents.sections.follow_up import draw_follow_up
from labrecords.documents.sections.in_process import draw_in_process
from labrecords.documents.sections.labels import draw_labels
from labrecords.documents.sections.materials import draw_materials
from labrecords.documents.sections.order import draw_order_section
from labrecords.documents.sections.people import draw_people
from labrecords.documents.sections.process import draw_process
from labrecords.documents.sections.quality import draw_quality
from labrecords.documents.sections.review import draw_review
from labrecords.documents.sections.statement import draw_statement
from labrecords.documents.sections.trail import draw_trail
from labrecords.documents.sections.yields import draw_yields

SECTIONS: tuple[Callable[[Sheet], None], ...] = (
    draw_cover,
    draw_contents,
    draw_process,
    draw_people,
    draw_order_section,
    partial(placement.draw_step_section, section=placement.CLEARANCE),
    draw_materials,
    draw_equipment,
    partial(placement.draw_step_section, section=placement.HARVEST),
    draw_custody,
    partial(placement.draw_step_section, section=placement.PROCESSING),
    draw_in_process,
    draw_yields,
    draw_quality,
    draw_labels,
    draw_expiry,
    draw_deviations,
    draw_review,
    draw_decision,
    draw_administration,
    draw_follow_up,
    draw_corrections,
    draw_trail,
    draw_statement,
)
"""What draws the record, in the order of its sections; the last draws sections 24 and 25 on one sheet."""


@dataclass(frozen=True)
class Rendered:
    """A document that is not sealed yet."""

    pdf: bytes
    pages: int


def render(package: bytes) -> Rendered:
    """Draw all sections and embed the package as record.json. Raises NotReadable, and MissingGlyph."""
    edition = read_edition(package)
    sheet = Sheet(edition)
    for draw in SECTIONS:
        draw(sheet)
    return Rendered(attach(finish(sheet), package, edition), len(sheet.pages))
