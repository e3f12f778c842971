"""An issuer of access tokens on a loopback port, with keys that can be changed while it runs."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

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
        self._agreed: dict[str, dict[str, str]] = {}

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
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "registration_endpoint": f"{self.url}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
            }
        return {"keys": [_jwk(kid, key) for kid, key in self.keys.items()]} if path == "/keys" else None

    def authorized(self, asked: dict[str, str]) -> str:
        """Where the browser of a user goes who agreed at once."""
        code = f"code-{len(self._agreed)}"
        self._agreed[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str, sent: bytes) -> dict[str, object] | None:
        """What a client gets that registers, or brings its code; None where the code is not its own."""
        if path == "/register":
            return {**json.loads(sent), "client_id": "a-client"}
        given = dict(parse_qsl(sent.decode()))
        asked = self._agreed.pop(given.get("code", ""), None)
        challenge = _base64(sha256(given.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["resource"] != given["resource"]:
            return None
        token = self.token(aud=asked["resource"], scope=asked["scope"])
        return {"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": asked["scope"]}


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
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorized(dict(parse_qsl(asked.query))))
                self.end_headers()
                return
            found = issuer.document(self.path)
            self.reply(found, 404 if found is None else 200)

        def do_POST(self) -> None:
            found = issuer.answer(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(
                found or {"error": "invalid_grant"},
                201 if self.path == "/register" else 200 if found else 400,
            )

        def reply(self, document: object, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

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
