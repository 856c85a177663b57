"""A reverse proxy that ends TLS and passes everything on: ``python -m tests.browser.proxy PORT TARGET CERT KEY``."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_HOP_BY_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive", "date", "server"}


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that signs itself, and its key.

    :param folder: where they are put.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def make_app(target: str) -> Starlette:
    """Make the proxy.

    :param target: where it passes requests on to, e.g. ``http://127.0.0.1:8080``.
    """
    client = httpx.AsyncClient(base_url=target, timeout=60, trust_env=False)

    async def forward(request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = [(name, value) for name, value in request.headers.items() if name != "content-length"]
        answer = await client.request(request.method, path, headers=headers, content=await request.body())
        response = Response(answer.content, answer.status_code)
        response.raw_headers = [
            *((n.lower(), v) for n, v in answer.headers.raw if n.lower().decode() not in _HOP_BY_HOP),
            (b"content-length", str(len(answer.content)).encode()),
        ]
        return response

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", forward, methods=methods)])


if __name__ == "__main__":
    port, to, cert, key = sys.argv[1:]
    uvicorn.run(make_app(to), port=int(port), ssl_certfile=cert, ssl_keyfile=key, log_level="warning")
