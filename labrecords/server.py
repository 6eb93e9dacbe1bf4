"""Serving the site with gunicorn: a few workers with threads, each opening the installation itself."""

from __future__ import annotations

import gc
import importlib
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from labrecords.config import Settings
from labrecords.lan.tls import contexts
from labrecords.web import blueprints

HEAVY = ("labrecords.documents.batch_record", "labrecords.documents.verifying.verifier")
"""Imported before the workers are forked: neither the first document waits, nor has each worker a copy of its own."""


class Server(BaseApplication):
    """Gunicorn with our settings. Engines are opened in each worker, never carried across a fork."""

    def __init__(
        self,
        settings: Settings,
        host: str,
        port: int,
        workers: int,
        threads: int,
        certificate: Path | None = None,
    ) -> None:
        self.settings = settings
        self.wanted = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "accesslog": None,
            "proc_name": "labrecords",
            "control_socket_disable": True,
            "post_worker_init": _begin,
            # What a proxy says is read by web/proxies.py alone; no header names paths.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
        }
        if certificate:
            # The handshake has a limit of time in that context, and none where gunicorn does it later.
            self.wanted |= {
                "certfile": str(certificate),
                "ssl_context": contexts(certificate),
                "do_handshake_on_connect": True,
            }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.wanted.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        from labrecords import create_app
        from labrecords.installation import open_installation

        return create_app(open_installation(self.settings))


def _begin(worker: Any) -> None:
    """Collect from now on only what requests leave behind: what was loaded stays, and to look through it takes long."""
    gc.freeze()
    gc.enable()


def serve(
    settings: Settings, host: str, port: int, workers: int, threads: int, certificate: Path | None = None
) -> None:
    """Serve until stopped; with TLS where there is a certificate with its key."""
    # While everything is loaded nothing becomes garbage, and to look for it takes a tenth of the start.
    gc.disable()
    # Every page, once before the workers are forked: they share it.
    blueprints()
    for name in HEAVY:
        importlib.import_module(name)
    # What is frozen is not written to by a collection, and what is not written to stays shared after the fork.
    gc.collect()
    gc.freeze()
    Server(settings, host, port, workers, threads, certificate).run()
