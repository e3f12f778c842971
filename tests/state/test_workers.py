"""Several processes behind one port: replaced when they die, stopped together, one server for the callers."""

import os
import signal
import sys
from pathlib import Path

import anyio
import httpx
import pytest

from tests.processes import DEADLINE_S, run, served_sandbox
from tests.remote.serving import caller
from tests.remote.test_stopping import process, stopped
from tests.scripted import ACME
from tests.state.redis_server import RedisServer
from tests.state.test_replicas import SECRETS

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


def workers_of(parent: int) -> set[int]:
    """The processes that serve."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("utf-8").split()
    return {int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


async def serving(url: str) -> None:
    """Until a process serves: its start takes a second, or more on a busy machine."""
    async with httpx.AsyncClient(timeout=DEADLINE_S) as client:
        await client.get(url.removesuffix("/mcp") + "/healthz")


async def test_a_worker_that_dies_is_replaced_and_its_successor_knows_what_was_done(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTOORA_STATE_KEYS", SECRETS)
    with (
        served_sandbox("--tenants") as api,
        process("--workers", "2", "--state", redis.url, "--base-url", api, "--max-writes", "1/h") as (
            parent,
            url,
        ),
    ):
        await serving(url)
        async with caller("auto", url) as agent:
            await agent.call("create_customer", customer=ACME)
        before = workers_of(parent.pid)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        await serving(url)
        async with caller("auto", url) as agent:
            error = await agent.fails("create_customer", customer=ACME, allow_duplicate=True)
        after = workers_of(parent.pid)
        rest = await anyio.to_thread.run_sync(stopped, parent)
    assert (len(before), before & after, error["code"]) == (2, set[int](), "write_limit")
    assert (rest, parent.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--sandbox", "--workers", "2"], "--workers above 1 needs --state"),
        (["--sandbox", "--workers", "2", "--state", "redis://127.0.0.1:9"], "customers of its own"),
        (["--workers", "2", "--metrics", "--state", "redis://127.0.0.1:9"], "count by itself"),
        (["--sandbox", "--state", "http://127.0.0.1:9"], "FAKTOORA_STATE: expected redis://"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    options: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTOORA_STATE_KEYS", SECRETS)
    done = run("serve", "--http", "--port", "0", *options)
    assert (done.returncode, reason in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ("", "--state needs FAKTOORA_STATE_KEYS"),
        ("too-short", "no secret is shorter than 32 characters"),
        (f"{SECRETS},{SECRETS}", "a secret is given twice"),
    ],
)
def test_secrets_that_cannot_be_used_are_refused_and_not_repeated(
    secrets: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTOORA_STATE_KEYS", secrets)
    done = run("serve", "--http", "--sandbox", "--port", "0", "--state", "redis://127.0.0.1:9")
    assert (done.returncode, reason in done.stderr) == (2, True)
    assert not secrets or secrets not in done.stderr
