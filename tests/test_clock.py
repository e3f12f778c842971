"""The virtual time that asynchronous tests run on."""

import time
from socket import create_server

import anyio
import httpx
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

pytestmark = pytest.mark.anyio
HOUR_S = 3_600


async def test_a_wait_for_a_timer_is_over_at_once() -> None:
    began, real = anyio.current_time(), time.monotonic()
    await anyio.sleep(HOUR_S)
    assert anyio.current_time() - began == pytest.approx(HOUR_S)
    assert time.monotonic() - real < HOUR_S / 2


async def test_work_takes_no_time() -> None:
    began = anyio.current_time()
    time.sleep(0.01)  # noqa: ASYNC251 (the work)
    await checkpoint()
    assert anyio.current_time() == began


async def test_time_does_not_overtake_a_thread() -> None:
    with anyio.fail_after(HOUR_S):
        await to_thread.run_sync(time.sleep, 0.01)


async def test_time_does_not_overtake_a_socket() -> None:
    with create_server(("127.0.0.1", 0)) as silent:
        url = f"http://localhost:{silent.getsockname()[1]}"
        async with httpx.AsyncClient(timeout=httpx.Timeout(HOUR_S, read=0.01)) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(url)
