"""The macros and layouts, rendered with sample values, and the rules that every template keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from wtforms import FieldList, Form, FormField, RadioField, SelectField, StringField, TextAreaField

from labrecords.domain.values.limits import judge
from labrecords.web import drawn, filters, parts
from labrecords.web.batches.life import life
from labrecords.web.failures import BARE, FRAMED
from labrecords.web.forms.view import entry_kind, error_list
from labrecords.web.frame import Frame, NavItem, Notice, Who
from tests.support import guide

ROOT = Path(__file__).parents[2]
TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"
GUIDE = ROOT / "tests" / "support" / "templates"
EVERY_TEMPLATE = sorted(file for folder in (TEMPLATES, GUIDE) for file in folder.rglob("*.html"))
WARSAW = ZoneInfo("Europe/Warsaw")
HOSTILE = "<script>alert(1)</script>\"'{{ 7*7 }}"
VOID = {"input", "meta", "link", "br", "hr", "rect", "line", "circle", "path", "use"}


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, GUIDE]),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters.register(made)
    drawn.register(made)
    made.globals.update(
        asset=lambda path: f"/static/{path}?v=0",
        csrf_token=lambda: "token",
        url_for=lambda endpoint, **_: f"/{endpoint}",
        page_url=lambda endpoint: f"/{endpoint}",
    )
    return made


def frame(**more: Any) -> Frame:
    values: dict[str, Any] = {
        "nav": (NavItem("home", "Work", True),),
        "person": Who("Tess Arden", "technician"),
        "theme": "system",
        "here": "/",
        "laboratory": "Cell Processing Unit, Kraków",
        "version": "0.1.0",
        "now": guide.NOW,
        "chain_head": guide.DIGEST,
        "chain_head_at": guide.NOW,
        "notices": (Notice("pass", "Saved."),),
    }
    return Frame(**values | more)


def page(name: str, **values: Any) -> str:
    given = {"frame": frame(), "zone": WARSAW} | values
    return environment().get_template(name).render(**given)


def macro(file: str, name: str) -> Any:
    return getattr(environment().get_template(f"components/{file}.html").module, name)


class Reader(HTMLParser):
    """Reads a page and keeps what the checks ask for; an element that is not closed is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else on line {self.getpos()[0]}"

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]


def guide_page() -> str:
    return page("guide.html", **guide.samples(WARSAW))


@cache
def pages() -> dict[str, str]:
    samples = guide.samples(WARSAW)
    error: dict[str, Any] = {
        "reference": "ab12",
        "sentence": "It did not work.",
        "reasons": (),
        "back": "/",
        "typed": [],
        "kept": None,
    }
    stop = parts.StopScreen(
        "Stop.", ("Do not inject.",), (parts.Link("/", "Again"),), "Locked.", "ab12", *samples["panels"]
    )
    found = {
        "guide": guide_page(),
        "sign in": page("accounts/sign_in.html", form=guide.SignatureForm(), passkeys=True, back="/"),
        "sign": page(
            "layouts/sign.html", bar=samples["bar"], form=guide.SignatureForm(), signing=guide.SIGNING
        ),
        "conflict": page("errors/conflict.html", bar=samples["bar"], found=guide.CONFLICT, reference="ab12"),
        "stop": page("errors/stop.html", screen=stop),
    }
    for status in (400, 403, 404, 405, 409, 413, 421, 429, 500, 503):
        for around in (FRAMED, BARE):
            found[f"{status}, {around}"] = page(f"errors/{status}.html", around=around, **error)
    return found


@pytest.mark.parametrize("name", list(pages()))
def test_a_page_is_whole_and_its_references_lead_somewhere(name: str) -> None:
    reader = Reader(pages()[name])
    ids = reader.ids()
    assert len(ids) == len(set(ids)), "an id stands twice"
    for tag, attrs in reader.elements:
        for attribute in ("for", "aria-labelledby", "aria-describedby"):
            for target in (attrs.get(attribute) or "").split():
                assert target in ids, f"<{tag} {attribute}> leads to {target}, which is not on the page"
        if tag == "a" and (attrs.get("href") or "").startswith("#"):
            assert (attrs["href"] or "")[1:] in ids, f"the link {attrs['href']} leads nowhere"
    titles = [tag for tag, _ in reader.elements].count("h1")
    assert titles == (2 if name == "guide" else 1), "the guide shows a step, which has the title of its page"


@pytest.mark.parametrize("template", EVERY_TEMPLATE, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style_and_never_switches_escaping_off(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    text = re.sub(r"{#.*?#}", "", text, flags=re.S)
    assert not re.search(r"<style|\sstyle\s*=|javascript:|\son\w+\s*=\s*[\"'{]", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)


@pytest.mark.parametrize("template", EVERY_TEMPLATE, ids=lambda path: path.name)
def test_a_template_says_at_its_top_what_it_needs(template: Path) -> None:
    assert template.read_text(encoding="utf-8").startswith("{#")


def test_every_class_and_icon_that_is_used_exists() -> None:
    style = (STATIC / "labrecords.css").read_text(encoding="utf-8")
    icons = (STATIC / "icons.svg").read_text(encoding="utf-8")
    for name, html in pages().items():
        for _, attrs in Reader(html).elements:
            for word in (attrs.get("class") or "").split():
                assert f".{word}" in style, f"{name}: the stylesheet has no class {word}"
            link = attrs.get("href") or ""
            if "icons.svg" in link:
                assert f'id="{link.partition("#")[2]}"' in icons, f"{name}: there is no icon {link}"


def test_what_is_asked_back_on_the_red_page_is_not_red() -> None:
    style = (STATIC / "labrecords.css").read_text(encoding="utf-8")
    assert ".stop .err{color:#fff}" in style
    assert style.index(".stop .err{") > style.index("\n.stop{")


def test_the_first_page_is_light() -> None:
    style = (STATIC / "labrecords.css").stat().st_size
    script = sum(file.stat().st_size for file in (STATIC / "js").iterdir())
    fonts = sum(file.stat().st_size for file in (STATIC / "fonts").glob("*.woff2"))
    once = sum((STATIC / "js" / name).stat().st_size for name in ("main.js", "once.js"))
    rest = (STATIC / "icons.svg").stat().st_size + (STATIC / "mark.svg").stat().st_size
    first = len(pages()["sign in"].encode())
    assert style < 33_000
    assert script < 28_000, "all behaviours together; the first page loads two of them"
    assert style + once + fonts + rest + first < 110_000


@pytest.mark.parametrize("kind", ["text", "field", "parts"])
def test_what_people_typed_is_never_markup(kind: str) -> None:
    field, zone = macro("field", "field"), WARSAW
    form = guide.StepForm(data={"temperature": HOSTILE, "remark": HOSTILE, "draws": [{"volume_ml": HOSTILE}]})
    form.temperature.errors = [HOSTILE]
    made: dict[str, Callable[[], str]] = {
        "field": lambda: "".join(
            field(one, unit=HOSTILE, echo=HOSTILE, verdict=("out", HOSTILE, HOSTILE))
            for one in form._fields.values()
        ),
        "text": lambda: (
            str(macro("notes", "notice")("pass", HOSTILE))
            + macro("facts", "facts")([(HOSTILE, HOSTILE)])
            + macro("errors", "error_summary")(form, HOSTILE)
            + macro("steps", "why")(HOSTILE, [parts.Condition(HOSTILE, url="/")])
            + macro("correction", "changed")(HOSTILE, HOSTILE)
            + macro("status", "tag")("pass", HOSTILE)
            + macro("status", "tag")(HOSTILE, HOSTILE, HOSTILE)
            + macro("status", "verdict")(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
            + macro("status", "mark")(HOSTILE)
        ),
        "parts": lambda: (
            str(macro("timeline", "timeline")([parts.Event(guide.NOW, "pen", HOSTILE)], zone))
            + macro("checks", "checks")([parts.Check(HOSTILE, HOSTILE, "out", HOSTILE)])
            + macro("signature", "signature")(
                parts.Signature(HOSTILE, HOSTILE, HOSTILE, HOSTILE, guide.NOW, HOSTILE, HOSTILE), zone
            )
            + macro("stop", "versus")(parts.CodePanel(HOSTILE, HOSTILE, HOSTILE), parts.CodePanel("", "a"))
            + macro("steps", "past_step")(parts.PastStep(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE))
        ),
    }
    html = made[kind]()
    assert "<script" not in html
    assert 'alert(1)</script>"' not in html
    Reader(str(html))


def test_a_blank_entry_has_no_verdict() -> None:
    form = guide.StepForm()
    html = str(macro("field", "field")(form.temperature, limit=guide.TEMPERATURE))
    assert 'id="temperature-verdict" aria-live="polite"></div>' in html
    assert 'class="rail"' not in html


def test_a_judged_entry_says_its_verdict_in_words_and_shows_the_rule_of_the_limit() -> None:
    form = guide.StepForm(data={"temperature": "26.1"})
    judgement = judge(guide.TEMPERATURE.acceptance[1], guide.TEMPERATURE)
    given = {"limit": guide.TEMPERATURE, "judgement": judgement, "echo": "26.1 °C"}
    html = str(macro("field", "field")(form.temperature, **given))
    assert '<p class="echo">Understood: <b>26.1 °C</b></p>' in html
    assert "Alert" in html
    assert "Limit 18.0–25.0\u00a0°C" in html
    assert 'class="rail" role="img"' in html


def test_a_wrong_entry_is_marked_and_its_sentence_is_tied_to_it() -> None:
    form = guide.StepForm(data={"volume": "1,000"})
    form.volume.errors = ["Write 1.0 or 1000."]
    reader = Reader(str(macro("field", "field")(form.volume)))
    attrs = next(attrs for tag, attrs in reader.elements if tag == "input")
    assert attrs["aria-invalid"] == "true"
    assert "volume-error" in (attrs["aria-describedby"] or "")
    assert "volume-error" in reader.ids()
    assert attrs["value"] == "1,000"


def test_an_entry_that_is_right_is_not_marked() -> None:
    html = str(macro("field", "field")(guide.StepForm().volume))
    assert "aria-invalid" not in html


def test_the_error_summary_leads_to_every_wrong_entry_rows_and_choices_included() -> None:
    form = guide.StepForm(data={"draws": [{"volume_ml": "x"}]})
    form.brake.errors = ["Choose one."]
    form.draws.entries[0].form.volume_ml.errors = ["Only the number."]
    form.form_errors.append("Somebody else saved this step.")
    assert [(error.field_id, error.label) for error in error_list(form)] == [
        ("", ""),
        ("brake-0", "Brake"),
        ("draws-0-volume_ml", "Draws 1, volume"),
    ]
    summary = str(macro("errors", "error_summary")(form))
    assert "3 entries need you" in summary
    field = macro("field", "field")
    assert {"brake-0", "draws-0-volume_ml"} <= set(Reader(f"{field(form.brake)}{field(form.draws)}").ids())


def test_no_errors_no_summary() -> None:
    assert str(macro("errors", "error_summary")(guide.StepForm())).strip() == ""


def test_every_kind_of_field_knows_how_it_is_entered() -> None:
    class Kinds(Form):
        number = StringField(render_kw={"inputmode": "decimal"})
        text = StringField()
        note = TextAreaField()
        select = SelectField(choices=["a", "b"])
        segments = RadioField(choices=["off", "soft", "full"])
        choices = RadioField(choices=["posterior iliac crest", "anterior iliac crest"])
        rows = FieldList(FormField(guide.DrawForm))

    assert {field.name: entry_kind(field) for field in Kinds()} == {name: name for name in Kinds()._fields}


def test_a_field_class_of_ours_says_itself_how_it_is_entered() -> None:
    class Moment(StringField):
        entry_kind = "moment"

    class OneMoment(Form):
        at = Moment("Drawn at")

    html = str(macro("field", "field")(OneMoment().at, zone=WARSAW))
    assert "Europe/Warsaw" in html


def test_rows_can_grow_without_javascript() -> None:
    form = guide.StepForm(data={"draws": [{"volume_ml": "8.5"}]})
    html = str(macro("field", "field")(form.draws, units={"volume_ml": "mL"}))
    assert '<button class="btn slim" name="add_row" value="draws" formnovalidate' in html
    assert "Volume, mL" in html
    assert 'aria-label="Draws 1, Volume"' in html


def test_a_button_that_is_not_possible_yet_says_why() -> None:
    actions = macro("steps", "actions")
    waiting = str(
        actions("Release", (parts.Condition("Step 13 is verified"), parts.Condition("Done", met=True)))
    )
    assert "disabled aria-describedby" in waiting
    assert "1 thing missing" in waiting
    assert "disabled" not in str(actions("Release", (parts.Condition("Done", met=True),)))


def test_enter_in_a_step_sends_the_step_and_presses_no_other_button() -> None:
    buttons = [attrs for tag, attrs in Reader(guide_page()).elements if tag == "button"]
    names = [attrs.get("name") for attrs in buttons]
    first_plain = next(index for index, attrs in enumerate(buttons) if attrs.get("class") == "vh")
    assert first_plain < names.index("add_row")


def test_a_conflict_posts_the_chosen_value_under_the_name_of_the_field() -> None:
    reader = Reader(str(macro("conflict", "conflict")(guide.CONFLICT, WARSAW)))
    inputs = [
        (attrs["type"], attrs["name"], attrs["value"]) for tag, attrs in reader.elements if tag == "input"
    ]
    assert ("radio", "volume", "58.5") in inputs
    assert ("radio", "volume", "58.0") in inputs
    assert ("hidden", "lot", "F-2207") in inputs
    assert ("hidden", "version", "2") in inputs


def test_the_stop_underlines_where_the_codes_differ() -> None:
    html = str(macro("stop", "versus")(*guide.samples(WARSAW)["panels"]))
    assert "P-44<u>17</u>-K" in html
    assert "P-44<u>71</u>-K" in html


def test_a_correction_keeps_the_old_value_for_eyes_and_ears() -> None:
    html = str(macro("correction", "changed")("2470", "2740"))
    assert "was </span><del>2470</del>" in html
    assert "is now </span><ins>2740</ins>" in html


def test_nothing_open_is_said_when_signing() -> None:
    signing = parts.Signing("Sign", (), guide.DIGEST, "released", "I sign.", "Sign", "/")
    assert "<b>No exceptions</b>" in str(macro("signature", "what_is_signed")(signing))


def test_the_chosen_theme_is_on_the_page_and_the_system_decides_otherwise() -> None:
    samples = guide.samples(WARSAW)
    assert '<html lang="en">' in page("guide.html", **samples)
    assert '<html lang="en" class="dark">' in page("guide.html", frame=frame(theme="dark"), **samples)


def test_who_is_not_signed_in_can_only_sign_in() -> None:
    html = page(
        "errors/404.html",
        around=FRAMED,
        frame=frame(person=None),
        reference="r",
        sentence="s",
        reasons=(),
        back="/",
    )
    assert "/accounts.sign_in" in html
    assert "/accounts.sign_out" not in html


def test_what_changes_something_is_a_form_with_a_token() -> None:
    reader = Reader(guide_page())
    posts = [attrs for tag, attrs in reader.elements if tag == "form" and attrs.get("method") == "post"]
    tokens = [attrs for _, attrs in reader.elements if attrs.get("name") == "csrf_token"]
    assert [attrs.get("action") for attrs in posts][:2] == ["/accounts.theme", "/accounts.sign_out"]
    assert len(tokens) >= 2


def test_the_context_bar_says_when_the_product_has_expired() -> None:
    samples = guide.samples(WARSAW)
    late = life(guide.HARVESTED, guide.USE_BEFORE, guide.USE_BEFORE + timedelta(minutes=12), WARSAW)
    bar = SimpleNamespace(**vars(samples["bar"]) | {"life": late})
    html = page("guide.html", **samples | {"bar": bar})
    assert "expired 12\u00a0min ago" in html


def test_an_error_page_needs_nothing_when_nothing_else_works() -> None:
    for status in (500, 503):
        template = environment().get_template(f"errors/{status}.html")
        told: dict[str, Any] = {
            "reference": "ab12",
            "sentence": "It did not work.",
            "reasons": (),
            "typed": [],
            "kept": None,
        }
        assert "ab12" in template.render(around=BARE, **told)


def test_a_refusal_lists_every_reason_with_its_way_out() -> None:
    reasons = (SimpleNamespace(sentence="Step 13 is not verified.", way_out="Ask Vic."),)
    html = page(
        "errors/403.html", around=FRAMED, reference="r", sentence="Refused.", reasons=reasons, back="/"
    )
    assert "This cannot be done now" in html
    assert "Ask Vic." in html


def test_an_icon_is_hidden_unless_it_has_a_label_which_is_escaped() -> None:
    icon = macro("icon", "icon")
    assert icon("lock") == '<svg class="i" aria-hidden="true"><use href="/static/icons.svg?v=0#lock"/></svg>'
    said = icon("gap", HOSTILE, huge=True)
    assert said.startswith('<svg class="i huge" role="img" aria-label="&lt;script&gt;')
    assert "<script>" not in said
