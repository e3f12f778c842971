"""The program at a terminal of a given width, as a person sees it."""

import os
import subprocess
from pathlib import Path

from tests.processes import COMMAND, DEADLINE_S, environment


def at_terminal(*arguments: str, columns: int = 80, cwd: Path | None = None, **env: str) -> tuple[int, str]:
    """Exit code, and all that the terminal got from stdout and stderr."""
    import pty

    ours, theirs = pty.openpty()
    command = [*COMMAND, *arguments]
    given = environment(COLUMNS=str(columns), TERM="xterm", **env)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=given, cwd=cwd
    ) as process:
        os.close(theirs)
        text = _all_of(ours)
        return process.wait(DEADLINE_S), text.replace("\r\n", "\n")


def _all_of(terminal: int) -> str:
    read = bytearray()
    try:
        while chunk := os.read(terminal, 65_536):
            read += chunk
    except OSError:  # the last process at the terminal is gone
        pass
    os.close(terminal)
    return read.decode()
