"""A batch record in plain canonical form, and back: what is hashed, embedded in the document and verified from it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from labrecords.domain.calculations.formulas import newest_edition
from labrecords.domain.evidence.serial import NotReadable, from_plain, to_plain
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord


def record_to_plain(record: BatchRecord) -> dict[str, Any]:
    """The whole record as text, integers, booleans, lists and dicts; the process as its own text."""
    plain = {
        item.name: to_plain(getattr(record, item.name)) for item in fields(record) if item.name != "process"
    }
    plain["process"] = record.process.text
    for entry, form in zip(record.entries, plain["entries"], strict=True):
        form["kind"] = entry.kind
    return plain


def record_from_plain(plain: dict[str, Any]) -> BatchRecord:
    """The record that `record_to_plain` described. Raises NotReadable."""
    try:
        hints = get_type_hints(BatchRecord)
        values = {
            name: from_plain(hints[name], plain[name])
            for name in (item.name for item in fields(BatchRecord))
            if name not in ("process", "entries")
        }
        entries = tuple(
            from_plain(KINDS[form["kind"]], {key: value for key, value in form.items() if key != "kind"})
            for form in plain["entries"]
        )
        if values["batch"].formulas > newest_edition():
            raise NotReadable("computed by formulas that this version of the software does not know")
        return BatchRecord(process=read_process(plain["process"]), entries=entries, **values)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(f"not a batch record: {error}") from error
