"""Every kind of label on every stock: rendered by another program, and read by another decoder than ours."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from labrecords.documents.drawing.datamatrix import NotEncodable, data_matrix
from labrecords.documents.drawing.typefaces import MissingGlyph, width
from labrecords.documents.labels.layout import MM, TooSmall, lay_out, placed_copy
from labrecords.documents.labels.pdf import label_pdf
from labrecords.domain.custody.container_ids import new_code
from labrecords.domain.custody.scans import copy_code, read_scan
from labrecords.domain.labels.contents import KINDS, contents
from labrecords.domain.labels.prints import LabelPrint, Line
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.record import BatchRecord
from tests.support.example import example_record
from tests.support.tools import require_tool

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CODE = new_code("KRK", 2026, 1)
TOO_SMALL = {("quarantine", "25x15")}
"""What is refused: there is no room for the legends of a quarantine label on the smallest stock."""
LONG = replace(
    example_record().process,
    product="Bone marrow aspirate concentrate, autologous, leukocyte poor, for injection into discs and joints",
)


def label(
    kind: str, stock: str, *, code: str = CODE, record: BatchRecord | None = None, copies: int = 1
) -> LabelPrint:
    lines = contents(record or example_record(), kind, code, STOCKS[stock], "15 to 25 °C, do not refrigerate")
    return LabelPrint("1" * 32, "2" * 32, code, kind, stock, 1, copies, lines, "", None, "3" * 32, NOW)


def read(pdf: bytes, folder: Path) -> list[str]:
    """What a decoder reads on the first page, rendered as a printer of 300 dpi prints it."""
    file = folder / "label.pdf"
    file.write_bytes(pdf)
    tool = require_tool("pdftoppm", package="poppler-utils")
    subprocess.run(
        [tool, "-r", "300", "-gray", "-singlefile", "-png", str(file), str(folder / "label")],
        check=True,
    )
    with Image.open(folder / "label.png") as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(("kind", "stock"), sorted(set(product(KINDS, STOCKS)) - TOO_SMALL))
def test_every_label_is_decoded_from_its_picture(kind: str, stock: str, tmp_path: Path) -> None:
    assert read(label_pdf(label(kind, stock)), tmp_path) == [f"{CODE}.1"]


@pytest.mark.parametrize("code", ["BAG-7", "KRK/26 0001", new_code("KRK", 2026, 17), "X" * 40])
def test_a_code_of_any_origin_is_decoded(code: str, tmp_path: Path) -> None:
    (text,) = read(label_pdf(label("harvest", "100x50", code=code)), tmp_path)
    bare = code.replace("-", "").replace(" ", "")
    assert text == copy_code(bare, 1)
    assert read_scan(text).code == bare


def test_a_long_name_wraps_in_its_own_place_and_never_pushes_the_code_off(tmp_path: Path) -> None:
    long, short = replace(example_record(), process=LONG), label("final", "50x25")
    crowded = label("final", "50x25", record=long)
    assert read(label_pdf(crowded), tmp_path) == [f"{CODE}.1"]
    assert placed_copy(crowded, 1).code_at[1] + placed_copy(crowded, 1).code_side == pytest.approx(
        placed_copy(short, 1).code_at[1] + placed_copy(short, 1).code_side, abs=1
    )
    printed = " ".join(text for _, _, text, _, _ in placed_copy(crowded, 1).lines)
    assert LONG.product in printed, "nothing of it is cut"


@pytest.mark.parametrize(("kind", "stock"), sorted(set(product(KINDS, STOCKS)) - TOO_SMALL))
def test_nothing_lies_over_the_code_its_quiet_zone_or_the_edge(kind: str, stock: str) -> None:
    placed = placed_copy(label(kind, stock), 12)
    x0, y0 = placed.code_at
    module, side = placed.module, placed.code_side
    assert 0.25 <= module / MM <= 1
    assert x0 + side + module <= placed.wide + 1e-6
    assert y0 + side + module <= placed.high + 1e-6
    for x, y, text, face, size in placed.lines:
        right, top = x + width(face, size, text), y + size * 0.75
        assert right <= placed.wide, text
        assert y >= 0, text
        assert right <= x0 - module or top <= y0 - module, f"{text} lies over the code"


@pytest.mark.parametrize(
    ("stock", "wide", "high"), [("50x25", 50, 25), ("100x50", 100, 50), ("a4-3x8", 210, 297)]
)
def test_the_page_has_exactly_the_millimetres_of_the_stock(
    stock: str, wide: int, high: int, tmp_path: Path
) -> None:
    file = tmp_path / "label.pdf"
    file.write_bytes(label_pdf(label("final", stock, copies=2)))
    with pikepdf.open(file) as pdf:
        box = [float(number) for number in pdf.pages[0].mediabox]
        assert len(pdf.pages) == (1 if stock.startswith("a4") else 2)
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
    assert [box[2] / MM, box[3] / MM] == pytest.approx([wide, high], abs=0.01)


@pytest.mark.parametrize(("kind", "stock"), sorted(TOO_SMALL))
def test_what_does_not_fit_is_refused_and_never_cut(kind: str, stock: str) -> None:
    with pytest.raises(TooSmall, match="Choose a larger stock"):
        label_pdf(label(kind, stock))


def test_a_character_that_no_typeface_has_is_an_error() -> None:
    with pytest.raises(MissingGlyph):
        lay_out(STOCKS["100x50"], CODE, (Line("product", "Zellen \U0001f9ec", "proper name"),))


@pytest.mark.parametrize("code", ["SPRITZE-Ä", "X" * 4000])
def test_a_code_that_no_data_matrix_takes_is_refused(code: str) -> None:
    with pytest.raises(NotEncodable):
        data_matrix(code)


def test_the_same_print_gives_the_same_bytes() -> None:
    assert label_pdf(label("final", "50x25")) == label_pdf(label("final", "50x25"))
