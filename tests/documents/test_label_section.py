"""Section 15 of the printed record: a specimen of each label that a decoder reads, every copy, the reconciliation."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import zxingcpp
from PIL import Image

from labrecords.documents.batch_record import render
from labrecords.domain.custody.container_ids import new_code
from labrecords.domain.labels.contents import contents
from labrecords.domain.labels.prints import APPLIED, CHECKED, SPOILED, LabelAct, LabelPrint, content_digest
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.record import BatchRecord
from tests.support.example import example_package, example_record
from tests.support.printed import pages_of, squeezed, text_of
from tests.support.tools import require_tool

CODE = new_code("KRK", 2026, 1)


def labelled() -> BatchRecord:
    """The closed example with labels of three sizes: applied and scanned back, spoiled, and open."""
    record = example_record()
    at, who = record.batch.opened_at, record.batch.opened_by
    prints = []
    for number, (kind, stock) in enumerate((("harvest", "100x50"), ("final", "50x25"), ("sample", "25x15"))):
        lines = contents(record, kind, CODE, STOCKS[stock], "15 to 25 °C")
        prints.append(
            LabelPrint(
                f"{number:032x}",
                record.batch.id,
                CODE,
                kind,
                stock,
                1 + number,
                1,
                lines,
                content_digest(CODE, kind, stock, lines),
                None,
                who,
                at,
            )
        )
    acts = [
        LabelAct(
            f"{n:032x}", record.batch.id, f"{of:032x}", 1 + of, act, None, who, at + timedelta(minutes=n)
        )
        for n, (of, act) in enumerate(((0, APPLIED), (0, CHECKED), (1, SPOILED)))
    ]
    return replace(record, label_prints=tuple(prints), label_acts=tuple(acts))


def test_the_section_reconciles_and_shows_every_copy_with_who_and_when() -> None:
    text = squeezed(text_of(render(example_package(labelled())).pdf))
    assert (
        squeezed("Printed by the system: 3 = 1 applied + 1 spoiled + 0 destroyed + 0 lost + 1 open;") in text
    )
    assert squeezed("Now: scanned back") in text
    assert squeezed("open: nothing stated") in text
    assert squeezed("FOR AUTOLOGOUS USE ONLY: 21 CFR 1271.90(c)(1)") in text
    assert squeezed("harvest container (printed)") in text


def test_a_record_without_labels_says_so() -> None:
    assert squeezed("Printed by the system: none.") in squeezed(
        text_of(render(example_package(example_record())).pdf)
    )


def test_every_specimen_can_be_read_on_the_page(tmp_path: Path) -> None:
    tool = require_tool("pdftoppm", package="poppler-utils")
    file = tmp_path / "record.pdf"
    pdf = render(example_package(labelled())).pdf
    file.write_bytes(pdf)
    found = []
    shown = [n for n, text in enumerate(pages_of(pdf), start=1) if squeezed("Specimen:") in squeezed(text)]
    assert shown
    pages = ["-f", str(shown[0]), "-l", str(shown[-1])]
    subprocess.run(
        [tool, *pages, "-r", "300", "-gray", "-png", str(file), str(tmp_path / "page")], check=True
    )
    for picture in sorted(tmp_path.glob("page-*.png")):
        with Image.open(picture) as opened:
            found += [code.text for code in zxingcpp.read_barcodes(opened)]
    assert found == [f"{CODE}.{copy}" for copy in (1, 2, 3)]
