"""A test client that fills in the forms of a page as a browser does: with every hidden field that stands there."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Form:
    """One form of a page: where it goes, and what it would send as it stands."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.values: dict[str, list[str]] = {}
        self.names: set[str] = set()

    def add(self, name: str, value: str | None) -> None:
        self.names.add(name)
        if value is not None:
            self.values.setdefault(name, []).append(value)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in given:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text").lower()
            if kind in ("checkbox", "radio"):
                self._form.add(name, given.get("value", "on") if "checked" in given else None)
            elif kind not in ("submit", "button", "image", "file"):
                self._form.add(name, given.get("value", ""))
            else:
                self._form.add(name, None)
        elif tag == "button" and name:
            self._form.add(name, None)
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea" and name:
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select and self._form is not None:
            chosen = [value for value, selected in self._options if selected]
            self._form.add(self._select, (chosen or [value for value, _ in self._options[:1]] or [""])[0])
            self._select = None
        elif tag == "textarea" and self._area and self._form is not None:
            self._form.add(self._area, self._text.removeprefix("\r").removeprefix("\n"))
            self._area = None


def forms_of(html: str) -> list[Form]:
    """The forms of a page, in order."""
    reader = _FormReader()
    reader.feed(html)
    return reader.forms


class PageClient(FlaskClient):
    """Flask's test client, and a way to send a form of a page."""

    def submit(
        self,
        page: str,
        fields: Mapping[str, Any] | None = None,
        *,
        having: str = "",
        response: TestResponse | None = None,
    ) -> TestResponse:
        """Open `page`, fill in its form and send it. Returns the answer, not followed.

        Everything that stands in the form is sent too (CSRF token, form key, versions). With several forms on the
        page the one `having` a field of that name is meant, else the first that posts. A field that the form does
        not have fails the test. `response` is the page where it was fetched already.
        """
        shown = response or self.get(page)
        assert shown.status_code in (200, 400, 403, 409), f"{page} answers {shown.status_code}"
        forms = [form for form in forms_of(shown.text) if form.method == "post"]
        chosen = [form for form in forms if not having or having in form.names]
        assert chosen, f"{page} has no form with {having or 'method post'}"
        form = chosen[0]
        sent: dict[str, Any] = {
            name: values if len(values) > 1 else values[0] for name, values in form.values.items()
        }
        for name, value in (fields or {}).items():
            assert name in form.names, f"{page} has no field {name}, only {', '.join(sorted(form.names))}"
            sent[name] = value
        return self.post(form.action or page, data=sent)
