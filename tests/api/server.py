"""A tiny HTTP server that answers as it is told, whatever the method."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b'{"kind": "x", "data": []}'
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    """Break the connection off without an answer."""
    silent: bool = False
    """Keep the connection open and say nothing until the other side goes away."""
    missing: int = 0
    """Bytes that are announced but do not come."""
    unannounced: bool = False
    """Say no length: the answer ends where the connection does, or as its headers say."""
    date: str | None = None
    """What the server's clock says; None: the time."""


def page(*records: Any, token: str | None = None, total: int | None = None) -> Answer:
    body: dict[str, Any] = {"kind": "x", "data": list(records)}
    if token is not None:
        body["nextPageToken"] = token
    if total is not None:
        body["responseSize"] = total
    return Answer(body=json.dumps(body).encode())


def reply(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


def refusal(status: int, code: str = "", description: str = "on purpose", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"errorDescription": description, "error": code}).encode(), named)


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]
    authorization: str | None
    raw: str
    method: str = "GET"
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Server:
    """Answers requests one after the other; the last answer is given again and again."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: list[Answer] = [page()]
        self.asked: list[Asked] = []

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def running_server(port: int = 0) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query, keep_blank_values=True))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            authorization = self.headers.get("Authorization")
            server.asked.append(Asked(url.path, query, authorization, url.query, self.command, body))
            answer = server.next()
            self.close_connection = True
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if answer.silent:
                self.rfile.read(1)
                return
            self.send_response_only(answer.status)
            self.send_header("Date", self.date_time_string() if answer.date is None else answer.date)
            if not answer.unannounced:
                self.send_header("Content-Length", str(len(answer.body) + answer.missing))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as http:
        server = Server(http.server_port)
        Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            http.shutdown()


RESET = Answer(reset=True)
CUT_JSON = Answer(body=b'{"kind": "x", "data": [{"id": "A", "ti')
CUT_BODY = Answer(body=b'{"kind": "x", "da', missing=50)
