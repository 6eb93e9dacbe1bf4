"""Master records: how long a batch takes to open with a long one that was not read before."""

from __future__ import annotations

import time

from labrecords.actions.batches import open_batch
from labrecords.actions.laboratory import shipped_processes
from labrecords.actions.masters import approve_master, prepare_master, save_draft
from labrecords.demo.masters import FOLLOWED
from labrecords.demo.story import Story
from labrecords.domain.processes.masters import FILE
from labrecords.domain.processes.parameters import parameters_of
from labrecords.domain.processes.process_text import read_process
from labrecords.models import batch_record

STEPS, PARAMETERS = 60, 300


def long_master() -> str:
    """The shipped process with so many spins more that it has 60 steps, and limits for 300 parameters or more."""
    text = next(item for item in shipped_processes() if f'key = "{FOLLOWED}"' in item)
    text = text.replace(f'key = "{FOLLOWED}"', 'key = "long"', 1)
    begin = text.index('[[step]]\nkey = "spin_2"')
    end = text.index("[[step]]", begin + 1)
    process = read_process(text)
    missing = STEPS - len(process.steps)
    wanted = PARAMETERS - sum(len(step.limits) for step in process.steps)
    limits = "".join(
        f'limits."{item.name}" = {{ unit = "{item.unit}", decimals = 1, hard = ["0", "90000"] }}\n'
        for item in parameters_of("centrifugation")[: -(-wanted // missing)]
    )
    spin = (
        'kind = "centrifugation"\ntitle = "Spin again"\ninstruction = "Spin the tube once more."\n' + limits
    )
    return (
        text[:end]
        + "".join(f'[[step]]\nkey = "spin_{number}"\n{spin}\n' for number in range(3, 3 + missing))
        + text[end:]
    )


def issue_s(story: Story) -> dict[str, float]:
    """Seconds of CPU to read the text, and to open a batch with it in a process that has not read it."""
    text, cast = long_master(), story.cast
    digest = save_draft(cast.by("vic"), text=text, origin=FILE)
    prepare_master(cast.by("vic"), digest=digest, proof=cast.proof("vic"))
    day = story.clock().date()
    approve_master(cast.by("quentin"), digest=digest, effective_from=day, proof=cast.proof("quentin"))
    read_process.cache_clear()
    begin = time.process_time()
    process = read_process(text)
    read = time.process_time() - begin
    assert len(process.steps) == STEPS
    assert sum(len(step.limits) for step in process.steps) >= PARAMETERS
    read_process.cache_clear()
    batch_record._PROCESSES.clear()
    begin = time.process_time()
    open_batch(cast.by("tess"), process_digest=digest, patient_code="P-1", identity_code="")
    return {"read": read, "batch opened": time.process_time() - begin}
