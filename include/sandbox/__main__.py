"""Runs the sandbox: ``python -m include.sandbox``."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import threading

import uvicorn

from include.sandbox.app import Latency, make_app
from include.sandbox.data.seed import Size
from include.sandbox.generate import make_account
from include.sandbox.limits import RateLimit
from include.sandbox.selection import BY_CHANGE
from include.sandbox.spans import EVER
from include.sandbox.world import World


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        scheme = "https" if self.config.is_ssl else "http"
        sys.stdout.write(f"sandbox ready {scheme}://{host}:{port}\n")
        sys.stdout.flush()

    def stop_at_end_of_input(self) -> None:
        """Stop when standard input is closed, which the kernel does also for a parent that was killed."""
        # Not by way of sys.stdin, whose lock would be in the way of an end by Ctrl-C.
        while os.read(0, 4096):
            pass
        self.should_exit = True


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m include.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8765, help="port; 0: any free one (default: %(default)s)")
    parser.add_argument("--certificate", help="serve HTTPS with the certificate and key of this PEM file")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same data (default: %(default)s)")
    parser.add_argument("--accounts", type=int, default=2, help="how many accounts (default: %(default)s)")
    parser.add_argument("--tasks", type=int, default=300, help="tasks an account (default: %(default)s)")
    parser.add_argument("--folders", type=int, help="folders an account (default: a tenth of the tasks)")
    parser.add_argument("--contacts", type=int, default=25, help="people an account (default: %(default)s)")
    parser.add_argument("--timelogs", type=int, help="time entries an account (default: as many as tasks)")
    parser.add_argument("--custom-fields", type=int, help="values of custom fields a task, at most 12 (default: some)")
    parser.add_argument("--related", type=int, help="make time entries, comments and the like for so many tasks only")
    parser.add_argument("--rate-limit", type=int, default=400, help="requests a minute and token; 0: no limit")
    parser.add_argument("--address-limit", action="store_true", help="the same limit for each address too")
    parser.add_argument("--latency-ms", type=float, default=0, help="time that each answer takes at the least")
    parser.add_argument("--latency-ms-per-1000", type=float, default=0, help="further time for 1,000 records")
    parser.add_argument("--token-lifetime", type=float, default=3600, help="seconds that an access token lives")
    parser.add_argument("--redirect-uri", action="append", default=[], help="registered redirect URI; repeatable")
    parser.add_argument("--unknown-keys", action="store_true", help="send keys and words that no one documented")
    parser.add_argument("--until-end-of-input", action="store_true", help="stop when standard input is closed")
    options = parser.parse_args()
    size = Size(
        tasks=options.tasks,
        folders=options.folders or max(20, options.tasks // 10),
        contacts=options.contacts,
        timelogs=options.timelogs,
        unknown_keys=options.unknown_keys,
        custom_fields=options.custom_fields,
        related=options.related,
    )
    accounts = [make_account(index, options.seed, size) for index in range(options.accounts)]
    for account in accounts:
        for collection in BY_CHANGE:
            # The first request should not have to wait for its index.
            account.changed(collection, *EVER)
    world = World({a.key: a for a in accounts}, options.token_lifetime, set(options.redirect_uri))
    limit = RateLimit(options.rate_limit, addresses=options.address_limit)
    latency = Latency(options.latency_ms / 1000, options.latency_ms_per_1000 / 1000)
    app = make_app(world, limit, latency)
    listener = socket.create_server((options.host, options.port))
    # Head and body of an answer are written apart: without this, the second waits for the first to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=1, ssl_certfile=options.certificate
    )
    server = _Server(config)
    if options.until_end_of_input:
        threading.Thread(target=server.stop_at_end_of_input, daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
