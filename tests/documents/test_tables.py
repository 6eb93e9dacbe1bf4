"""Tables: heads repeated, rows kept whole where they can be, nothing lost where they cannot."""

from __future__ import annotations

import pytest

from labrecords.documents.drawing.typefaces import COND, COND_BOLD
from labrecords.documents.pages.cells import Cell, Column, Tag, cell_lines
from labrecords.documents.pages.column_widths import fitted_columns
from labrecords.documents.pages.geometry import BOTTOM, MEASURE
from labrecords.documents.pages.tables import table
from labrecords.documents.pages.uncut import uncut
from tests.support.printed import finished, pages_of, sheet, squeezed, text_of

COLUMNS = (Column("No.", 10, "r"), Column("Words", 128), Column("Value", 40, "d"))


def test_heads_are_repeated_on_every_page() -> None:
    drawn = sheet()
    table(drawn, COLUMNS, [(str(number), f"row {number} here", "1.5") for number in range(120)], "Many rows")
    pages = pages_of(finished(drawn))
    assert len(pages) == 3
    assert "Table 1-1 Many rows\n" in pages[0]
    assert all("Table 1-1 Many rows (continued)" in page for page in pages[1:])
    assert all("Table 1-1 continues on the next page" in page for page in pages[:-1])
    assert all(f"row {number} here" in "".join(pages) for number in range(120))


def test_the_code_of_a_container_is_not_cut_where_another_column_can_spare_the_room() -> None:
    code, digest = "MFAT-DEMO-LAV1", "0123456789abcdef" * 4
    drawn = sheet()
    columns = (Column("Container", 18), Column("Words", 120), Column("Digest", 40))
    table(drawn, columns, [(Cell(code, mark="fail"), "some words", digest)], "Narrow")
    said = text_of(finished(drawn))
    assert code in said
    assert digest not in said, "what is longer than a code is broken, and takes nothing from the others"
    wide = (Column("Container", 18), Column("Other", 18))
    both = uncut(wide, [(code, code)], [4.4, 4.4], 6.7)
    assert [column.wide_mm for column in both] == [18, 18], "nobody has room to spare"


def test_short_tables_stay_on_one_page() -> None:
    drawn = sheet()
    drawn.y = BOTTOM + 60
    table(drawn, COLUMNS, [(str(number), "short", "1") for number in range(5)], "Few rows")
    assert len(drawn.pages) == 2
    assert "Few rows" not in pages_of(finished(drawn))[0]


def test_a_row_taller_than_a_page_is_parted_and_nothing_is_lost() -> None:
    text = "\n".join(f"line {number} of the note" for number in range(300))
    drawn = sheet()
    table(drawn, COLUMNS, [("1", "before", ""), ("2", text, "7"), ("3", "after", "")], "A long note")
    pages = pages_of(finished(drawn))
    assert len(pages) > 3
    assert all(f"line {number} of the note" in "".join(pages) for number in range(300))
    assert drawn.y >= BOTTOM


def test_numbers_stand_on_the_decimal_point() -> None:
    drawn = sheet()
    table(drawn, (Column("Value", 40, "d"), Column("", 138)), [("1.25", ""), ("100", ""), ("0.5", "")])
    starts = [
        float(part.split(" Tm")[0].split(" ")[-2])
        for part in drawn.ink.page
        if isinstance(part, str) and " Tm" in part
    ]
    wide = COLUMNS[2].size * 0.54
    whole, half, quarter = starts[-2], starts[-1], starts[-3]
    point = quarter + wide
    assert half + wide == pytest.approx(point, abs=0.02)
    assert whole + 3 * wide == pytest.approx(point, abs=0.02)


def test_a_corrected_value_stands_beside_its_old_one() -> None:
    (line,) = cell_lines(Cell("2400", old=("2004",), tags=(Tag("C1"),)), Column("Value", 60), 150)
    assert [(piece.text, piece.kind, piece.face) for piece in line.pieces] == [
        ("2004", "struck", COND),
        ("2400", "text", COND_BOLD),
        ("C1", "tag", COND),
    ]


def test_long_old_values_are_struck_through_line_by_line() -> None:
    lines = cell_lines(Cell("new " * 20, old=("old " * 20, "older\nstill")), Column("Value", 60), 100)
    struck = [piece.text for line in lines for piece in line.pieces if piece.kind == "struck"]
    assert squeezed("".join(struck)) == "old" * 20 + "olderstill"
    assert all(line.wide() <= 106 for line in lines)


def test_a_struck_value_has_a_line_through_it() -> None:
    drawn = sheet()
    table(drawn, COLUMNS, [("1", Cell("new", old=("old",)), "")])
    strokes = [part for part in drawn.ink.page if isinstance(part, str) and part.endswith(" S")]
    assert any("0.8 w" in part for part in drawn.ink.page if isinstance(part, str))
    assert strokes


def test_tags_are_repeated_at_the_edge() -> None:
    drawn = sheet()
    table(drawn, COLUMNS, [("1", Cell("value", tags=(Tag("L7"),)), "")])
    assert text_of(finished(drawn)).count("L7") == 2


def test_the_text_of_a_cell_stays_together() -> None:
    drawn, text = sheet(), "several words that need more than one line of this column " * 6
    table(drawn, (Column("A", 60), Column("B", 60)), [(text, "other " * 40)])
    assert squeezed(text) in squeezed(text_of(finished(drawn)))


@pytest.mark.parametrize("wide", [1, 12, 90])
def test_fitted_columns_fill_the_measure(wide: int) -> None:
    titles = ["No.", "Structure", "Level", "Volume, mL", "Injected at"]
    columns = fitted_columns(
        titles, [["1", "x" * wide, "L4/5", "2.0", "y" * wide]], ["r", "l", "l", "d", "l"]
    )
    assert sum(column.wide for column in columns) == pytest.approx(MEASURE)
    assert min(column.wide for column in columns) > 10


def test_a_table_without_rows_is_not_drawn() -> None:
    drawn = sheet()
    table(drawn, COLUMNS, [], "Nothing")
    assert not drawn.ink.page
