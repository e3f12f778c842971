"""What comes before every command: no garbage collection during imports, and output in UTF-8."""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Generator[None]:
    """No garbage collection inside; later collections skip every object that exists by then.

    Imported objects stay, so a collection finds nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def use_utf8() -> None:
    """Print UTF-8 whatever the locale or code page, so that every character can be printed."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="replace")
