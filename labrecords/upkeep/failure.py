"""The one failure of upkeep, and the words for what a disk says."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UpkeepFailed(Exception):
    """What was asked for could not be done; the text says why and what mends it."""


_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this user is used up",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "this user may not write there",
    errno.ENOENT: "the folder is gone (was a disk taken out?)",
    errno.EIO: "the disk reports a fault",
}


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Turn what the operating system says about a place into a sentence. Raises UpkeepFailed."""
    try:
        yield
    except OSError as error:
        words = _WORDS.get(error.errno or 0, error.strerror or str(error))
        raise UpkeepFailed(f"{place} cannot be used: {words}.") from error
