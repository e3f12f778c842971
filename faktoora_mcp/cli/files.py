"""Files that are written whole or not at all, and backups of them."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from glob import escape
from itertools import chain, count
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

PART = ".part"
LEFT_S = 3600

PRIVATE = 0o600


@contextmanager
def atomic_write(target: Path, mode: int | None = None) -> Generator[BinaryIO]:
    """A temporary file beside the target. It replaces the target at the end, and is removed after a failure.

    What a process left that was killed is removed as soon as nobody has written to it for an hour.
    `mode` are the permissions of the new file; by default those of any new file. Raises OSError.
    """
    _remove_leftovers(target)
    part = target.with_name(f".{_beginning(target)}.{token_hex(4)}{PART}")
    created = 0o666 if mode is None else mode
    try:
        with open(part, "xb", opener=partial(os.open, mode=created)) as file:
            yield file
        if mode is not None:
            part.chmod(mode)  # exactly these, whatever the umask
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _remove_leftovers(target: Path) -> None:
    for part in target.parent.glob(f".{escape(_beginning(target))}.*{PART}"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > LEFT_S:
                part.unlink()


def _beginning(target: Path) -> str:
    """So much of its name as leaves room for more, whatever bytes the characters take."""
    return target.name[:50]


def keep_backup(path: Path, content: bytes) -> Path:
    """A new backup, `FILE.bak` or with a number, so that none is replaced; for its owner only. OSError."""
    names = (f"{path.name}.bak{number}" for number in chain([""], map(".{}".format, count(2))))
    backup = next(one for one in map(path.with_name, names) if not one.exists())
    with atomic_write(backup, PRIVATE) as file:
        file.write(content)
    return backup
