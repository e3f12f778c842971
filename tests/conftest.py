import gc

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", autouse=True)
def short_pauses() -> None:
    """What earlier modules left behind is not looked through again: such a pause ends a short look."""
    gc.collect()
    gc.freeze()
