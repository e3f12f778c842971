"""Garbage collection is off during imports: imported objects stay, so a collection finds nothing."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Generator[None]:
    """No garbage collection inside; later collections skip every object that exists by then."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
