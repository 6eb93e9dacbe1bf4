"""Quality assurance explains by signature what blocks the release of a run."""

from __future__ import annotations

from collections.abc import Mapping

from labrecords.actions.door import BatchRef
from labrecords.actions.investigating import investigate
from labrecords.demo.cast import Cast
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.investigation import may_be_investigated, name_of
from labrecords.domain.rules.findings import findings


def explain(cast: Cast, record: BatchRecord, reasons: Mapping[str, str]) -> None:
    """Sign for each finding that can be investigated what was looked into and found: `reasons`, by its rule."""
    for finding in findings(record):
        if may_be_investigated(finding):
            investigate(
                cast.by("quentin"),
                batch=BatchRef(record.batch.id),
                finding=name_of(finding),
                reason=reasons[finding.rule],
                proof=cast.proof("quentin"),
            )
