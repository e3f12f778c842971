"""Many calls with a fixed number in flight."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def spread(call: Callable[[], Awaitable[object]], count: int, in_flight: int) -> list[float]:
    """Seconds that each call took."""
    left, seconds = iter(range(count)), list[float]()

    async def caller() -> None:
        for _ in left:
            started = time.perf_counter()
            await call()
            seconds.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(count, in_flight)):
            tasks.create_task(caller())
    return seconds
