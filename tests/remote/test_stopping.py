"""A real process: what it prints, and how it ends."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import IO, cast

import anyio
import httpx
import pytest

from tests.agents import ERAS, Answer
from tests.processes import COMMAND, DEADLINE_S, environment
from tests.remote.inside import ACCEPT, request
from tests.remote.serving import KEYS, caller
from tests.scripted import ACME, page

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="no signals")]


STREAMS_LOOK_S = 1.0
"""After so long a library that streams answers has seen the signal, and could have cut them off."""


@contextmanager
def process(
    *options: str, command: Sequence[str] = COMMAND
) -> Generator[tuple[subprocess.Popen[bytes], str]]:
    """`serve --http` on a free port, and its address; in the sandbox unless there are options."""
    given = ["serve", "--http", "--port", "0", "--log-level", "warning", *(options or ["--sandbox"])]
    with subprocess.Popen([*command, *given], stderr=subprocess.PIPE, env=environment()) as started:
        try:
            first = cast("IO[bytes]", started.stderr).readline().decode()
            yield started, cast("re.Match[str]", re.search(r"http://\S+/mcp", first))[0]
        finally:
            started.kill()


def stopped(started: subprocess.Popen[bytes]) -> str:
    """What it wrote to stderr after its address, until it ended by SIGTERM."""
    started.send_signal(signal.SIGTERM)
    _, stderr = started.communicate(timeout=DEADLINE_S)
    return stderr.decode()


@pytest.mark.parametrize("era", ERAS)
async def test_it_answers_and_ends_with_nothing_to_complain_about(era: str) -> None:
    with process() as (started, url):
        async with caller(era, url) as someone:
            await someone.call("list_customers")
        assert (await anyio.to_thread.run_sync(stopped, started), started.returncode) == ("", 0)


async def test_as_json_every_line_on_stderr_is_an_object_also_those_of_the_audit_log() -> None:
    options = ("--sandbox", "--log-format", "json", "--log-level", "info", "--audit-log", "-")
    with process(*options) as (started, url):
        async with caller("auto", url) as someone:
            await someone.call("create_customer", customer=ACME)
        written = (await anyio.to_thread.run_sync(stopped, started)).splitlines()
    lines = [json.loads(line) for line in written]
    assert [line["event"] for line in lines if "event" in line] == ["intent", "outcome"]
    assert {tuple(line) for line in lines if "event" not in line} == {("time", "level", "logger", "message")}


class SlowApi:
    """An API that answers only when it is allowed to."""

    def __init__(self) -> None:
        self.asked, self.allowed = Event(), Event()
        self.url = ""

    @contextmanager
    def serving(self) -> Generator[None]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.set()
                api.allowed.wait(DEADLINE_S)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page().content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}/api/v1"
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield
            finally:
                self.allowed.set()
                server.shutdown()
                thread.join()


@pytest.mark.parametrize("era", ERAS)
async def test_a_call_that_is_running_gets_its_answer_before_the_end(era: str) -> None:
    api, answers = SlowApi(), list[Answer]()
    with api.serving(), process("--base-url", api.url) as (started, url):
        async with caller(era, url) as someone, anyio.create_task_group() as tasks:
            await someone.client.list_tools()  # its client would ask for the schemas afterwards

            async def call() -> None:
                answers.append(await someone.call("list_customers"))

            tasks.start_soon(call)
            await anyio.to_thread.run_sync(api.asked.wait, DEADLINE_S)
            started.send_signal(signal.SIGTERM)
            await anyio.to_thread.run_sync(time.sleep, STREAMS_LOOK_S)
            api.allowed.set()
        assert await anyio.to_thread.run_sync(started.wait, DEADLINE_S) == 0
    assert [answer["rows"] for answer in answers] == [[]]


async def test_nobody_can_keep_it_from_ending_by_listening() -> None:
    with process() as (_, url):
        async with httpx.AsyncClient(headers={"X-API-KEY": KEYS[0]}, timeout=DEADLINE_S) as client:
            headers, listen = request("subscriptions/listen", notifications={"toolsListChanged": True})
            refused = await client.post(url, json=listen, headers=headers | ACCEPT)
            streams = [await client.get(url, headers=ACCEPT), await client.delete(url)]
    assert refused.json()["error"]["code"] == -32601
    assert [(answer.status_code, answer.headers["Allow"]) for answer in streams] == [(405, "POST")] * 2
