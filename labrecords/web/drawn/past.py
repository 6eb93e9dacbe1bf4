"""An earlier step, folded, as HTML. For components/steps.html, which says what it needs."""

from __future__ import annotations

from markupsafe import Markup, escape

from labrecords.web.drawn.html import html
from labrecords.web.drawn.status import Icon
from labrecords.web.parts import PastStep


def past_step(icon: Icon, past: PastStep) -> Markup:
    """The step in one line: who did it and who checked it; open, what was recorded."""
    checked = f" · {escape(past.checked)} {icon('check', 'confirmed')}" if past.checked else ""
    link = f' <a href="{escape(past.url)}">Open step {past.number}</a>' if past.url else ""
    return html(
        f'<details class="past"{" open" if past.open else ""}><summary><span>{past.number}</span>'
        f"<span>{escape(past.title)}</span>"
        f'<span class="small quiet">{escape(past.by)}{checked}</span></summary>\n'
        f'<div class="small">{escape(past.summary)}{link}</div></details>\n'
    )
