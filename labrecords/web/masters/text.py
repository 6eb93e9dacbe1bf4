"""The text of a master record, changed by a page: what the page does not touch keeps its words, order and comments.

A page says what the text is to hold (the plain data that it reads as). `rewritten` brings the text there with as few
changes as it can, and proves it by reading the result.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Item

Data = dict[str, Any]
DOTTED = "limits"
"""Tables of tables that are written with dotted keys, one line for each."""
_HEADER = re.compile(r"(?<!\n)\n(?=\[)")


class CannotRewrite(ValueError):
    """The text is arranged in a way that a page cannot change; a person can."""

    def __init__(self) -> None:
        super().__init__(
            "The text of this draft is arranged in a way that this page cannot change. Edit the text itself."
        )


def plain(text: str) -> Data:
    """What a text says, as plain data. For texts that the reader has accepted."""
    return tomllib.loads(text)


def rewritten(text: str, wanted: Data) -> str:
    """The text changed so that it says what is wanted. Raises CannotRewrite."""
    for anew in (False, True):
        try:
            document = tomlkit.parse(text)
            _sync(document, wanted, anew=anew)
            found = tomlkit.dumps(document)
            if tomllib.loads(found) == wanted:
                return _spaced(found, wanted)
        except (TOMLKitError, ValueError, KeyError, IndexError, AttributeError, TypeError):
            continue
    raise CannotRewrite


def _spaced(text: str, wanted: Data) -> str:
    """A blank line before every heading, where that changes nothing but the looks."""
    found = _HEADER.sub("\n\n", text).rstrip("\n") + "\n"
    return found if tomllib.loads(found) == wanted else text


def _sync(table: Any, wanted: Mapping[str, Any], *, anew: bool) -> None:
    """Bring a table of the document to what is wanted, key by key."""
    for name in [name for name in table if name not in wanted]:
        del table[name]
    for name, value in wanted.items():
        if name in table and table[name] == value:
            continue
        if _is_tables(value):
            _sync_tables(table, name, value, anew=anew)
        elif isinstance(value, dict) and name in table and not isinstance(table[name], InlineTable):
            _sync(table[name], value, anew=anew)
        elif isinstance(value, dict) and name == DOTTED:
            for inner, limit in value.items():
                table.append(tomlkit.key([name, inner]), _item(limit))
        elif name in table:
            table[name] = _item(value, _raw(table, name))
        else:
            table[name] = _item(value)


def _raw(table: Any, name: str) -> Any:
    """A value with the white space and the comment around it; a truth value comes without them where it is read."""
    container = getattr(table, "value", table)
    return container.item(name) if hasattr(container, "item") else table[name]


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _sync_tables(table: Any, name: str, wanted: Sequence[Data], *, anew: bool) -> None:
    """Bring a list of tables to what is wanted. Tables with a key are recognised by it, others by their place."""
    if name not in table or not isinstance(table[name], AoT):
        fresh = tomlkit.aot()
        for item in wanted:
            fresh.append(_table(name, item))
        table[name] = fresh
        return
    tables, known = table[name], {item.get("key") for item in wanted}
    if len({item.get("key") for item in tables}) == len(tables):
        for place in reversed(range(len(tables))):
            if tables[place].get("key") not in known:
                del tables[place]
    else:
        while len(tables) > len(wanted):
            del tables[len(tables) - 1]
    for place, item in enumerate(wanted):
        _place(tables, place, name, item, anew=anew)


def _place(tables: AoT, place: int, name: str, wanted: Data, *, anew: bool) -> None:
    key = wanted.get("key")
    found = next((at for at in range(place, len(tables)) if tables[at].get("key") == key), None)
    if found is None:
        tables.insert(place, _table(name, wanted))
        return
    if found != place:
        moved = tables[found]
        del tables[found]
        tables.insert(place, moved)
    if tables[place] != wanted and anew:
        del tables[place]
        tables.insert(place, _table(name, wanted))
    else:
        _sync(tables[place], wanted, anew=anew)


def _table(name: str, wanted: Data) -> Any:
    """A new table of a list, in the way in which the shipped texts are written."""
    lines = [f"[[{name}]]"]
    for key, value in wanted.items():
        if key == DOTTED:
            lines += [f"{key}.{_key(inner)} = {_written(limit)}" for inner, limit in value.items()]
        else:
            lines.append(f"{_key(key)} = {_written(value)}")
    parsed: Any = tomlkit.parse("\n".join([*lines, "", ""]))
    return parsed[name][0]


def _item(value: Any, before: Any = None) -> Item:
    """A value as it stands in the text, with the comment of the value that it replaces."""
    parsed: Any = tomlkit.parse(f"x = {_written(value)}\n")
    item: Item = parsed.item("x")
    item.trivia.trail = "\n"
    if getattr(before, "trivia", None) and before.trivia.comment:
        item.trivia.comment_ws, item.trivia.comment = before.trivia.comment_ws or " ", before.trivia.comment
    return item


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_written(item)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_written(item) for item in value)}]"
    return str(tomlkit.item(value).as_string())


def _key(name: str) -> str:
    return tomlkit.key(name).as_string()
