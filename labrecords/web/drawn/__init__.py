"""Parts of a page that it has by dozens, drawn in Python: a template takes three times as long for each.

A template finds them where all macros are, in templates/components, each under its own name. What is drawn in this
room is drawn nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from labrecords.web.drawn import derived, echo, field, past, rows, status, widgets

WITH_ICONS: dict[str, Callable[..., Markup]] = {
    "derived": derived.derived,
    "entry_line": field.entry_line,
    "field": field.field,
    "field_error": rows.errors,
    "judged": status.judged,
    "outcome_tag": status.outcome_tag,
    "past_step": past.past_step,
    "tag": status.tag,
    "verdict": status.verdict,
    "verdict_cell": echo.verdict_cell,
}
"""What begins with an argument that the templates do not give: what draws the icons of this site."""
PLAIN: dict[str, Callable[..., Markup]] = {
    "echo_cell": echo.echo_cell,
    "mark": status.mark,
    "rail": echo.rail,
    "segments": field.segments,
    "working": derived.working,
}


def register(environment: Environment) -> None:
    """Make them known to the templates as `drawn`; they need the globals asset(path) and csrf_token()."""
    shared: MutableMapping[str, Any] = environment.globals

    def icon(*given: Any, **more: Any) -> Markup:
        return widgets.icon(shared["asset"]("icons.svg"), *given, **more)

    with_icons = {name: partial(function, icon) for name, function in WITH_ICONS.items()}
    hidden_fields = partial(field.hidden_fields, lambda: shared["csrf_token"]())
    shared["drawn"] = {
        "icon": icon,
        "icons": status.ICONS,
        "hidden_fields": hidden_fields,
        **with_icons,
        **PLAIN,
    }
