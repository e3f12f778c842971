"""HAProxy as deploy/haproxy.cfg sets it up, before replicas that note what reaches them."""

import socket
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from benchmarks.replicas.stage import certificate, free_ports, proxy_command, proxy_environment
from tests.documents import ROOT
from tests.processes import DEADLINE_S, environment

pytestmark = [pytest.mark.outside, pytest.mark.anyio]
FORGED = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "http", "Forwarded": "for=10.1.2.3"}


class Replica:
    """It answers, or closes the connection once it has read a request; `seen` are the headers of requests."""

    def __init__(self, *, dies: bool = False) -> None:
        self.seen: list[dict[str, str]] = []
        self._dies = dies
        replica = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"alive")

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                replica.seen.append({name.lower(): value for name, value in self.headers.items()})
                if not replica._dies:
                    self._answer(b"done")

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    @contextmanager
    def serving(self) -> Generator[None]:
        thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


@contextmanager
def proxied(folder: Path, ports: Sequence[int]) -> Generator[httpx.Client]:
    """A client of the proxy before these ports."""
    with free_ports(1) as (port,):
        pass
    trust = certificate(folder)
    env = environment(**proxy_environment(folder, port))
    with subprocess.Popen(proxy_command(folder, ports), stdout=subprocess.DEVNULL, env=env) as process:
        try:
            _wait_for(port)
            with httpx.Client(base_url=f"https://localhost:{port}", verify=trust) as client:
                yield client
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the proxy does not listen")


def test_the_configuration_is_accepted_as_it_is(tmp_path: Path) -> None:
    certificate(tmp_path)
    env = environment(**proxy_environment(tmp_path, 8443), REPLICAS="localhost:8765")
    command = ["haproxy", "-c", "-f", str(ROOT / "deploy" / "haproxy.cfg")]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    assert "WARNING" not in done.stderr


def test_a_request_that_a_replica_has_read_is_never_sent_again(tmp_path: Path) -> None:
    first, second = Replica(dies=True), Replica(dies=True)
    with first.serving(), second.serving(), proxied(tmp_path, [first.port, second.port]) as client:
        assert client.post("/mcp", json={}).status_code == 502
    assert len(first.seen) + len(second.seen) == 1


def test_a_refused_connection_leads_to_the_next_replica(tmp_path: Path) -> None:
    replica = Replica()
    with free_ports(1) as (nobody,):
        pass
    with replica.serving(), proxied(tmp_path, [nobody, replica.port]) as client:
        answers = [client.post("/mcp", json={}).status_code for _ in range(4)]
    assert (answers, len(replica.seen)) == ([200] * 4, 4)


def test_where_no_replica_is_there_the_proxy_says_so(tmp_path: Path) -> None:
    with free_ports(2) as ports:
        pass
    with proxied(tmp_path, ports) as client:
        assert client.post("/mcp", json={}).status_code == 503


def test_what_a_client_says_about_its_own_address_does_not_pass(tmp_path: Path) -> None:
    replica = Replica()
    with replica.serving(), proxied(tmp_path, [replica.port]) as client:
        client.post("/mcp", json={}, headers=FORGED)
    (seen,) = replica.seen
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"], seen.get("forwarded")) == (
        "127.0.0.1",
        "https",
        None,
    )


def test_metrics_and_readiness_are_kept_from_the_internet(tmp_path: Path) -> None:
    replica = Replica()
    with replica.serving(), proxied(tmp_path, [replica.port]) as client:
        paths = ("/metrics", "/readyz", "/healthz", "/mcp/server-card", "/.well-known/ai-catalog.json")
        found = {path: client.get(path).status_code for path in paths}
    assert found == dict(zip(paths, (404, 404, 200, 200, 200), strict=True))


def test_one_address_may_have_200_connections(tmp_path: Path) -> None:
    replica = Replica()
    with replica.serving(), proxied(tmp_path, [replica.port]) as client, ExitStack() as stack:
        address = ("127.0.0.1", client.base_url.port or 0)
        held = [stack.enter_context(socket.create_connection(address)) for _ in range(201)]
        held[-1].settimeout(DEADLINE_S)
        with pytest.raises(ConnectionResetError):
            held[-1].recv(1)
        held[0].setblocking(False)  # noqa: FBT003 (the library's parameter)
        with pytest.raises(BlockingIOError):
            held[0].recv(1)
