"""The plain door: over http a tablet learns how to trust the site, and nothing else.

It is a small program of its own beside the server, started by it and ending with it, which knows neither database nor
keys: `python -m labrecords.lan.door PORT HOST FOLDER`, where FOLDER holds the finished page. Every other address leads
to https.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NOT_SEEN_IN_S = 10
AT_ONCE = 32
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".crt": "application/x-x509-ca-cert",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}


class Door(ThreadingHTTPServer):
    """Answers from memory only. No more than so many are answered at once, each within seconds."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], answers: dict[str, tuple[str, bytes]], site: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.answers, self.site, self.room = answers, site, threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, Visitor)

    def process_request(self, request: object, client_address: object) -> None:
        if not self.room.acquire(blocking=False):
            self.shutdown_request(request)  # type: ignore[arg-type]
            return
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self.room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A tablet that went away is nothing to tell."""


class Visitor(BaseHTTPRequestHandler):
    server: Door
    server_version, sys_version = "labrecords", ""
    timeout = NOT_SEEN_IN_S

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        found = self.server.answers.get(self.path.partition("?")[0])
        kind, content = found or ("text/plain; charset=utf-8", b"This site is reached over https.\n")
        self.send_response(200 if found else 307)
        if not found:
            # Never to the host that was asked for, which a stranger can choose.
            self.send_header("Location", self.server.site + _path(self.path))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, words in HEADERS.items():
            self.send_header(name, words)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """What a stranger asks for is written nowhere."""


def _path(asked: str) -> str:
    """The path that was asked for, if it is one that can stand in a header: else the start page."""
    clean = asked.isascii() and asked.isprintable() and " " not in asked
    return asked if clean and asked.startswith("/") and not asked.startswith("//") else "/"


def answers_in(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Everything the door says, by the path at which it is said."""
    found = {
        f"/{path.relative_to(folder).as_posix()}": (KINDS[path.suffix], path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.suffix in KINDS
    }
    return found | {"/": found["/index.html"]}


def main() -> None:
    host, port, folder, site = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    door = Door((host, port), answers_in(folder), site)
    print("open", flush=True)  # noqa: T201 - the server waits for this word
    threading.Thread(target=door.serve_forever, daemon=True).start()
    # The server holds the other end: when it ends, however it does, so does this.
    while os.read(0, 1):
        pass


if __name__ == "__main__":
    main()
