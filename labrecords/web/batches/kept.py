"""Records read lately, with the answers of the rules to them. A record is what its chain says, so it is good for as
long as the head of the chain stands: a batch that nobody writes is read from the database once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

from labrecords.actions.door import RECALLS
from labrecords.domain.record import BatchRecord, Head
from labrecords.models.batch_record import find_batch, head_of, heads_of, laboratory, load_record

MOST = 64


class KeptRecords:
    """The records of one application, those used last, by the number of the batch."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, tuple[BatchRecord, Head]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, number: str) -> BatchRecord | None:
        """The record of a batch as it is committed now; None where no batch has this number."""
        with self._lock:
            kept = self._records.get(number)
            if kept is not None:
                self._records.move_to_end(number)
        if kept is not None and _stand(session, *kept):
            return kept[0]
        batch = find_batch(session, number)
        if batch is None:
            return None
        # Heads are read before the rows: a record with rows beyond its head is asked for once and never again.
        recalls = head_of(session, RECALLS)
        record = load_record(session, batch)
        with self._lock:
            self._records[number] = (record, recalls)
            self._records.move_to_end(number)
            while len(self._records) > MOST:
                self._records.popitem(last=False)
        return record


def _stand(session: Session, record: BatchRecord, recalls: Head) -> bool:
    """Whether nothing was written since. A recall changes what a record says without a word in its chain."""
    now = heads_of(session, record.head.chain, RECALLS)
    return now == (record.head, recalls) and laboratory(session) == record.laboratory
