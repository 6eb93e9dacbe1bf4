"""The story's product in two syringes, one for each level."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from labrecords.domain.record import BatchRecord
from labrecords.domain.steps.bedside import CheckedSite
from labrecords.domain.steps.division import Division, Part
from labrecords.domain.steps.residual import Leftover
from tests.support.clean import acted, altered, clean, entry_of

DISCS = ("L4/5", "L5/S1")


def two_syringes(
    a: str = "2.0",
    b: str = "2.0",
    *,
    checked: str = "SYR-7B",
    left: tuple[str, ...] = ("1.5", "2.0"),
    record: BatchRecord | None = None,
) -> BatchRecord:
    """7.5 mL divided before the bedside into A (3.5 mL) and B (4.0 mL); `a` mL of A and `b` of B are injected."""
    record = record or clean("residual")
    handed = entry_of(record, "handover_theatre")
    division = entry_of(acted("division-4"), "division-4")
    assert isinstance(division, Division)
    volumes = {"SYR-7A": "3.5", "SYR-7B": "4.0"}
    parts = tuple(Part(container_code=code, volume_ml=Decimal(ml)) for code, ml in volumes.items())
    division = replace(
        division,
        step_key="division-1",
        source_container_code="SYR-7",
        volume_in_ml=Decimal("7.5"),
        parts=parts,
        left_ml=Decimal(0),
        performed_at=handed.performed_at,
        recorded_at=handed.recorded_at,
    )
    record = replace(record, entries=(*record.entries, division))
    codes = ("SYR-7A", checked)
    seen = tuple(
        CheckedSite(structure="intervertebral disc", level=level, side="midline", container_code=code)
        for level, code in zip(DISCS, codes, strict=True)
    )
    record = altered(record, "bedside", container_code="SYR-7A", sites=seen)
    first = getattr(entry_of(record, "injection"), "sites")[0]  # noqa: B009 - an Entry has no sites for mypy
    sites = tuple(
        replace(first, level=level, container_code=code, volume_ml=Decimal(volume))
        for level, code, volume in zip(DISCS, ("SYR-7A", "SYR-7B"), (a, b), strict=True)
    )
    record = altered(record, "injection", container_code="SYR-7A", sites=sites)
    rows = tuple(
        Leftover(container_code=code, volume_ml=Decimal(volume))
        for code, volume in zip(("SYR-7A", "SYR-7B"), left, strict=False)
    )
    return altered(
        record, "residual", volume_ml=sum((row.volume_ml for row in rows), Decimal(0)), containers=rows
    )
