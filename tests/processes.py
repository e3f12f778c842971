"""The program as its users start it: a real process, spoken to over pipes."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self, cast

from pydantic import JsonValue

CALLER = dict(os.environ)
"""The environment in which the tests run: for pip, npm and pyright, which need a network or a cache."""
KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "CI", "SNAPSHOTS", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP")
"""What a program needs; the last four on Windows."""
FIXED = {"LANG": "C.UTF-8", "TZ": "UTC"}
COMMAND = (sys.executable, "-m", "faktoora_mcp")
LEGACY, MODERN = "2025-11-25", "2026-07-28"
DEADLINE_S = 30


def clean(caller: Mapping[str, str], **given: str) -> dict[str, str]:
    """An environment in which no variable of the caller changes what a program does."""
    kept = {name: caller[name] for name in caller if name in KEPT or name.startswith("PYTEST_")}
    return kept | FIXED | given


def environment(**given: str) -> dict[str, str]:
    """The environment of the tests, which `conftest` has cleaned, and these variables."""
    return {**os.environ, **given}


def run(
    *arguments: str, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=env or environment(),
        timeout=DEADLINE_S,
        check=False,
    )


def output(
    *command: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
    deadline_s: int = 2 * DEADLINE_S,
) -> str:
    """What a program prints; it has to end with one of the codes."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=env or environment(),
        timeout=deadline_s,
        check=False,
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


@contextmanager
def served_sandbox(*arguments: str) -> Generator[str]:
    """The address of a sandbox as `faktoora-mcp sandbox` serves it, on a free port."""
    command = [*COMMAND, "sandbox", "--port", "0", *arguments]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        try:
            first = cast("IO[bytes]", process.stdout).readline().decode()
            yield cast("re.Match[str]", re.search(r"http://127\.0\.0\.1:[0-9]+/api/v1", first))[0]
        finally:
            process.send_signal(signal.SIGINT)


class Process:
    """`serve` on pipes; `start` may replace the command, for example to give it another process id."""

    def __init__(
        self, *arguments: str, env: Mapping[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> None:
        self._stderr = TemporaryFile()  # noqa: SIM115 (closed at the end; a full pipe would stop the process)
        self.process = subprocess.Popen(
            [*prefix, *COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=env or environment(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._stderr):
            cast("IO[bytes]", stream).close()

    def send(self, method: str, params: Mapping[str, object], request_id: int = 1) -> None:
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        stdin = cast("IO[bytes]", self.process.stdin)
        stdin.write(json.dumps(message).encode() + b"\n")
        stdin.flush()

    def receive(self) -> dict[str, JsonValue]:
        return cast("dict[str, JsonValue]", json.loads(cast("IO[bytes]", self.process.stdout).readline()))

    def initialize(self) -> dict[str, JsonValue]:
        client = {"name": "test", "version": "1"}
        self.send("initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client})
        return cast("dict[str, JsonValue]", self.receive()["result"])

    def end_of_input(self) -> None:
        cast("IO[bytes]", self.process.stdin).close()

    def stderr(self) -> str:
        """All that it wrote, once it has ended."""
        self.process.wait(DEADLINE_S)
        self._stderr.seek(0)
        return self._stderr.read().decode()
