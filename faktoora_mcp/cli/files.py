"""Files that are written whole or not at all."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO


@contextmanager
def atomic_write(target: Path, mode: int | None = None) -> Generator[BinaryIO]:
    """A temporary file beside the target. It replaces the target at the end, and is removed after a failure.

    `mode` are the permissions of the new file; by default those of any new file. Raises OSError.
    """
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    created = 0o666 if mode is None else mode
    try:
        with open(part, "xb", opener=partial(os.open, mode=created)) as file:
            yield file
        if mode is not None:
            part.chmod(mode)  # exactly these, whatever the umask
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
