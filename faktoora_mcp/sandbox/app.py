"""The sandbox as an ASGI application: routes, API key and error format."""

import hmac
import logging
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .database import Database, prepare
from .errors import METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND, SandboxError, UnauthorizedError
from .forms import DOCUMENTED, Forms
from .handlers import Handlers
from .index import Index
from .openapi import document
from .seeds import fill
from .store import Store

API = "/api/v1"
DOCUMENT = "/openapi.json"
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
logger = logging.getLogger(__name__)


def create_app(
    db: Path | None = None,
    *,
    customers: int = 57,
    seed: int = 1,
    key: str | None = None,
    forms: Forms = DOCUMENTED,
) -> Starlette:
    """The API on a database file, or in memory without `db`.

    `customers` and `seed` only apply to a new database. `key` is the only API key accepted; without it any
    key is. `forms` decides which version of the API is served; a file may be reopened with other forms, but
    must not be served with different ones at the same time. `app.state.close()` and the end of the ASGI
    lifespan close the database. OSError if the file is not a database of the sandbox.
    """
    database, index = _opened(db, customers, seed), Index(forms)
    _bring_up_to_date(index, database)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        database.close()

    app = Starlette(
        routes=_routes(Handlers(Store(database, index), forms)),
        middleware=[Middleware(_KeyCheck, key=key)],
        exception_handlers={HTTPException: _routing_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.close = database.close
    return app


def register_file(db: Path, name: str, content: bytes) -> str:
    """Stores a CSV file in an existing sandbox database and returns the fileId for its import.

    OSError if there is no such database.
    """
    if not db.is_file():
        raise FileNotFoundError(f"{db}: there is no sandbox database")
    database = _opened(db, customers=0, seed=0)
    try:
        return Store(database, Index(DOCUMENTED)).add_file(name, content)
    finally:
        database.close()


def _opened(db: Path | None, customers: int, seed: int) -> Database:
    database = Database(db)
    try:
        prepare(database, lambda connection: fill(connection, customers, seed))
    except (ValueError, sqlite3.DatabaseError) as error:
        database.close()
        raise OSError(f"{db} is not usable as the sandbox's database: {error}") from None
    return database


def _bring_up_to_date(index: Index, database: Database) -> None:
    with database.transaction("DEFERRED") as connection:
        if index.is_current(connection):
            return
    with database.transaction("IMMEDIATE") as connection:
        if not index.is_current(connection):
            index.build(connection)


def _routes(handlers: Handlers) -> list[Route]:
    one = {
        "GET": handlers.get_customer,
        "PATCH": handlers.update_customer,
        "DELETE": handlers.delete_customer,
    }
    return [
        _route(f"{API}/customers", {"GET": handlers.list_customers}),
        _route(f"{API}/customers/generate-number", {"GET": handlers.generate_customer_number}),
        _route(f"{API}/customers/import", {"POST": handlers.import_customers}),
        _route(f"{API}/customer", {"POST": handlers.create_customer}),
        _route(f"{API}/customer/verify-customer-number", {"GET": handlers.verify_customer_number}),
        _route(f"{API}/customer/{{id}}", one),
        _route("/_sandbox/files", {"POST": handlers.register_file}),
        _route(DOCUMENT, {"GET": _openapi}),
    ]


def _route(path: str, handlers: Mapping[str, Handler]) -> Route:
    """One route per path, so that a 405 lists every allowed method."""

    async def endpoint(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        try:
            return await handler(request)
        except SandboxError as error:
            return _error(error.status, error.code, *error.messages)
        except Exception:
            logger.exception("%s %s failed", request.method, path)
            return _error(500, "E_INTERNAL", "The sandbox failed; see its log")

    return Route(path, endpoint, methods=list(handlers))


async def _openapi(_: Request) -> Response:
    return JSONResponse(document())


async def _routing_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:  # noqa: PLR2004 - the status of HTTP itself
        message = f"{request.method} is not allowed here"
        return _error(405, METHOD_NOT_ALLOWED, message, headers=dict(error.headers or {}))
    return _error(404, ROUTE_NOT_FOUND, f"There is no route {request.url.path}")


def _error(status: int, code: str, *messages: str, headers: dict[str, str] | None = None) -> Response:
    errors = [{"code": code, "message": message} for message in messages]
    return JSONResponse({"errors": errors}, status_code=status, headers=headers)


class _KeyCheck:
    def __init__(self, app: ASGIApp, key: str | None) -> None:
        self._app = app
        self._key = key.encode() if key is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        public = scope["type"] != "http" or scope["path"] == DOCUMENT
        if public or self._allows(dict(scope["headers"]).get(b"x-api-key", b"")):
            await self._app(scope, receive, send)
        else:
            error = UnauthorizedError("The header X-API-KEY is missing or wrong")
            await _error(error.status, error.code, *error.messages)(scope, receive, send)

    def _allows(self, given: bytes) -> bool:
        return bool(given) and (self._key is None or hmac.compare_digest(given, self._key))
