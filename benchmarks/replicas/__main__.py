"""python -m benchmarks.replicas: three replicas serve 32 callers while replicas and the shared state die.

At the end no write is lost or doubled, every answer holds only its caller's customers, every error has a
reason, and 99.9 % of the reads succeeded. It needs haproxy and redis-server.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx

from benchmarks import machine

from .caller import Caller
from .incidents import incidents
from .stage import Plan, Stage, staged
from .verdict import Record, Run, problems, report

DIALECTS = ("documented", "current")
CALLERS = 32
PAGE = 100


async def played(dialect: str, seconds: float, folder: Path) -> Run:
    """One run in one form of the API."""
    async with staged(Plan(dialect=dialect), folder) as stage:
        began = time.monotonic()
        callers = [Caller(number, stage, began + seconds) for number in range(CALLERS)]
        async with asyncio.TaskGroup() as tasks:
            met = tasks.create_task(incidents(stage, began, seconds))
            for one in callers:
                tasks.create_task(one.live())
        return Run(callers, met.result(), {one.mark: await stored(stage, one.key) for one in callers})


async def stored(stage: Stage, key: str) -> list[Record]:
    """All customers under a key, read without the server."""
    found: list[Record] = []
    async with httpx.AsyncClient(headers={"X-API-KEY": key}) as http:
        while len(found) % PAGE == 0:
            page = len(found) // PAGE + 1
            body: Any = json.loads((await http.get(f"{stage.api}/customers?page={page}&perPage={PAGE}")).text)
            rows = cast("list[Record]", body if isinstance(body, list) else body["data"])
            found += rows
            if not rows:
                break
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """0 where nothing is wrong; otherwise 1, and what is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each run")
    parser.add_argument("--dialect", choices=DIALECTS, help="only this form of the API")
    parser.add_argument(
        "--speed", action="store_true", help="instead: calls a second of one and three replicas"
    )
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no process is left
    if given.speed:
        from .speed import main as measure

        return measure()
    wrong: list[str] = []
    _say(*machine.load_at_start())
    for dialect in [given.dialect] if given.dialect else DIALECTS:
        with TemporaryDirectory() as folder:
            run = asyncio.run(played(dialect, given.seconds, Path(folder)))
        _say(report(dialect, run))
        wrong += [f"{dialect}: {problem}" for problem in problems(run)]
    _say(*wrong or ["Nothing was lost, doubled or crossed."])
    return 1 if wrong else 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
