"""How much memory a served site has: the master and two workers, after pages and a sealed document.

Run by hand: `python -m benchmarks.memory`. PSS counts what processes share once, in parts.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from labrecords.cli import main
from tests.support.serving import free_port, serving

GOAL_MB = 200
SETTLES_S = 8
PAGES = ("/sign-in", "/verify", "/nowhere", "/static/labrecords.css")
ROUNDS = 50


def family(pid: int) -> list[int]:
    """A process and everything it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in family(int(child)))]


def pss_mb(pid: int) -> float:
    """Proportional set size: shared pages are divided among those that share them."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"(?m)^Pss:\s+(\d+) kB", told)[0]) / 1024


def verified(address: str, document: Path) -> None:
    """Send a signed document to the page Verify: it loads everything that draws and seals."""
    import http.cookiejar

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{address}/verify", timeout=60).read().decode()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    edge = "labrecords-edge"
    body = f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode()
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'.encode()
    body += head + document.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "Referer": f"{address}/verify"}
    request = urllib.request.Request(f"{address}/verify", body, kind)
    opener.open(request, timeout=120).read()


def measured(pid: int) -> dict[str, float]:
    return {f"{number}": round(pss_mb(process), 1) for number, process in enumerate(family(pid))}


def run() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "laboratory"
        told = CliRunner().invoke(main, ["demo", "--dir", str(folder), "--once", "--json"])
        document = Path(json.loads(told.output)["batches"][0]["pdf"])
        with serving(folder, port=free_port()) as server:
            address = f"http://127.0.0.1:{server.port}"
            time.sleep(SETTLES_S)
            begun = measured(server.process.pid)
            for path in PAGES * ROUNDS:
                try:
                    urllib.request.urlopen(address + path, timeout=30).read()
                except urllib.error.HTTPError as error:
                    error.read()
            for _ in range(6):
                verified(address, document)
            after = measured(server.process.pid)
    return {"started": begun, "after": after, "all_mb": round(sum(after.values()), 1)}


if __name__ == "__main__":
    found = run()
    print(json.dumps(found, indent=2))
    sys.exit(0 if float(str(found["all_mb"])) < GOAL_MB else 1)
