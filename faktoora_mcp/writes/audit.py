"""The audit log: one JSON line per write that may have reached the API, on disk before it is answered."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from faktoora_mcp.errors import AuditUnavailable

ROOM_BYTES = 1_000_000
"""Less room on the disk stops writes: the line after a change must not be the one that finds it full."""
OWNER_ONLY = 0o600
NOT_RECORDED = "audit log: this change could not be recorded; tell the operator"


class AuditLog:
    """A file that only grows; several processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """AuditUnavailable where a line could not be written now."""
        try:
            with _opened(self._path):
                free = shutil.disk_usage(self._path.parent).free
        except OSError as exc:
            raise _unavailable(exc.strerror or str(exc)) from None
        if free < ROOM_BYTES:
            raise _unavailable("the disk is full")

    def append(self, entry: dict[str, object]) -> None:
        """Write one line and wait until the disk has it. OSError where it cannot be written."""
        text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        line = text.encode(errors="backslashreplace") + b"\n"
        with _opened(self._path) as file, _alone(file):
            if _torn(file):
                line = b"\n" + line
            if os.write(file, line) < len(line):
                raise OSError("only a part of the line was written")
            os.fsync(file)


@contextmanager
def _opened(path: Path) -> Generator[int]:
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            raise OSError("it is not a regular file")
        if sys.platform != "win32" and stat.S_IMODE(mode) != OWNER_ONLY:
            os.fchmod(file, OWNER_ONLY)
        yield file
    finally:
        os.close(file)


@contextmanager
def _alone(file: int) -> Generator[None]:
    """While other processes wait; Windows keeps appended lines whole without it."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _torn(file: int) -> bool:
    """Whether the last line was left without its end, by a process or a disk that failed."""
    length = os.fstat(file).st_size
    if not length:
        return False
    os.lseek(file, length - 1, os.SEEK_SET)
    return os.read(file, 1) != b"\n"


def _unavailable(reason: str) -> AuditUnavailable:
    return AuditUnavailable(
        f"The audit log cannot be written: {reason}. Nothing was sent.",
        advice="Tell the operator: without the log this server makes no changes.",
    )
