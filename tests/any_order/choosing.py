"""Which act comes next: mostly one by the rules in a careful batch, else any act, weighed by how far the batch is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from tests.any_order.attempts import Attempt
from tests.any_order.model import PROCESSING, Batch
from tests.any_order.readings import ORDER
from tests.any_order.recording import Recording
from tests.any_order.signing import Seal, Signing

STAGES = ("opened", "under way", "complete", "decided", "closed", "voided")
WEIGHTS = {
    "record what follows": (20, 24, 10, 24, 0, 8),
    "confirm what is open": (16, 24, 14, 20, 8, 6),
    "record anything": (8, 6, 4, 6, 10, 6),
    "record after all": (0, 8, 6, 5, 6, 2),
    "correct": (4, 8, 6, 7, 10, 4),
    "repeat": (3, 6, 3, 4, 6, 2),
    "leave out": (5, 6, 3, 6, 5, 4),
    "confirm anything": (5, 4, 5, 5, 8, 4),
    "pause": (4, 3, 2, 3, 4, 4),
    "bypass": (4, 5, 2, 2, 3, 4),
    "decide": (6, 5, 28, 8, 12, 6),
    "close": (5, 2, 4, 6, 20, 4),
    "void": (16, 2, 3, 3, 5, 6),
}
"""How likely an act is, in each of the stages."""


class Attempts(Recording, Signing):
    """Every attempt that there is."""


class Calm(Random):
    """Draws nothing that goes wrong."""

    def random(self) -> float:
        return 0.99

    def getrandbits(self, bits: int) -> int:
        return super().getrandbits(bits)


class Chooser:
    """Chooses the next act of a batch."""

    def __init__(self, forms: Attempts, calm: Attempts, seal: Seal) -> None:
        self.forms, self.calm, self.seal = forms, calm, seal

    def choose(self, batch: Batch) -> Attempt:
        """The next act: one by which the batch comes nearer to its end, or any that can be tried at all."""
        draw, now = self.forms.draw, stage(batch)
        if now not in ("closed", "voided") and draw.random() < batch.care:
            return self._onwards(batch)
        options = {name: makers for name, makers in self._options(batch).items() if makers}
        weights = [WEIGHTS[name][STAGES.index(now)] for name in options]
        return draw.choice(options[draw.choices(list(options), weights)[0]])()

    def _options(self, batch: Batch) -> dict[str, list[Callable[[], Attempt]]]:
        """What can be tried now, by kind; each kind has its acts, by the steps that they can be about."""
        forms, following = self.forms, batch.next_step()
        recorded = [key for key in ORDER if batch.versions[key]]
        unconfirmed = [version.key for version in batch.standing() if batch.outstanding(version)]
        left_out = [key for key in ORDER if batch.notes[key] and not batch.versions[key]]
        steps: dict[str, tuple[Callable[[Batch, str], Attempt], list[str]]] = {
            "record what follows": (forms.record, [following] if following else []),
            "confirm what is open": (self._confirm, unconfirmed),
            "record anything": (forms.record, list(ORDER)),
            "record after all": (forms.record, left_out),
            "correct": (forms.correct, recorded),
            "repeat": (forms.repeat, recorded),
            "leave out": (forms.leave_out, [*ORDER, *left_out * 3, *([following] * 4 if following else [])]),
            "confirm anything": (forms.confirm, recorded),
            "pause": (forms.pause, list(ORDER)),
        }
        whole: dict[str, list[Callable[[], Attempt]]] = {
            "bypass": [partial(forms.bypass, batch)],
            "decide": [partial(forms.decide, batch, self.seal)],
            "close": [partial(forms.close, batch, self.seal)],
            "void": [partial(forms.void, batch)],
        }
        return whole | {
            name: [partial(make, batch, key) for key in keys] for name, (make, keys) in steps.items()
        }

    def _confirm(self, batch: Batch, key: str) -> Attempt:
        return self.forms.reenter(batch) if key == "receipt" else self.forms.confirm(batch, key)

    def _onwards(self, batch: Batch) -> Attempt:
        """An act by which a batch comes nearer to its end."""
        following, decision = batch.next_step(), batch.decision(self.forms.lab.clock.now)
        for version in batch.standing():
            for act, _ in sorted(batch.outstanding(version)):
                if act == "verified" and version.key == "receipt":
                    return self.calm.reenter(batch)
                return self.calm.confirm(batch, version.key)
        if following in (None, *ORDER[len(PROCESSING) :]) and decision in (None, "on hold"):
            return self.calm.decide(batch, self.seal, "released")
        return self.calm.record(batch, following) if following else self.calm.close(batch, self.seal)


def stage(batch: Batch) -> str:
    """How far a batch is: one of `STAGES`."""
    if batch.voided or batch.closed_at:
        return "voided" if batch.voided else "closed"
    if batch.decisions:
        return "decided"
    if batch.next_step() not in PROCESSING:
        return "complete"
    return "under way" if any(batch.versions[key] for key in ORDER[1:]) else "opened"
