"""Answers about a record, kept beside it: a record never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT")
KeyT = TypeVar("KeyT")


def grouped(items: Iterable[ItemT], key: Callable[[ItemT], KeyT]) -> dict[KeyT, tuple[ItemT, ...]]:
    """The items by a key, each group in the order given: what is asked for every entry is looked up, not looked for."""
    found: dict[KeyT, list[ItemT]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return {one: tuple(group) for one, group in found.items()}


def once(question: Callable[[BatchRecord], AnswerT]) -> Callable[[BatchRecord], AnswerT]:
    """Keep the answer to a question beside the record: asked again, it costs nothing."""
    name = f"{question.__module__}.{question.__qualname__}"

    @wraps(question)
    def ask(record: BatchRecord) -> AnswerT:
        kept = vars(record)
        if name not in kept:
            kept[name] = question(record)
        answer: AnswerT = kept[name]
        return answer

    return ask
