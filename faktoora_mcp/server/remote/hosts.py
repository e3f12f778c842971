"""Under which names a server over HTTP is reached: anything else may be a page in somebody's browser."""

from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from .access import Denied
from .settings import RemoteSettings

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
WRONG_HOST = "This server is not reached under this name; its operator allows names by --allowed-host."
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""What tells a browser that nothing here is a page."""
WRONG_ORIGIN = "Pages of other origins may not use this server."


class Hosts:
    """Checks Host and Origin against this machine's own names and those that the operator allows."""

    def __init__(self, settings: RemoteSettings) -> None:
        public = urlsplit(settings.public_url or "").hostname
        self._names = {*LOCAL, *map(_name, settings.allowed_host), *filter(None, [public])}

    def check(self, headers: Headers, *, any_origin: bool = False) -> None:
        """Denied for a request that was meant for another server, or comes from a page of another origin."""
        if _name(headers.get("host", "")) not in self._names:
            raise Denied(HTTPStatus.MISDIRECTED_REQUEST, WRONG_HOST)
        origin = headers.get("origin")
        if not any_origin and origin is not None and urlsplit(origin).hostname not in self._names:
            raise Denied(HTTPStatus.FORBIDDEN, WRONG_ORIGIN)


@lru_cache(256)
def _name(host: str) -> str:
    """The name without port and brackets, in lower case; nothing where there is more than that."""
    try:
        return "" if "@" in host else urlsplit(f"//{host.strip()}").hostname or ""
    except ValueError:
        return ""
