"""Files of a step in the document: pictures drawn with their captions, others named, and a bound on all of them."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from labrecords.documents.batch_record import render
from labrecords.documents.drawing.pictures import NotAPicture, scaled
from labrecords.documents.package import pictures_taken
from labrecords.domain.attachments import CSV, JPEG, MOST_PRINTED_BYTES, Attachment, Withdrawal
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.record import BatchRecord
from tests.support.example import example_package, example_record
from tests.support.printed import objects_of, squeezed, text_of


def photo(wide: int, high: int, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((wide, high)).convert(mode).save(out, "JPEG")
    return out.getvalue()


def attached(record: BatchRecord, number: int, name: str, data: bytes, kind: str = JPEG) -> Attachment:
    return Attachment(
        id=f"{number:032x}",
        batch_id=record.batch.id,
        step_key="receipt",
        name=name,
        title=f"What {name} shows <b>&",
        media_type=kind,
        size=len(data),
        sha256=sha256_hex(data),
        picture_sha256=sha256_hex(scaled(data)) if kind == JPEG else None,
        signature_id=record.signatures[0].id if number == 1 else None,
        role="run log" if kind == CSV else None,
        person_id=record.batch.opened_by,
        added_at=record.batch.opened_at,
    )


def with_files(*files: tuple[str, bytes, str]) -> tuple[BatchRecord, dict[str, bytes]]:
    """The closed example with these files at its receipt, and the pictures made of them."""
    record = example_record()
    items = [attached(record, number, *file) for number, file in enumerate(files, start=1)]
    made = [scaled(data) for _, data, kind in files if kind == JPEG]
    return replace(record, attachments=tuple(items)), {sha256_hex(data): data for data in made}


def images_in(pdf: bytes) -> list[bytes]:
    with objects_of(pdf) as opened:
        found = [item for item in opened.objects if str(getattr(item, "Subtype", "")) == "/Image"]
        return [bytes(item.read_raw_bytes()) for item in found]


@pytest.mark.req("DI-ORI")
def test_a_picture_is_printed_at_its_step_with_everything_that_is_known_of_it() -> None:
    record, pictures = with_files(("bag.jpg", photo(3000, 2000), JPEG), ("log.csv", b"time;degrees\n", CSV))
    pdf = render(example_package(record, pictures=pictures)).pdf
    assert images_in(pdf) == list(pictures.values())
    text = text_of(pdf)
    item = record.attachments[0]
    number = record.process.step("receipt").number
    at_step = text[text.index(f"Pictures attached to step {number}") :]
    for words in (
        "What bag.jpg shows <b>&",
        "bag.jpg, JPEG picture",
        "signed as a true copy of the original",
    ):
        assert squeezed(words) in squeezed(at_step), words
    assert item.sha256 in squeezed(at_step)
    named = "Attached, not part of this document: Run log: What log.csv shows <b>&. log.csv, CSV table"
    assert squeezed(named) in squeezed(at_step)
    for words in ("Files attached to steps: 2", "picture, printed at its step", "Signed: true copy"):
        assert squeezed(words) in squeezed(text[: text.index("Prepared, and checked")]), words


def test_a_withdrawn_picture_says_so_where_it_is_printed() -> None:
    record, pictures = with_files(("bag.jpg", photo(300, 200), JPEG), ("log.csv", b"time;degrees\n", CSV))
    gone = tuple(
        Withdrawal(
            id=item.id, batch_id=item.batch_id, step_key=item.step_key, attachment_id=item.id,
            reason="Another step: It shows the second spin.", person_id=item.person_id, withdrawn_at=item.added_at,
        )
        for item in record.attachments
    )  # fmt: skip
    text = text_of(render(example_package(replace(record, withdrawals=gone), pictures=pictures)).pdf)
    at_step = squeezed(
        text[text.index(f"Pictures attached to step {record.process.step('receipt').number}") :]
    )
    assert at_step.count(squeezed("Another step: It shows the second spin.")) >= 2
    assert at_step.index("WITHDRAWNby") < at_step.index(squeezed("What bag.jpg shows"))


def test_pictures_of_every_shape_stay_within_the_page_and_the_same_package_gives_the_same_bytes() -> None:
    shapes = [(4000, 30), (30, 4000), (8, 8), (1400, 1050), (900, 1400)]
    files = [(f"p{number}.jpg", photo(*shape), JPEG) for number, shape in enumerate(shapes)]
    record, pictures = with_files(*files, ("grey.jpg", photo(300, 200, "L"), JPEG))
    package = example_package(record, pictures=pictures)
    pdf = render(package).pdf
    assert sorted(images_in(pdf)) == sorted(pictures.values())
    assert render(package).pdf == pdf


def test_a_picture_that_does_not_fit_is_named_as_not_printed() -> None:
    record, _ = with_files(("bag.jpg", photo(300, 200), JPEG))
    pdf = render(example_package(record, pictures={})).pdf
    assert images_in(pdf) == []
    assert "not printed: it did not fit into this document" in text_of(pdf).replace("\n", " ")


def test_a_document_takes_pictures_while_they_fit_together() -> None:
    large, rest = b"x" * (MOST_PRINTED_BYTES - 10), b"y" * 10
    taken = pictures_taken([("a", large), ("b", rest + b"z"), ("c", rest), ("d", b"w")])
    assert list(taken) == ["a", "c"]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xd9", b"%PDF-1.7", photo(20, 20)[:30]])
def test_what_is_no_picture_stops_the_document(data: bytes) -> None:
    record, pictures = with_files(("bag.jpg", photo(300, 200), JPEG))
    with pytest.raises(NotAPicture):
        render(example_package(record, pictures=dict.fromkeys(pictures, data)))
