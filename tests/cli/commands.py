"""Commands run in this process, on pipes or at a terminal: exit code and output."""

import logging
import os
import signal
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from threading import Thread
from unittest.mock import patch

from faktoora_mcp.cli import main
from tests.processes import environment

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, stdin: str = "", encoding: str = "utf-8", **env: str) -> Done:
    """Run a command to its end on pipes; `encoding` is what the locale says."""
    out, err = BytesIO(), BytesIO()
    with ExitStack() as stack:
        stack.enter_context(_surroundings(environment(**env)))
        stack.enter_context(patch.object(sys, "stdin", TextIOWrapper(BytesIO(stdin.encode()), "utf-8")))
        stack.enter_context(redirect_stdout(TextIOWrapper(out, encoding, write_through=True)))
        stack.enter_context(redirect_stderr(TextIOWrapper(err, encoding, write_through=True)))
        code = main.run(arguments)
        return Done(code, out.getvalue().decode(), err.getvalue().decode())


def run_at_terminal(
    *arguments: str, columns: int = 80, cwd: Path | None = None, typed: str | None = None, **env: str
) -> tuple[int, str]:
    """Exit code, and all that a terminal of this width got from stdout and stderr; `typed` is typed there."""
    import pty

    ours, theirs = pty.openpty()
    shown = bytearray()
    reader = Thread(target=_read_all, args=(ours, shown))
    reader.start()
    with ExitStack() as stack:
        stack.callback(os.close, ours)
        stack.callback(reader.join)
        terminal = stack.enter_context(os.fdopen(theirs, "w", encoding="utf-8"))
        given = {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": ""} | env
        stack.enter_context(_surroundings(environment(**given), cwd))
        stack.enter_context(redirect_stdout(terminal))
        stack.enter_context(redirect_stderr(terminal))
        if typed is not None:
            os.write(ours, typed.encode())
            stdin = stack.enter_context(os.fdopen(os.dup(theirs), encoding="utf-8"))
            stack.enter_context(patch.object(sys, "stdin", stdin))
        code = main.run(arguments)
    return code, shown.decode().replace("\r\n", "\n")


@contextmanager
def _surroundings(env: Mapping[str, str], cwd: Path | None = None) -> Generator[None]:
    """This environment and folder; what a command changes in the process is put back."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    logger = logging.getLogger("faktoora_mcp")
    level = logger.level
    try:
        with patch.dict(os.environ, env, clear=True), chdir(cwd or Path.cwd()):
            yield
    finally:
        logger.setLevel(level)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _read_all(terminal: int, shown: bytearray) -> None:
    try:
        while chunk := os.read(terminal, 65_536):
            shown += chunk
    except OSError:  # the other end is closed
        pass
