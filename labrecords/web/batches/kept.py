"""Records read lately, with the answers of the rules to them. A record is what its chain says, so it is good for as
long as the head of the chain stands: a batch that nobody writes is read from the database once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

from labrecords.actions.door import RECALLS
from labrecords.domain.record import Batch, BatchRecord, Head
from labrecords.models.batch_record import batch_chain, heads_of, laboratory, load_record

MOST = 64


class KeptRecords:
    """The records of one application, those used last."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, tuple[BatchRecord, Head]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, batch: Batch) -> BatchRecord:
        """The record of a batch as it is committed now."""
        # The heads are read before the rows: a record with rows beyond its head is asked for once and never again.
        head, recalls = heads_of(session, batch_chain(batch.id), RECALLS)
        with self._lock:
            kept = self._records.get(batch.id)
        if kept is not None:
            record, under = kept
            # A recall changes what a record says without a word in its chain.
            if record.head == head and under == recalls and record.laboratory == laboratory(session):
                return record
        record = load_record(session, batch)
        with self._lock:
            self._records[batch.id] = (record, recalls)
            self._records.move_to_end(batch.id)
            while len(self._records) > MOST:
                self._records.popitem(last=False)
        return record
