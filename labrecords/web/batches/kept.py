"""Records read lately, with the answers of the rules to them. A record is what its chain says, so it is good for as
long as the head of the chain stands: a batch that nobody writes is read from the database once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

from labrecords.domain.custody.recalls import Recalled
from labrecords.domain.record import Batch, BatchRecord
from labrecords.models.batch_record import batch_chain, head_of, laboratory, load_record
from labrecords.models.recalls import all_recalls

MOST = 64


class KeptRecords:
    """The records of one application, those used last."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, BatchRecord] = OrderedDict()
        self._recalls: tuple[Recalled, ...] = ()
        self._lock = threading.Lock()

    def of(self, session: Session, batch: Batch) -> BatchRecord:
        """The record of a batch as it is committed now."""
        recalls = all_recalls(session)
        with self._lock:
            if recalls != self._recalls:
                # A recall changes what a record says without a word in its chain.
                self._recalls = recalls
                self._records.clear()
            record = self._records.get(batch.id)
        if record is not None and self._stands(session, record):
            return record
        # The head is read before the rows: a record with rows beyond its head is asked for once and never again.
        record = load_record(session, batch)
        with self._lock:
            self._records[batch.id] = record
            self._records.move_to_end(batch.id)
            while len(self._records) > MOST:
                self._records.popitem(last=False)
        return record

    def _stands(self, session: Session, record: BatchRecord) -> bool:
        head = head_of(session, batch_chain(record.batch.id))
        return head == record.head and laboratory(session) == record.laboratory
