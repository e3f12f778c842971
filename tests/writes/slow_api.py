"""An API over TCP with a base of its own, which keeps one kind of request until it is released."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from tests.processes import Process, environment
from tests.scripted import RECORD
from tests.writes.scripts import WHOLE

INSIDE_S = 10.0
"""A loaded machine may need longer."""
Record = dict[str, JsonValue]


class SlowApi:
    """Requests of the method `kept` wait: before they are carried out, or else before their answer."""

    def __init__(self, kept: str, *, carried_out: bool) -> None:
        self.arrived, self.released = threading.Event(), threading.Event()
        self.methods: list[str] = []
        self.base: dict[str, Record] = {str(RECORD["id"]): WHOLE}
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                api.methods.append(self.command)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.command == kept and not carried_out:
                    api.keep()
                answer = json.dumps(api.carry_out(self.command, self.path, body)).encode()
                if self.command == kept and carried_out:
                    api.keep()
                with suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 (the names of the library)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the library)
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/api/v1"

    def keep(self) -> None:
        self.arrived.set()
        self.released.wait(INSIDE_S)

    def carry_out(self, method: str, path: str, body: bytes) -> JsonValue:
        customer = path.partition("?")[0].rpartition("/")[2]
        match method, customer:
            case "GET", "customers":
                meta: Record = {"page": 1, "perPage": 100, "totalItems": len(self.base)}
                return {"data": [*self.base.values()], "meta": meta}
            case "POST", "customer":
                return self._add("new", json.loads(body))
            case "POST", _:
                return [self._add(name, WHOLE | {"name": name}) for name in ("Boot A", "Boot B")]
            case "PATCH", _:
                self.base[customer] = self.base[customer] | json.loads(body)
            case "DELETE", _:
                self.base = {name: self.base[name] for name in self.base if name != customer}
                return {"succeed": True}
            case _:
                pass
        return self.base[customer]

    def _add(self, identity: str, given: Record) -> JsonValue:
        self.base[identity] = given | {"id": identity, "createdAt": "2026-02-03T04:05:06.000Z"}
        return self.base[identity]


@contextmanager
def slow_api(kept: str, *, carried_out: bool = True) -> Generator[SlowApi]:
    api = SlowApi(kept, carried_out=carried_out)
    thread = threading.Thread(target=api.server.serve_forever)
    thread.start()
    try:
        yield api
    finally:
        api.released.set()
        api.server.shutdown()
        thread.join()
        api.server.server_close()


@contextmanager
def in_the_middle(api: SlowApi, log: Path, tool: str, arguments: Record) -> Generator[Process]:
    """A real server on pipes, while the API keeps a request of its one call."""
    env = environment(FAKTOORA_API_KEY="any-key-4711", FAKTOORA_BASE_URL=api.url, FAKTOORA_AUDIT_LOG=str(log))
    with Process("serve", env=env) as server:
        server.initialize()
        params = cast("Record", {"name": tool, "arguments": arguments})
        server.send("tools/call", params, request_id=2)
        assert api.arrived.wait(INSIDE_S)
        yield server
