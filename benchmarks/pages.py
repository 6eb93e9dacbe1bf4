"""Pages: server CPU of a batch's pages and of its slowest step, weight of the first page, and a cold start to it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks.timing import interleaved, median_ms
from labrecords import create_app
from labrecords.actions.accounts import sign_in
from labrecords.actions.batches import open_batch
from labrecords.demo.story import Story
from labrecords.installation import Installation
from labrecords.models.batch_record import process_of
from labrecords.models.masters import effective_masters
from labrecords.web.signed_in import cookie_name


def batch_page_cpu_ms(place: Installation, story: Story, path: str) -> tuple[float, int]:
    """Median CPU milliseconds of a page in process, and its size in bytes."""
    ask = asking(signed_in(place, story, "quentin"), path)
    size = len(ask().data)
    return median_ms(ask, 60, time.process_time), size


def slowest_step(place: Installation, story: Story, username: str) -> tuple[str, float]:
    """The step whose page takes longest, for this person and as the batch stands now, and its median CPU milliseconds.

    Early in a batch most pages are forms; of a complete one each shows what was recorded.
    """
    client, keys = signed_in(place, story, username), [step.key for step in story.record().process.steps]
    asks = {key: asking(client, f"/batches/{story.number}/steps/{key}") for key in keys}
    return max(interleaved(asks, 15, time.process_time).items(), key=lambda found: found[1])


def slowest_form(place: Installation, story: Story) -> tuple[str, float]:
    """The step whose empty form takes longest among all steps of all masters in force, and its median CPU ms.

    Each is asked for in a batch that was just opened. A step that is not shown in one is passed over.
    """
    client, cast = signed_in(place, story, "tess"), story.cast
    with place.store.read() as session:
        masters = effective_masters(session, place.store.clock().date())
        steps = {master: process_of(session, master.digest).steps for master in masters}
    asks = {}
    for number, (master, known) in enumerate(steps.items()):
        batch = open_batch(
            cast.by("tess"), process_digest=master.digest, patient_code=f"P-{number}", identity_code=""
        )
        for step in known:
            path = f"/batches/{batch}/steps/{step.key}"
            if client.get(path, base_url="http://127.0.0.1").status_code == 200:
                asks[f"{step.key} of {master.key}"] = asking(client, path)
    return max(interleaved(asks, 15, time.process_time).items(), key=lambda found: found[1])


def signed_in(place: Installation, story: Story, username: str) -> FlaskClient:
    app = create_app(place)
    client = app.test_client()
    with app.app_context():
        token = sign_in(place.store, story.cast.proof(username), "127.0.0.1")
        client.set_cookie(cookie_name(), token, domain="127.0.0.1")
    return client


def asking(client: FlaskClient, path: str) -> Callable[[], TestResponse]:
    """A function that asks for a page, which was asked for once before."""
    answer = client.get(path, base_url="http://127.0.0.1")
    assert answer.status_code == 200, answer.status
    return lambda: client.get(path, base_url="http://127.0.0.1")


def first_page(place: Installation) -> dict[str, float]:
    """Bytes of the sign-in page with all it loads, and of the JavaScript among them.

    static/js/main.js loads a module where the attribute stands that it is mounted at, and no other.
    """
    client = create_app(place).test_client()
    page = client.get("/sign-in", base_url="http://127.0.0.1")
    assert page.status_code == 200, page.status
    found = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    static = Path(__file__).parents[1] / "static"
    stylesheet = (static / "labrecords.css").read_text()
    fonts = [static / name for name in re.findall(r"url\(([^)?]+\.woff2)", stylesheet)]
    body = page.text.partition("</head>")[2]
    mounted = [item for item in (static / "js").glob("*.js") if re.search(rf"\sdata-{item.stem}\b", body)]
    modules = sum(item.stat().st_size for item in (static / "js" / "main.js", *mounted))
    linked = sum(len(client.get(url, base_url="http://127.0.0.1").data) for url in found if "/js/" not in url)
    shown = [item for item in fonts if "Mono" not in item.name]
    total = len(page.data) + linked + modules + sum(item.stat().st_size for item in shown)
    return {"kilobytes": total / 1000, "javascript kilobytes": modules / 1000}


def cold_start_s(place: Installation) -> float:
    """Seconds from starting the command to the first page being answered, as a whole process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "LABRECORDS_DATA_DIR": str(place.settings.data_dir),
        "LABRECORDS_DATABASE_URL": place.settings.database_url,
        "PATH": "/usr/bin:/bin",
    }
    command = [str(Path(sys.executable).with_name("labrecords")), "serve", "--port", str(port)]
    start = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - start < 30:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
                    answer.read()
                return time.perf_counter() - start
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the server did not answer within 30 s")
    finally:
        server.terminate()
        server.wait(20)
