"""Answers that do not arrive."""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Dropped(Response):
    """Breaks the connection off: without an answer, or after half of one.

    :param content: what is sent of the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send what there is and break off."""
        if not self.body:
            transport: asyncio.Transport = scope["transport"]
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
            await asyncio.sleep(0)
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(2 * len(self.body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.body, "more_body": True})
            raise ConnectionResetError("broken off on purpose")
