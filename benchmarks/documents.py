"""The document: rendering, sealing and verifying the demonstration's record, and one of 60 pages, warm."""

from __future__ import annotations

import time

from benchmarks.timing import median_ms
from labrecords.actions.door import BatchRef, StepRef
from labrecords.actions.issuing import seal_document
from labrecords.actions.readings import Reading
from labrecords.actions.release import decide
from labrecords.actions.steps import repeat_step
from labrecords.demo.story import Story
from labrecords.documents.batch_record import render
from labrecords.documents.package import read_package
from labrecords.documents.sealing.seal import seal
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.facts import facts_of
from labrecords.domain.review.decisions import ON_HOLD
from labrecords.installation import Installation
from labrecords.models.lists import documents_of
from labrecords.models.records import DocumentRow

LONG, REPEATS = 60, 33
"""Pages of the long record, and how many repeated counts bring the demonstration's there."""


def stages_ms(place: Installation, story: Story, rounds: int = 15) -> dict[str, float]:
    """Median milliseconds of CPU of each stage and of all three, for the newest document of the story's batch."""
    package = _newest_package(place, story)
    at = read_package(package).document.issued_at
    rendered = render(package)
    sealed = seal(rendered.pdf, place.authority, reason="measured", at=at)
    spent = {
        "render": median_ms(lambda: render(package), rounds, time.process_time),
        "seal": median_ms(
            lambda: seal(rendered.pdf, place.authority, reason="measured", at=at), rounds, time.process_time
        ),
        "verify": median_ms(lambda: verify(sealed, [place.authority.root]), rounds, time.process_time),
    }
    return spent | {"all three": sum(spent.values())}


def long_record(place: Installation, story: Story) -> int:
    """Play a batch whose last count is repeated until its document is long, and put it on hold. Returns its pages."""
    story.open()
    story.play()
    for _ in range(REPEATS):
        _repeat(story, "count_after")
    batch = BatchRef(story.record().batch.id)
    issue_id = decide(
        story.cast.by("quentin"),
        batch=batch,
        decision=ON_HOLD,
        reason="The count is to be repeated.",
        proof=story.cast.proof("quentin"),
    )
    sealed = seal_document(place.sealing, batch.batch_id, issue_id)
    assert sealed.sha256, sealed.reason
    pages = render(_newest_package(place, story)).pages
    assert pages >= LONG, f"the long record has {pages} pages only"
    return pages


def _repeat(story: Story, key: str) -> None:
    story.clock.tick(5)
    record = story.record()
    old = record.current(key)
    assert old is not None
    reading = Reading(
        kind=type(old),
        facts={fact.name: getattr(old, fact.name) for fact in facts_of(type(old))},
        performed_by=old.performed_by,
        blank_reason="not known",
    )
    repeat_step(
        story.cast.by("tess"),
        step=StepRef(record.batch.id, key, record.step_version(key)),
        replaces=old.id,
        reading=reading,
        cause="clumped cells",
        reason="The sample was mixed again and counted anew.",
    )


def _newest_package(place: Installation, story: Story) -> bytes:
    with place.store.read() as session:
        newest = documents_of(session, story.record().batch.id)[-1]
        table = DocumentRow.__table__
        pdf = session.execute(table.select().where(table.c.sha256 == newest.sha256)).one().pdf
    return read_contents(pdf)
