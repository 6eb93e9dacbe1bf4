"""Section 7: what went into the product or touched it, as the steps name it."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, section_with_table, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.documents.sections.second_person import verified_words
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.registers.lots import LOT_RELEASED, Lot, lots_at
from labrecords.domain.registers.materials import Material
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import mid_sentence


def draw_materials(sheet: Sheet) -> None:
    """Reagents with lot, expiry and standing in the register, then every container by its code."""
    edition = sheet.edition
    rows = _reagents(edition)
    columns = (
        Column("Material, maker", 36),
        Column("Lot", 20),
        Column("Expiry", 17),
        Column("Register, at the act", 30),
        Column("Certificate", 20),
        Column("Used, mL", 13, "d"),
        Column("Verified by", 26),
        Column("Step", 16),
    )
    section_with_table(sheet, 7, columns, rows, "Reagents and disposables")
    if not rows:
        sheet.none("None recorded: no reagent was used.")
    else:
        sheet.note(
            "A disposable is told by maker, catalogue number and lot; this version of the process does not ask for its "
            "unique device identifier (UDI). “Verified by” is the second person of the step, "
            "whose signature stands there."
        )
    containers = _containers(edition)
    table(
        sheet,
        (Column("Code", 80), Column("Named as", 58), Column("Step", 40)),
        containers,
        "Containers and samples",
    )


def _reagents(edition: Edition) -> list[Row]:
    return [
        _reagent(edition, entry, material)
        for entry in edition.record.current_entries()
        for material in entry.materials()
    ]


def _reagent(edition: Edition, entry: Entry, material: Material) -> Row:
    registered = lots_at(edition.record, material, entry.performed_at)
    usable = [lot for lot in registered if lot.status == LOT_RELEASED]
    lot = next(iter(usable or registered), None)
    return (
        Cell(material.name, remark=_maker(lot) if lot else material.maker),
        material.lot or NOT_STATED,
        material.expiry.isoformat() if material.expiry else NOT_STATED,
        _standing(edition, lot) if lot else "not registered",
        Cell(lot.certificate, remark=f"SHA-256 {lot.certificate_sha256[:16]}")
        if lot and lot.certificate
        else "none",
        plain(material.volume_ml) if material.volume_ml is not None else material.amount,
        verified_words(edition, entry, when=False),
        _step(edition, entry),
    )


def _maker(lot: Lot) -> str:
    """Maker and catalogue number, and the name in the register where the entry has another."""
    return ", ".join(part for part in (lot.material, lot.maker, lot.catalogue_number) if part)


def _standing(edition: Edition, lot: Lot) -> Cell:
    """The status, and who gave it when: a release is a signature of a second person."""
    words = lot.status if lot.status == LOT_RELEASED else lot.status.upper()
    return Cell(words, remark=f"{lot.by_name}, {edition.when(lot.registered_at)}")


def _containers(edition: Edition) -> list[Row]:
    """Every code of a container or sample where it was named first."""
    rows: dict[str, Row] = {}
    for entry in edition.record.current_entries():
        for fact in facts_of(type(entry)):
            if fact.type is FactType.CODE and fact.name.endswith(("container_code", "sample_code")):
                code = getattr(entry, fact.name)
                if code:
                    rows.setdefault(code, (code, mid_sentence(fact.label), _step(edition, entry)))
    return list(rows.values())


def _step(edition: Edition, entry: Entry) -> str:
    return f"{edition.step_words(entry.step_key).lower()}, event {edition.event_of(entry.id)}"
