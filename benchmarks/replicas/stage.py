"""Replicas behind HAProxy, and the state and the API that they share: processes that die and come back.

The proxy runs by deploy/haproxy.cfg, replicas and state by the commands of deploy/compose.yaml.
"""

import asyncio
import os
import signal
import socket
import ssl
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import trustme
import yaml

from benchmarks.pipes import ROOT

DEPLOY = ROOT / "deploy"
START_S, POLL_S = 30.0, 0.02
TIMES = {"FAKTOORA_CALL_S": "20", "FAKTOORA_RECONCILE_S": "5"}
"""A tool call has less time here: who waits for what a dead replica held gets an answer before the end."""
OURS = (sys.executable, "-m", "faktoora_mcp")


@dataclass
class Program:
    """One process at a port, started by the same command each time."""

    name: str
    command: Sequence[str]
    port: int
    log: Path
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    _process: Process | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Until it listens. RuntimeError with its log where it does not."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdin=DEVNULL, stdout=log, stderr=log, env={**os.environ, **self.env}, cwd=ROOT
            )
        for _ in range(int(START_S / POLL_S)):
            if _listens(self.port):
                return
            if self._process.returncode is not None:
                break
            await asyncio.sleep(POLL_S)
        raise RuntimeError(f"{self.name} did not start: {self.log.read_text(errors='replace')[-2000:]}")

    async def end(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Stage:
    url: str
    api: str
    trust: ssl.SSLContext
    replicas: Sequence[Program]
    state: Program | None
    everything: Sequence[Program]


@dataclass(frozen=True)
class Plan:
    """How many replicas; `dialect` of a sandbox with a base for each key, or the address of another API."""

    replicas: int = 3
    dialect: str = "documented"
    api: str = ""
    with_state: bool = True


@asynccontextmanager
async def staged(plan: Plan, folder: Path) -> AsyncGenerator[Stage]:
    """All of it, started; ended by signals at the end."""
    with free_ports(plan.replicas + 3) as (proxy, state, api, *others):
        pass
    trust = certificate(folder)
    sandbox = Program("sandbox", _sandbox(plan.dialect, api), api, folder / "sandbox.log")
    redis = Program("state", _redis(folder, state), state, folder / "state.log")
    env = _environment(plan.api or f"http://127.0.0.1:{api}/api/v1", state if plan.with_state else None)
    replicas = [
        Program(f"replica {number}", _replica(port), port, folder / f"replica-{number}.log", env)
        for number, port in enumerate(others, 1)
    ]
    balancer = Program(
        "proxy", proxy_command(folder, others), proxy, folder / "proxy.log", proxy_environment(folder, proxy)
    )
    programs = [
        *([] if plan.api else [sandbox]), *([redis] if plan.with_state else []), *replicas, balancer,
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        for program in programs:
            stack.push_async_callback(program.end, signal.SIGKILL)
            await program.start()
        await asyncio.sleep(1.5)  # until the proxy has seen every replica alive
        url = f"https://localhost:{proxy}/mcp"
        yield Stage(
            url, env["FAKTOORA_BASE_URL"], trust, replicas, redis if plan.with_state else None, programs
        )


@contextmanager
def free_ports(count: int) -> Generator[list[int]]:
    """Ports that nobody uses; they are held while the block runs."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        yield [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def certificate(folder: Path) -> ssl.SSLContext:
    """Make the proxy's certificate; what a client needs to trust it."""
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "proxy.pem")
    trust = ssl.create_default_context()
    trust.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
    return trust


def _services() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]


def _sandbox(dialect: str, port: int) -> list[str]:
    tenants = ("sandbox", "--tenants", "--customers", "0", "--dialect", dialect)
    return [*OURS, *tenants, "--port", str(port)]


def _redis(folder: Path, port: int) -> list[str]:
    options = [str(word) for word in _services()["state"]["command"][1:]]
    here = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    return ["redis-server", *options, *here]


def _replica(port: int) -> list[str]:
    elsewhere = ("--host", "--port", "--trusted-proxy")
    options = [str(word) for word in _services()["replicas"]["command"]]
    kept = [word for word in options if not word.startswith(elsewhere)]
    return [*OURS, "serve", *kept, "--port", str(port), "--trusted-proxy", "127.0.0.1"]


def _environment(api: str, state: int | None) -> dict[str, str]:
    shared = (
        {"FAKTOORA_STATE": f"redis://127.0.0.1:{state}/0", "FAKTOORA_STATE_KEYS": token_hex(32)}
        if state
        else {}
    )
    return {"FAKTOORA_BASE_URL": api, "FAKTOORA_LOG_LEVEL": "warning"} | TIMES | shared


def proxy_command(folder: Path, ports: Sequence[int]) -> list[str]:
    """The proxy by its own configuration, except that here every replica has a port of its own."""
    lines = (DEPLOY / "haproxy.cfg").read_text("utf-8").splitlines()
    (template,) = (line for line in lines if line.strip().startswith("server-template"))
    servers = [f"    server replica{number} 127.0.0.1:{port}" for number, port in enumerate(ports, 1)]
    at = lines.index(template)
    text = "\n".join([*lines[:at], *servers, *lines[at + 1 :], ""])
    (folder / "haproxy.cfg").write_text(text, "utf-8")
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def proxy_environment(folder: Path, port: int) -> dict[str, str]:
    """The variables of the proxy's configuration."""
    return {"LISTEN": f"127.0.0.1:{port}", "CERTIFICATE": str(folder / "proxy.pem"), "ENDPOINT": "/mcp"}
