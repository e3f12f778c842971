"""An issuer of access tokens on a loopback port, with keys that can be changed while it runs."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AUDIENCE = "https://mcp.firm.example"
SCOPES = "customers:read customers:write"


class Issuer:
    """`asked` lists the paths that were requested; `keys` are published by their id."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.keys = {"first": new_key()}

    def token(self, kid: str = "first", key: rsa.RSAPrivateKey | None = None, /, **claims: object) -> str:
        """A token as the issuer makes it, with these claims changed; None leaves one out."""
        now = int(time.time())
        given = {"iss": self.url, "aud": AUDIENCE, "sub": "anna", "org": "firm-a", "scope": SCOPES}
        all_claims = given | {"iat": now, "exp": now + 600} | claims
        payload = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(payload, key or self.keys[kid], "RS256", headers={"kid": kid})

    def unsigned_token(self) -> str:
        """A valid token whose signature was taken away."""
        return f"{_part({'alg': 'none', 'kid': 'first'})}.{self.token().split('.')[1]}."

    def confused_token(self) -> str:
        """A token signed with the public key as a shared secret, as everybody could do it."""
        body = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{self.token().split('.')[1]}"
        public = self.keys["first"].public_key()
        secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return f"{body}.{_base64(hmac.digest(secret, body.encode(), 'sha256'))}"

    def document(self, path: str) -> object:
        self.asked.append(path)
        if path == "/.well-known/oauth-authorization-server":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {"keys": [_jwk(kid, key) for kid, key in self.keys.items()]} if path == "/keys" else None


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    parts = {name: _number(value) for name, value in (("n", numbers.n), ("e", numbers.e))}
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid} | parts


def _number(number: int) -> str:
    return _base64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _part(header: dict[str, str]) -> str:
    return _base64(json.dumps(header).encode())


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@contextmanager
def issuing() -> Generator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = issuer.document(self.path)
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
