"""Strict reading of tables: every value has its type, nothing is unknown, and every error is noted with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from labrecords.domain.processes.process_lines import Path
from labrecords.domain.values.text import NotText, clean_text

NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_TYPES = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def meant(word: str, known: Iterable[str]) -> str:
    """ " Did you mean “harvest”?" for a word that is close to a known one, else nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean “{close[0]}”?" if close else ""


@dataclass
class Noted:
    """The errors that were found so far, by place."""

    problems: list[tuple[Path, str]] = field(default_factory=list)
    places: set[Path] = field(default_factory=set)

    def add(self, path: Path, sentence: str) -> None:
        self.problems.append((path, sentence))
        self.places.add(path)

    def has(self, path: Path) -> bool:
        """Whether something is wrong at this very place."""
        return path in self.places


@dataclass
class Table:
    """A table while it is read. A value that is wrong is noted, and something of its type is given instead."""

    data: dict[str, Any]
    path: Path
    noted: Noted
    asked: set[str] = field(default_factory=set)

    def wrong(self, name: str, sentence: str) -> None:
        self.noted.add((*self.path, name), sentence)

    def _value(self, name: str, kind: type, *, required: bool) -> Any:
        """The value, or None when it is missing or of another type."""
        self.asked.add(name)
        if name not in self.data:
            if required:
                self.wrong(name, f"“{name}” is missing.")
            return None
        value = self.data[name]
        if type(value) is not kind:
            advice = (
                ' Write numbers in quotation marks, like "1.0".'
                if kind is str and type(value) in (int, float)
                else ""
            )
            self.wrong(
                name, f"This is {_TYPES.get(type(value), 'a date or time')}, not {_TYPES[kind]}.{advice}"
            )
            return None
        return value

    def text(self, name: str, *, required: bool = True, limit: int = 300, multiline: bool = False) -> str:
        """Text that the record can print; "" where it is missing."""
        value = self._value(name, str, required=required)
        if value is None:
            return ""
        cleaned = self._clean(name, value, limit=limit, multiline=multiline)
        if required and not cleaned and not self.noted.has((*self.path, name)):
            self.wrong(name, f"“{name}” is empty.")
        return cleaned

    def _clean(self, name: str, value: str, *, limit: int, multiline: bool = False) -> str:
        try:
            return clean_text(value, limit=limit, multiline=multiline)
        except NotText as error:
            self.wrong(name, str(error))
            return ""

    def key(self, name: str) -> str:
        """A word of small letters, digits, hyphen and underscore."""
        value = self.text(name)
        if value and not KEY.fullmatch(value):
            self.wrong(
                name, f"“{value}” is no key: begin with a small letter, then small letters, digits, - and _."
            )
        return value

    def one_of(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the words that are allowed."""
        value = self.text(name, required=default is None)
        if value and value not in allowed:
            self.wrong(name, f"“{value}” is not one of {', '.join(allowed)}.{meant(value, allowed)}")
            return default or ""
        return value or default or ""

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self._value(name, bool, required=default is None)
        return bool(default) if value is None else value

    def whole(self, name: str, default: int | None = None, *, most: int = 1_000_000) -> int:
        """A whole number from 0 to `most`."""
        value = self._value(name, int, required=default is None)
        if value is not None and not 0 <= value <= most:
            self.wrong(name, f"Write a whole number from 0 to {most}.")
            value = None
        return default or 0 if value is None else value

    def number(self, name: str, *, required: bool = False) -> Decimal | None:
        """A number that is written in quotation marks, so that its decimals are kept; None for "" or nothing."""
        value = self._value(name, str, required=required)
        if value == "" and required:
            self.wrong(name, f"“{name}” is empty.")
        return self.decimal(name, value) if value else None

    def decimal(self, name: str, value: str) -> Decimal | None:
        if not NUMBER.fullmatch(value):
            self.wrong(name, f"“{value[:40]}” is not a number. Write it with digits and a decimal point.")
            return None
        return Decimal(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, none of them twice; () where there is none."""
        value = self._value(name, list, required=False)
        found = []
        for item in value or ():
            if type(item) is not str:
                self.wrong(name, "Every entry of this list is text in quotation marks.")
                return ()
            found.append(self._clean(name, item, limit=500))
            if not found[-1] and not self.noted.has((*self.path, name)):
                self.wrong(name, "An entry of this list is empty.")
        if len(set(found)) != len(found) and not self.noted.has((*self.path, name)):
            self.wrong(name, "An entry of this list stands here twice.")
        return tuple(found)

    def words(self, name: str, allowed: Collection[str]) -> tuple[str, ...]:
        """A list of words that are allowed, in the order of `allowed`; () where there is none."""
        found = self.texts(name)
        for word in found:
            if word and word not in allowed:
                sentence = f"“{word[:60]}” is not one of {', '.join(allowed)}.{meant(word, allowed)}"
                self.wrong(name, sentence)
        return tuple(word for word in allowed if word in found)

    def table(self, name: str, *, required: bool = False) -> Table | None:
        value = self._value(name, dict, required=required)
        return None if value is None else Table(value, (*self.path, name), self.noted)

    def tables(self, name: str, *, required: bool = False) -> list[Table]:
        """A list of tables: [[name]] in the text."""
        value = self._value(name, list, required=required)
        found = []
        for index, item in enumerate(value or ()):
            if type(item) is dict:
                found.append(Table(item, (*self.path, name, index), self.noted))
            else:
                self.noted.add(
                    (*self.path, name, index),
                    f"This is {_TYPES.get(type(item), 'a date or time')}, not a table.",
                )
        return found

    def inner(self) -> Iterable[Table]:
        """Every value of this table, which are tables themselves."""
        for name in self.data:
            table = self.table(name)
            if table is not None:
                yield table

    def done(self) -> None:
        """Note every key that nobody asked for."""
        missing = self.asked - set(self.data)
        for name in self.data:
            if name not in self.asked:
                self.wrong(name, f"“{name[:60]}” is not known here.{meant(name, missing)}")
