"""Labels: the PDF of one label, laid out and drawn, warm."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from benchmarks.timing import median_ms
from labrecords.demo.story import Story
from labrecords.documents.labels.pdf import label_pdf
from labrecords.domain.custody.container_ids import new_code
from labrecords.domain.labels.contents import contents
from labrecords.domain.labels.legends import FINAL
from labrecords.domain.labels.prints import LabelPrint
from labrecords.domain.labels.stocks import STOCKS


def label_ms(story: Story, rounds: int = 25) -> dict[str, float]:
    """Median milliseconds of CPU for the PDF of one label of the final container, by its stock."""
    record, spent = story.record(), {}
    code = new_code(record.laboratory.site_code, 2026, 1)
    for key, stock in STOCKS.items():
        lines = contents(record, FINAL, code, stock, "15 to 25 °C")
        label = LabelPrint(
            "",
            record.batch.id,
            code,
            FINAL,
            key,
            1,
            1,
            lines,
            "",
            None,
            "",
            datetime(2026, 11, 23, tzinfo=UTC),
        )
        spent[key] = median_ms(lambda label=label: label_pdf(label), rounds, time.process_time)  # type: ignore[misc]
    return spent
