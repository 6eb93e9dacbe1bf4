"""When an act began, and where the values of a step come from: a person, a device, or the system itself."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.domain.entries import Entry
from labrecords.domain.registers.equipment import named_equipment


def source_words(edition: Edition, entry: Entry) -> str:
    """The start where it is stated, and the source of the values.

    Nothing is read from a device by itself: a person types what it shows.
    """
    devices = [edition.record.equipment_item(item) for item in named_equipment(entry)]
    shown = " and ".join(f"{item.code}, {item.model}" for item in devices)
    analyser = getattr(entry, "analyser", None)
    shown = " and ".join(part for part in (shown, analyser) if part)
    read = f", as read from {shown}" if shown else ""
    began = entry.began_at()
    start = f"Begun {edition.when(began)}. " if began else ""
    return (
        f"{start}Source of the values: typed or scanned by {edition.name(entry.recorded_by)}{read}; "
        "what is computed, by the system."
    )
