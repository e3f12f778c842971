"""The audit log: a line of JSON before a write is sent, one with its outcome, both on disk at once."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast
from uuid import uuid4

from faktoora_mcp.errors import AuditUnavailable
from faktoora_mcp.rules.findings import found
from faktoora_mcp.text import masked, without_key

MIN_FREE_BYTES = 1_000_000
"""Less free space stops writes: the outcome of a change must not be the line that finds the disk full."""
OWNER_ONLY = 0o600
STDERR = "-"
NOT_RECORDED = found("not_recorded", "audit log")
Line = dict[str, object]


def write_id() -> str:
    """Ties the lines of one write, or of one call that makes many, together."""
    return uuid4().hex[:12]


@dataclass(frozen=True, slots=True)
class Batch:
    """One call that makes many writes: its tool, the time by which they end, its id."""

    tool: str
    deadline: float
    id: str = field(default_factory=write_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """What both lines of a write say: which tool, on which customer, of which account, for which client.

    `call` is the id and the tool of a call that makes many writes.
    """

    tool: str
    customer_id: str | None
    account: str | None
    client: str | None
    call: tuple[str, str] | None = None

    @staticmethod
    def time() -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds")

    def line(self, event: str, write: str) -> Line:
        return {
            "time": self.time(),
            "event": event,
            "write": write,
            **(dict(zip(("call", "callTool"), self.call, strict=True)) if self.call else {}),
            "account": self.account,
            "client": self.client,
            "tool": self.tool,
            "id": self.customer_id,
        }


class Unfinished(NamedTuple):
    """The intents without an outcome, oldest first, and the number of lines that are not whole."""

    intents: list[Line]
    torn_lines: int


def unfinished(path: Path) -> Unfinished:
    """What a crash left in a log. A torn line may have been an outcome. OSError."""
    open_writes: dict[str, Line] = {}
    torn_lines = 0
    for line in _lines(path):
        if line is None:
            torn_lines += 1
        elif line.get("event") == "intent":
            open_writes[str(line.get("write"))] = line
        else:
            open_writes.pop(str(line.get("write")), None)
    return Unfinished([*open_writes.values()], torn_lines)


def outcomes(path: Path) -> Iterator[Line]:
    """The lines with the outcomes of writes, oldest first. OSError."""
    return (line for line in _lines(path) if line is not None and line.get("event") == "outcome")


def _lines(path: Path) -> Iterator[Line | None]:
    """Every line but blank ones; None for one that is not whole."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in filter(str.strip, file):
            try:
                line: object = json.loads(text)
            except ValueError:
                line = None
            yield cast("Line", line) if isinstance(line, dict) else None


class AuditLog:
    """A file that only grows, which several processes may share; stderr, by "-"; or both, by "FILE,-"."""

    def __init__(self, target: Path, key: str = "") -> None:
        """No line shows the key, whatever the API has in its records."""
        self._path, self._on_stderr = _places(target)
        self._key = key

    def check(self) -> None:
        """AuditUnavailable where a line could not be written now."""
        if self._path is None:
            return
        try:
            with _opened(self._path):
                free = shutil.disk_usage(self._path.parent).free
        except OSError as exc:
            raise _unavailable(exc.strerror or str(exc)) from None
        if free < MIN_FREE_BYTES:
            raise _unavailable("the disk is full")

    def record_intent(self, line: Line) -> None:
        """AuditUnavailable where the line could not be written: then nothing may be sent."""
        try:
            self.append(line)
        except OSError as exc:
            raise _unavailable(exc.strerror or str(exc)) from None

    def append(self, line: Line) -> None:
        """Write one line and wait until the disk has it. OSError where it cannot be written."""
        text = _json(line)
        if self._key and masked(text, self._key) != text:
            text = _json(without_key(json.loads(text), self._key))
        data = text.encode(errors="backslashreplace") + b"\n"
        if self._on_stderr:
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()
        if self._path is not None:
            _append(self._path, data)


def _places(target: Path) -> tuple[Path | None, bool]:
    """The file, if any, and whether the lines go to stderr."""
    text = str(target)
    if text == STDERR:
        return None, True
    return Path(text.removesuffix(f",{STDERR}")), text.endswith(f",{STDERR}")


def _append(path: Path, data: bytes) -> None:
    with _opened(path) as file, _locked(file):
        if _is_torn(file):
            data = b"\n" + data
        if os.write(file, data) < len(data):
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
def _locked(file: int) -> Generator[None]:
    """Other processes wait; Windows keeps appended lines whole without a lock."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _is_torn(file: int) -> bool:
    """Whether the last line lacks its end, after a crash or a full disk."""
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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
