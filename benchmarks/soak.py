"""python -m benchmarks.soak: mixed calls for a long time, while the API fails, commits late and restarts.

At the end memory, descriptors and threads are as in the beginning, and what was claimed is what is stored.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx

from benchmarks.claims import Claim, disagreements
from benchmarks.machine import rss_mb
from benchmarks.pipes import Peer, spawned
from benchmarks.soak_api import Api
from faktoora_mcp.sandbox.forms import Dialect

CALLERS, RESTART_S, SETTLED = 6, 20.0, 0.5
GROWTH_MB, MORE_HANDLES = 20.0, 12
KEY = "soaking-key-4711"
DIALECTS: tuple[Dialect, ...] = ("documented", "current")
ALLOWED = frozenset({
    *("outcome_unknown", "not_created", "upstream_error", "upstream_unreadable", "timeout", "unreachable"),
    *("rate_limited", "busy", "not_found", "duplicate", "conflict"),
})  # fmt: skip
"""How calls may end when the API has faults."""
READS: list[tuple[str, dict[str, object]]] = [
    ("list_customers", {"keywords": ["gmbh"]}),
    ("list_customers", {"per_page": 50, "fields": ["name", "city", "note"]}),
    ("query_customers", {"group_by": ["city"]}),
    ("verify_customer_number", {"number": "CUST-0001"}),
    ("generate_customer_number", {}),
    ("find_duplicate_customers", {}),
    ("get_customer", {"number": "CUST-0002"}),
]


@dataclass(frozen=True, slots=True)
class Use:
    memory_mb: float
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Use":
        proc = Path(f"/proc/{pid}")
        return cls(rss_mb(pid), len([*(proc / "fd").iterdir()]), len([*(proc / "task").iterdir()]))


@dataclass(slots=True)
class Soak:
    """One run: its calls by their ends, and its claims."""

    peer: Peer
    ends_at: float
    ended: Counter[str] = field(default_factory=Counter[str])
    claims: list[Claim] = field(default_factory=list[Claim])

    async def caller(self, number: int) -> None:
        choose = random.Random(number)  # noqa: S311 (a repeatable choice)
        while time.monotonic() < self.ends_at:
            if choose.random() < 0.6:  # noqa: PLR2004 (most calls read)
                await self.call(*choose.choice(READS))
            else:
                await self.life(choose, f"{number}-{len(self.claims)}")

    async def warm_up(self) -> None:
        """Every caller calls every tool, so that all is loaded and as much is held as at any time."""
        for read in READS:
            await asyncio.gather(*(self.call(*read) for _ in range(CALLERS)))

    async def life(self, choose: random.Random, tag: str) -> None:
        """A customer is created, perhaps changed, perhaps deleted."""
        claim = Claim(f"soak {tag}")
        self.claims.append(claim)
        error, answer = await self.call("create_customer", {"customer": _customer(tag, claim.tag)})
        claim.created(error, "" if error else str(answer["customer"]["id"]))
        if error:
            return
        for step in range(choose.randrange(3)):
            changes = {"id": claim.id, "changes": {"note": f"note {step}"}}
            claim.updated(f"note {step}", (await self.call("update_customer", changes))[0])
        if choose.random() < 0.4:  # noqa: PLR2004 (some stay)
            confirmed = {"id": claim.id, "confirm": _name(tag)}
            claim.deleted((await self.call("delete_customer", confirmed))[0])

    async def call(self, tool: str, arguments: Mapping[str, object]) -> tuple[str, Any]:
        """The code of the error, or an empty text; and the answer."""
        result: Any = await self.peer.result("tools/call", {"name": tool, "arguments": arguments})
        told = json.loads(result["content"][0]["text"])
        error = str(told["error"]["code"]) if result.get("isError") else ""
        self.ended[f"{tool}: {error}" if error and error not in ALLOWED else error or "done"] += 1
        return error, told


def _name(tag: str) -> str:
    return f"{tag.replace('-', ' ')} Dauerlauf GmbH"


def _customer(tag: str, category: str) -> Mapping[str, object]:
    where = {"address": f"Weg {tag}", "postcode": "10115", "city": "Berlin", "country": "DE"}
    return {
        "isCompany": True,
        "name": _name(tag),
        "email": f"{tag}@example.com",
        "category": category,
    } | where


async def _restarts(api: Api, ends_at: float) -> None:
    while time.monotonic() + RESTART_S < ends_at:
        await asyncio.sleep(RESTART_S)
        await asyncio.to_thread(api.restart, 0.5)


async def soaked(dialect: Dialect, seconds: float, folder: Path) -> list[str]:
    """What is wrong after a run in one form of the API; prints its figures."""
    api = Api(folder / "customers.sqlite", dialect)
    env = {
        **os.environ, "FAKTOORA_BASE_URL": api.url, "FAKTOORA_API_KEY": KEY, "FAKTOORA_TIMEOUT_S": "5",
        "FAKTOORA_RECONCILE_S": "4", "FAKTOORA_AUDIT_LOG": str(folder / "audit.jsonl"),
    }  # fmt: skip
    try:
        async with spawned([sys.executable, "-m", "faktoora_mcp", "serve"], env) as peer:
            await peer.initialize()
            soak = Soak(peer, time.monotonic() + seconds)
            await soak.warm_up()
            running = [soak.caller(number) for number in range(CALLERS)]
            settled, *_ = await asyncio.gather(
                _used_after(peer, seconds * SETTLED), _restarts(api, soak.ends_at), *running
            )
            await asyncio.to_thread(api.calm)
            stored = await _stored(api.url)
            return _judged(dialect, soak, cast("Use", settled), Use.of(peer.pid), stored)
    finally:
        api.stop()


async def _used_after(peer: Peer, seconds: float) -> Use:
    await asyncio.sleep(seconds)
    return Use.of(peer.pid)


async def _stored(url: str) -> list[dict[str, Any]]:
    """All customers, read without the server."""
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(headers={"X-API-KEY": KEY}) as http:
        await http.get(f"{url}/customers")
        while True:
            page = len(found) // 100 + 1
            body: Any = (await http.get(f"{url}/customers?page={page}&perPage=100")).json()
            rows = cast("list[dict[str, Any]]", body if isinstance(body, list) else body["data"])
            found += rows
            if len(rows) < 100:  # noqa: PLR2004 (the last page)
                return found


def _judged(dialect: str, soak: Soak, settled: Use, end: Use, stored: Sequence[dict[str, Any]]) -> list[str]:
    print(f"{dialect}: {soak.ended.total():,} calls {dict(soak.ended.most_common())}")  # noqa: T201 (its report)
    print(f"  settled {settled}\n  end     {end}\n  {len(soak.claims):,} claims, {len(stored):,} stored")  # noqa: T201 (its report)
    problems = disagreements(soak.claims, stored)
    problems += [
        f"{count} calls ended in {code}"
        for code, count in soak.ended.items()
        if code not in {*ALLOWED, "done"}
    ]
    if end.memory_mb - settled.memory_mb > GROWTH_MB:
        problems.append("memory grew")
    if end.descriptors - settled.descriptors > MORE_HANDLES or end.threads - settled.threads > MORE_HANDLES:
        problems.append("descriptors or threads are left")
    return [f"{dialect}: {problem}" for problem in problems]


def main() -> int:
    """0 where everything agrees; otherwise 1, and what does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="in all, half for each form of the API")
    logging.disable(logging.CRITICAL)  # uvicorn tells each connection that is broken on purpose
    seconds = parser.parse_args().minutes * 60 / len(DIALECTS)
    problems: list[str] = []
    for dialect in DIALECTS:
        with TemporaryDirectory() as folder:
            problems += asyncio.run(soaked(dialect, seconds, Path(folder)))
    print("\n".join(problems) or "Claims and stored customers agree; nothing was left behind.")  # noqa: T201 (its report)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
