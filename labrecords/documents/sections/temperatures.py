"""The temperatures of transports and storage: what was measured, what is missing, and the time outside in all."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column, Tag
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.domain.custody.excursions import total
from labrecords.domain.custody.exposure import Period, allowed_out, exposures, outside_of, periods, range_of
from labrecords.domain.custody.temperature_logs import missing_in, summary_of
from labrecords.domain.rules.temperature_findings import RULES, minutes, range_words
from labrecords.domain.values.numbers import plain


def draw_temperatures(sheet: Sheet) -> None:
    """A row for each transport and each time in store, and what follows; nothing where there was none."""
    record = sheet.edition.record
    found = periods(record)
    if not found:
        return
    allowed = range_of(record)
    rows: list[Row] = []
    for period in found:
        out = f"{minutes(total(outside_of(record, period)))} min" if allowed else "not judged"
        rows.append(
            (
                period.container,
                f"{period.kind}: {period.where}",
                sheet.edition.when(period.start),
                sheet.edition.when(period.end) if period.end else "lasts",
                _measured(sheet.edition, period),
                out,
            )
        )
    columns = (
        Column("Container", 20),
        Column("What and where", 36),
        Column("From", 26),
        Column("Until", 26),
        Column("Measured", 52),
        Column("Outside", 18, "r"),
    )
    table(sheet, columns, rows, "Temperatures in transport and in store", _notes(sheet.edition))


def _measured(edition: Edition, period: Period) -> str:
    """The readings in numbers with what was measured by hand beside them, or what was stated at both ends."""
    said = []
    for log in period.logs:
        found = summary_of(log, period.start, period.until)
        missing = missing_in(log, period.start, period.until)
        count = f"{found.count} readings" if found else "no reading in it, one"
        words = f"logger, {count} every {log.every_s} s ({log.clock})"
        if found:
            words += f": {plain(found.least_c)} to {plain(found.most_c)} °C, mean {plain(found.mean_c)} °C"
        gaps = [f"{edition.when(start)} to {edition.when(end)}" for start, end in missing[:3]]
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        said.append(words + (f"; missing {', '.join(gaps)}{more}" if gaps else ""))
    if said:
        by_hand = [f"by hand {plain(one.sample.celsius)} °C {one.when}" for one in period.stated]
        return "; ".join([*said, *by_hand])
    ends = (("beginning", period.at_start_c), ("end", period.at_end_c))
    return (
        ", ".join(f"{plain(value)} °C at the {end}" for end, value in ends if value is not None) or NOT_STATED
    )


def _notes(edition: Edition) -> list[tuple[Tag | None, str]]:
    record, allowed = edition.record, range_of(edition.record)
    notes: list[tuple[Tag | None, str]] = [
        (tags_of([flag])[0], flag.finding.sentence) for flag in edition.flags if flag.finding.rule in RULES
    ]
    if allowed is None:
        return [*notes, (None, "The process gives no range of temperature: nothing is judged.")]
    in_all = ", ".join(f"{item.container} {minutes(item.lasted)} min" for item in exposures(record))
    said = f"Outside {range_words(allowed)} in all, at most {minutes(allowed_out(record))} min: {in_all}."
    return [*notes, (None, said)]
