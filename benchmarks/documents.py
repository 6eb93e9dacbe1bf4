"""The document: rendering, sealing and verifying the demonstration's record, warm."""

from __future__ import annotations

from benchmarks.timing import median_ms
from labrecords.demo.story import Story
from labrecords.documents.batch_record import render
from labrecords.documents.package import read_package
from labrecords.documents.sealing.seal import seal
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.documents.verifying.verifier import verify
from labrecords.installation import Installation
from labrecords.models.lists import documents_of
from labrecords.models.records import DocumentRow


def stages_ms(place: Installation, story: Story) -> dict[str, float]:
    """Median milliseconds of each stage and of all three."""
    with place.store.read() as session:
        newest = documents_of(session, story.record().batch.id)[-1]
        table = DocumentRow.__table__
        pdf = session.execute(table.select().where(table.c.sha256 == newest.sha256)).one().pdf
    package = read_contents(pdf)
    at = read_package(package).document.issued_at
    rendered = render(package)
    sealed = seal(rendered.pdf, place.authority, reason="measured", at=at)
    spent = {
        "render": median_ms(lambda: render(package), 15),
        "seal": median_ms(lambda: seal(rendered.pdf, place.authority, reason="measured", at=at), 15),
        "verify": median_ms(lambda: verify(sealed, [place.authority.root]), 15),
    }
    return spent | {"all three": sum(spent.values())}
