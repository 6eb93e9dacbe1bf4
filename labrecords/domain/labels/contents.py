"""What stands on a label: the matrix of contents by kind (domain 5.6), filled in from the record.

"AF" is affixed to the container, "AT" is affixed where there is room, "AC" accompanies it in the record. The name of
the patient stands on no label: the pseudonym and the chain-of-identity code do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.custody.names import labelled_over
from labrecords.domain.labels.legends import FINAL, HARVEST, IN_PROCESS, QUARANTINED, SAMPLE, legends
from labrecords.domain.labels.prints import Line
from labrecords.domain.labels.stocks import Stock
from labrecords.domain.results.contents import volume_in
from labrecords.domain.results.expiry import use_before
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values import times
from labrecords.domain.values.codes import each_once
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

KINDS: Mapping[str, str] = {
    HARVEST: "Harvest container",
    IN_PROCESS: "Container in process",
    FINAL: "Final container or syringe",
    SAMPLE: "Sample or aliquot for tests",
    QUARANTINED: "Container in quarantine",
}
"""The kinds of labels, in words."""

AFFIXED, ATTACHED = "AF", "AT"
_AF, _AT, _AC = AFFIXED, ATTACHED, "AC"
MATRIX: Mapping[str, Mapping[str, str]] = {
    "id": dict.fromkeys(KINDS, _AF),
    "identity": dict.fromkeys(KINDS, _AF),
    "patient": dict.fromkeys(KINDS, _AF),
    "product": dict.fromkeys(KINDS, _AF),
    "volume": dict.fromkeys(KINDS, _AF),
    "additives": {HARVEST: _AF, IN_PROCESS: _AC, FINAL: _AT, SAMPLE: _AC, QUARANTINED: _AT},
    "collected": {HARVEST: _AT, IN_PROCESS: _AC, FINAL: _AT, SAMPLE: _AT, QUARANTINED: _AT},
    "expiry": {HARVEST: _AC, IN_PROCESS: _AF, FINAL: _AF, SAMPLE: _AC, QUARANTINED: _AF},
    "storage": {HARVEST: _AF, IN_PROCESS: _AF, FINAL: _AF, SAMPLE: _AT, QUARANTINED: _AF},
    "facility": {HARVEST: _AT, IN_PROCESS: _AC, FINAL: _AT, SAMPLE: _AT, QUARANTINED: _AT},
}
"""Where each element goes by kind. Legends stand where their own table says, always affixed."""
PARTIAL = ("id", "identity", "patient", "product", "expiry")
"""What a partial label bears besides the legends; everything else is in the record that accompanies it."""
BY_HAND = "______"
"""Room for what is written by hand, where the record does not know it yet."""
_WHY = {
    "id": "21 CFR 1271.290(c)",
    "identity": "chain of identity",
    "patient": "second identifier, pseudonymous",
    "product": "proper name",
    "volume": "21 CFR 610.60; FACT label content",
    "additives": "FACT label content: name and amount",
    "collected": "date, time and zone of the end of collection",
    "expiry": "earliest of all limits, in the laboratory's zone",
    "storage": "as the person who printed it stated",
    "facility": "processing facility",
}


def contents(
    record: BatchRecord, kind: str, code: str, stock: Stock, storage: str = "", over: str = ""
) -> tuple[Line, ...]:
    """The lines of a label in their order: what identifies it, the legends, what else there is room for.

    `storage` is stated by the person who prints, such as "15 to 25 °C, do not refrigerate"; `over` is the code that is
    on the container still, where the label will be put over that one.
    """
    texts = _texts(record, code, over or code, storage, stock.partial)
    lines = []
    for element, where in MATRIX.items():
        letter = where[kind]
        wanted = element in PARTIAL and letter == AFFIXED if stock.partial else letter in (AFFIXED, ATTACHED)
        if wanted and texts[element]:
            lines.append(Line(element, texts[element], f"{letter}, {_WHY[element]}"))
    first = [line for line in lines if line.element in ("id", "identity", "patient", "product")]
    return (*first, *legends(record, kind, stock.partial), *(line for line in lines if line not in first))


def needs_storage(kind: str) -> bool:
    """Whether a label of this kind must say how the container is kept."""
    return MATRIX["storage"][kind] == AFFIXED


def label_codes(record: BatchRecord) -> tuple[str, ...]:
    """The containers and samples of a batch that a label can be printed for: ids that were given out, then codes that
    were recorded, each as it was first written. A code that was labelled over gets no label any more."""
    found = [item.code for item in record.container_ids]
    for entry in record.current_entries():
        found += [*entry.fills(), *((entry.sample_code,) if isinstance(entry, Sample) else ())]
    return tuple(code for code in each_once(found) if not labelled_over(record, code))


def _texts(record: BatchRecord, code: str, found_as: str, storage: str, partial: bool) -> dict[str, str]:
    zone, limit, harvests = ZoneInfo(record.laboratory.zone), use_before(record), collections(record)
    held = volume_in(record, found_as)
    return {
        "id": shown(code),
        "identity": f"CoI {record.batch.identity_code}",
        "patient": f"Patient {record.batch.patient_code}",
        "product": record.process.product,
        "volume": f"Volume {plain(held) if held is not None else BY_HAND} mL",
        "additives": additives(record),
        "collected": f"Collected {_moment(harvests[-1].performed_at, zone, partial)}" if harvests else "",
        "expiry": f"{'Exp' if partial else 'Use before'} {_moment(limit.until, zone, partial) if limit else BY_HAND}",
        "storage": f"Keep at {storage}" if storage else "",
        "facility": record.laboratory.name,
    }


def _moment(moment: datetime, zone: ZoneInfo, partial: bool) -> str:
    """Date, time and offset to the minute begun, so that no label says a later end than the record; and the zone."""
    said = times.show(moment, zone)
    return f"{said[:16]}{said[19:]}" + ("" if partial else f" ({zone.key})")


def additives(record: BatchRecord) -> str:
    """The anticoagulant of the harvest with its amount; empty where there is no harvest or none was used."""
    used = [one for one in record.of_kind(Harvest) if one.anticoagulant_volume_ml]
    return "; ".join(f"{one.anticoagulant} {plain(one.anticoagulant_volume_ml)} mL" for one in used)
