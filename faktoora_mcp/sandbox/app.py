"""The sandbox as an ASGI application: routes, API key and error format."""

import hmac
import logging
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
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
from .errors import (
    MethodNotAllowedError,
    SandboxError,
    UnauthorizedError,
    UnknownRouteError,
    body_of,
    status_of,
)
from .forms import DOCUMENTED, Forms
from .handlers import Handlers
from .openapi import document
from .seeds import fill
from .store import Store

API = "/api/v1"
DOCUMENT = "/openapi.json"
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
logger = logging.getLogger(__name__)


def create_app(  # noqa: PLR0913 (what a sandbox may be like, all by name)
    db: Path | None = None,
    *,
    customers: int = 57,
    seed: int = 1,
    key: str | None = None,
    forms: Forms = DOCUMENTED,
    max_bytes: int | None = None,
) -> Starlette:
    """The API on a database file, or in memory without `db`.

    `customers` and `seed` only apply to a new database, which never grows beyond `max_bytes`. `key` is the
    only API key accepted; without it any key is. `forms` decides which version of the API is served; a file
    may be reopened with other forms, but must not be served with different ones at the same time.
    `app.state.close()` and the end of the ASGI lifespan close the database. OSError if the file is not a
    database of the sandbox.
    """
    database = Database(db, max_bytes)
    store = Store(database, forms)
    with _closing_on_errors(database, db):
        prepare(database, lambda connection: fill(connection, customers, seed))
        store.update_index()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        database.close()

    app = Starlette(
        routes=_routes(Handlers(store, forms), forms),
        middleware=[Middleware(_KeyCheck, key=key, forms=forms)],
        exception_handlers={HTTPException: _routing_error(forms)},
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
    database = Database(db)
    with _closing_on_errors(database, db):
        prepare(database, lambda connection: fill(connection, customers=0, seed=0))
        file_id = Store(database, DOCUMENTED).add_file(name, content)
    database.close()
    return file_id


@contextmanager
def _closing_on_errors(database: Database, db: Path | None) -> Generator[None]:
    try:
        yield
    except (ValueError, sqlite3.DatabaseError) as error:
        database.close()
        raise OSError(f"{db} is not usable as the sandbox's database: {error}") from None


def _routes(handlers: Handlers, forms: Forms) -> list[Route]:
    customer: dict[str, Handler] = {
        "GET": handlers.get_customer,
        "PATCH": handlers.update_customer,
        "DELETE": handlers.delete_customer,
    }

    async def openapi(_: Request) -> Response:
        return JSONResponse(document(forms))

    routes: dict[str, dict[str, Handler]] = {
        f"{API}/customers": {"GET": handlers.list_customers},
        f"{API}/customers/generate-number": {"GET": handlers.generate_customer_number},
        f"{API}/customers/import": {"POST": handlers.import_customers},
        f"{API}/customer": {"POST": handlers.create_customer},
        f"{API}/customer/verify-customer-number": {"GET": handlers.verify_customer_number},
        f"{API}/customer/{{id}}": customer,
        "/_sandbox/files": {"POST": handlers.register_file},
        DOCUMENT: {"GET": openapi},
    }
    if forms.upload:
        routes[f"{API}/customers/import/upload"] = {"POST": handlers.upload_customers_file}
    if forms.apikeys:
        routes[f"{API}/apikeys"] = {"GET": handlers.list_api_keys}
    return [_route(path, methods, forms) for path, methods in routes.items()]


def _route(path: str, handlers: Mapping[str, Handler], forms: Forms) -> Route:
    """One route per path, so that a 405 lists every allowed method."""

    async def endpoint(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        try:
            return await handler(request)
        except SandboxError as error:
            return _error(error, forms)
        except Exception:
            logger.exception("%s %s failed", request.method, path)
            return _error(SandboxError("The sandbox failed; see its log"), forms)

    return Route(path, endpoint, methods=list(handlers))


def _routing_error(forms: Forms) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == MethodNotAllowedError.status:
            refused = MethodNotAllowedError(f"{request.method} is not allowed here")
            return _error(refused, forms, error.headers)
        return _error(UnknownRouteError(f"There is no route {request.url.path}"), forms)

    return answer


def _error(error: SandboxError, forms: Forms, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(body_of(error, forms), status_code=status_of(type(error), forms), headers=headers)


class _KeyCheck:
    def __init__(self, app: ASGIApp, key: str | None, forms: Forms) -> None:
        self._app = app
        self._forms = forms
        self._key = key.encode() if key is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        public = scope["type"] != "http" or scope["path"] == DOCUMENT
        if public or self._allows(dict(scope["headers"]).get(b"x-api-key", b"")):
            await self._app(scope, receive, send)
        else:
            error = UnauthorizedError("The header X-API-KEY is missing or wrong")
            await _error(error, self._forms)(scope, receive, send)

    def _allows(self, given: bytes) -> bool:
        return bool(given) and (self._key is None or hmac.compare_digest(given, self._key))
