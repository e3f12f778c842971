"""What dies during a run, and when it is back."""

import asyncio
import signal
import time
from dataclasses import dataclass
from typing import Literal

from .stage import Program, Stage

DOWN_S = 1.0
"""So long an orchestrator takes to start a replica again."""
STATE_DOWN_S = 3.0


@dataclass(frozen=True, slots=True)
class Incident:
    """`began`: the signal was sent; `ended`: the process listens again. Seconds of the monotonic clock."""

    kind: Literal["killed", "restarted", "state killed"]
    began: float
    ended: float


async def incidents(stage: Stage, began: float, seconds: float) -> list[Incident]:
    """One replica killed, another restarted as an orchestrator does, then the state killed."""
    first, second, *_ = stage.replicas
    found: list[Incident] = []
    await _until(began + 0.2 * seconds)
    found.append(await _struck("killed", first, signal.SIGKILL, DOWN_S))
    await _until(began + 0.45 * seconds)
    found.append(await _struck("restarted", second, signal.SIGTERM, 0))
    await _until(began + 0.7 * seconds)
    if stage.state:
        found.append(await _struck("state killed", stage.state, signal.SIGKILL, STATE_DOWN_S))
    return found


async def _struck(
    kind: Literal["killed", "restarted", "state killed"],
    program: Program,
    number: signal.Signals,
    down_s: float,
) -> Incident:
    began = time.monotonic()
    await program.end(number)
    await asyncio.sleep(down_s)
    await program.start()
    return Incident(kind, began, time.monotonic())


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
