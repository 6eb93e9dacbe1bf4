"""What a laboratory does with the tests of a batch: play it by filtration, report, set aside, sign what came late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labrecords.actions import assays, disposition, issuing
from labrecords.domain.facts import facts_of
from tests.support.lab import Lab

ADMINISTRATION = ("handover_theatre", "bedside", "injection", "residual")
DAY = 24 * 60


def by_filtration(lab: Lab) -> str:
    """Open a batch of the process that has tests. Returns its number."""
    return lab.open_batch(process=lab.master("bone-marrow-filtration").digest)


def recorded(lab: Lab, number: str, *keys: str) -> None:
    """Record steps as the story has them, with every confirmation."""
    for key in keys:
        lab.clock.tick(2)
        lab.record_step(number, key)
        lab.confirm_all(number, key)


def read_label(lab: Lab, number: str, key: str) -> None:
    """Two people read the label of the product, as the process asks for."""
    lab.clock.tick(2)
    lab.record_step(number, key)
    assert lab.reenter(number, key, "vic")


def sampled(lab: Lab) -> str:
    """A batch that waits for nothing but its late tests."""
    number = by_filtration(lab)
    steps = lab.record(number).process.phase("processing")
    recorded(lab, number, *(step.key for step in steps), "gram", "endotoxin", "sterility")
    read_label(lab, number, "product_check-1")
    return number


def injected(lab: Lab) -> str:
    """A batch that was released and injected while its culture runs."""
    number = sampled(lab)
    assert lab.decide(number).sha256
    read_label(lab, number, "product_check-2")
    recorded(lab, number, *ADMINISTRATION)
    return number


def report(lab: Lab, number: str, key: str, days: float = 14, *, by: str = "tess", **changes: Any) -> str:
    """Report a test anew after some days. Returns the id of the report."""
    lab.clock.tick(days * DAY)
    record = lab.record(number)
    old = record.current(key)
    assert old is not None
    stated = {fact.name: getattr(old, fact.name) for fact in facts_of(type(old))}
    if changes.get("state") == "final":
        changes.setdefault("finished_at", lab.clock.now)
    reading = replace(lab.reading(number, key, **stated | changes), performed_at=None)
    return assays.report_test(lab.by(by), step=lab.step(number, key), replaces=old.id, reading=reading)


def grown(lab: Lab, number: str) -> str:
    """The culture grew, and it was reviewed."""
    made = report(lab, number, "sterility", 5, state="final", growth=True, organism="Cutibacterium acnes")
    lab.confirm_all(number, "sterility")
    return made


def clean(lab: Lab, number: str) -> str:
    """The culture stayed without growth to the end, and it was reviewed."""
    made = report(lab, number, "sterility", state="final", growth=False)
    lab.confirm_all(number, "sterility")
    return made


def invalidate(
    lab: Lab, number: str, key: str, reason: str = "The incubator was off for two days.", by: str = "quentin"
) -> str:
    """Let quality assurance set a result aside. Returns the id of the new version."""
    entry = lab.record(number).current(key)
    assert entry is not None
    return assays.invalidate_test(
        lab.by(by), step=lab.step(number, key), entry_id=entry.id, reason=reason, proof=lab.proof(by)
    )


def dispose(lab: Lab, number: str, word: str, reason: str = "", by: str = "quentin") -> issuing.Sealed:
    """Let quality assurance sign on the late results, and seal the document of it."""
    batch = lab.batch(number)
    issue = disposition.dispose(lab.by(by), batch=batch, disposition=word, reason=reason, proof=lab.proof(by))
    return issuing.seal_document(lab.installation.sealing, batch.batch_id, issue)
