"""Section 7: what went into the product or touched it, as the steps name it."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.numbers import plain


def draw_materials(sheet: Sheet) -> None:
    """Reagents with lot and expiry, then every container by its code."""
    edition = sheet.edition
    sheet.begin_section(7)
    rows = _reagents(edition)
    columns = (
        Column("Material", 46),
        Column("Lot", 46),
        Column("Expiry", 28),
        Column("Used, mL", 22, "d"),
        Column("Step", 36),
    )
    table(sheet, columns, rows, "Reagents")
    if not rows:
        sheet.none("None recorded: no reagent was used.")
    containers = _containers(edition)
    table(
        sheet,
        (Column("Code", 80), Column("Named as", 58), Column("Step", 40)),
        containers,
        "Containers and samples",
    )
    sheet.note("Makers, certificates and stock are not part of this version of the process.")


def _reagents(edition: Edition) -> list[Row]:
    return [
        (
            material.name,
            material.lot or NOT_STATED,
            material.expiry.isoformat() if material.expiry else NOT_STATED,
            plain(material.volume_ml) if material.volume_ml is not None else material.amount,
            _step(edition, entry),
        )
        for entry in edition.record.current_entries()
        for material in entry.materials()
    ]


def _containers(edition: Edition) -> list[Row]:
    """Every code of a container or sample where it was named first."""
    rows: dict[str, Row] = {}
    for entry in edition.record.current_entries():
        for fact in facts_of(type(entry)):
            if fact.type is FactType.CODE and fact.name.endswith(("container_code", "sample_code")):
                code = getattr(entry, fact.name)
                if code:
                    rows.setdefault(code, (code, fact.label.lower(), _step(edition, entry)))
    return list(rows.values())


def _step(edition: Edition, entry: Entry) -> str:
    return f"{edition.step_words(entry.step_key).lower()}, event {edition.event_of(entry.id)}"
