"""A real process: what it prints, and how it ends."""

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, cast

import anyio
import httpx
import pytest

from tests.agents import ERAS
from tests.processes import COMMAND, DEADLINE_S, environment
from tests.remote.inside import ACCEPT, request
from tests.remote.serving import KEYS, caller

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="no signals")]


@contextmanager
def process() -> Generator[tuple[subprocess.Popen[bytes], str]]:
    """`serve --http` on a free port, and its address."""
    command = [*COMMAND, "serve", "--http", "--sandbox", "--port", "0", "--log-level", "warning"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment()) as started:
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


async def test_nobody_can_keep_it_from_ending_by_listening() -> None:
    with process() as (_, url):
        async with httpx.AsyncClient(headers={"X-API-KEY": KEYS[0]}, timeout=DEADLINE_S) as client:
            headers, listen = request("subscriptions/listen", notifications={"toolsListChanged": True})
            refused = await client.post(url, json=listen, headers=headers | ACCEPT)
            streams = [await client.get(url, headers=ACCEPT), await client.delete(url)]
    assert refused.json()["error"]["code"] == -32601
    assert [(answer.status_code, answer.headers["Allow"]) for answer in streams] == [(405, "POST")] * 2
